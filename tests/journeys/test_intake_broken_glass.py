"""An emergency: who may open a record on their own word, and who hears of it at once."""

from tests.journeys.test_intake_erasure import arrived, told
from tests.support.matching import good
from tests.support.region import Region
from tests.support.waiting import until

WHY = "Found unconscious at the station; the hospital asks whom to call."


async def test_owner_and_auditor_hear_of_it_at_once_and_it_can_be_ended(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    sigrid, aud = await region.as_("sigrid"), await region.as_("aud")
    record = await arrived(jonas)
    path = f"/v1/participants/{record['id']}"
    await region.settled()
    assert (await ken.get("intake", path)).status_code == 404
    body = {"reference": record["reference"], "categories": ["identity", "contact"], "reason": WHY}
    for wrong in ({"hours": 48}, {"reason": "urgent"}, {"categories": ["profile"]}):
        assert (await ken.post("intake", "/v1/break-glass", body | wrong)).status_code == 422
    grant = good(await ken.post("intake", "/v1/break-glass", body), 201)
    assert (grant["basis"], grant["recorded_how"]) == ("vital-interest", "broke-glass")
    seen = good(await ken.get("intake", path))
    assert seen["contact"]["phone"] == "+49 30 5550199"
    assert (await ken.get("intake", f"{path}/profile")).status_code == 403, "no more than was opened"
    await region.settled()
    for person in (jonas, sigrid, aud):

        async def heard(person: object = person) -> bool:
            items = await told(person, "glass-broken")  # type: ignore[arg-type]
            return any(one["participant"] == record["id"] for one in items)

        await until(heard, "owner and auditor are told", within=30)
    for person in (jonas, aud):
        assert good(await person.get("intake", f"/v1/grants/{grant['id']}/reason"))["reason"] == WHY
    good(await jonas.post("intake", f"/v1/grants/{grant['id']}/end", {"why": "revoked"}))
    assert (await ken.get("intake", path)).status_code == 404


async def test_who_may_not(region: Region) -> None:
    record = await arrived(await region.as_("jonas"))
    body = {"reference": record["reference"], "categories": ["identity"], "reason": WHY}
    for who in ("vera", "hanna", "aud", "opal", "paul"):
        person = await region.as_(who)
        assert (await person.post("intake", "/v1/break-glass", body)).status_code in (403, 404), who
