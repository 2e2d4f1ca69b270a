"""Everything that is held about somebody, in the person's own hands and in nobody else's; and all who have looked."""

import json
from uuid import UUID

import pytest

from infra.chassis import held
from infra.onebox.services import all_services
from tests.journeys.test_intake_erasure import arrived
from tests.support.arrivals import granted
from tests.support.matching import good
from tests.support.referring import NOTE, refer
from tests.support.region import Region


async def test_the_copy_holds_every_word_and_only_the_person_gets_it(region: Region) -> None:
    jonas, ken, aud = await region.as_("jonas"), await region.as_("ken"), await region.as_("aud")
    record = await arrived(jonas)
    person = record["id"]
    await granted(jonas, UUID(person), "family-advice", "identity", "contact", "barriers.family")
    await region.settled()
    referral = (await refer(jonas, person, receiver="family-advice"))["id"]
    good(await ken.get("intake", f"/v1/participants/{person}"))
    good(await ken.get("referrals", f"/v1/referrals/{referral}"))
    await region.settled()
    login = good(await jonas.post("intake", f"/v1/participants/{person}/login-code"), 201)
    amal = await region.as_(login["reference"], login["code"])

    copies = {}
    for service in region.box.settings:
        path = f"/v1/participants/{person}/own-data"
        copies[service] = good(await amal.get(service, path))
        for other in (jonas, ken, aud):
            assert (await other.get(service, path)).status_code in (403, 404), "no member of staff may see all of it"
    assert copies["intake"]["format"] == "lotse-own-data"
    said = json.dumps(copies, ensure_ascii=False)
    words = (record["identity"]["family_name"], "5550199", "Nordring 4", "Two children", NOTE)
    assert [word for word in words if word not in said] == []
    assert {"participant.participant", "grant.grant_record", "assessment.barrier"} <= set(copies["intake"]["held"])
    assert {"referral.referral", "referral.history"} <= set(copies["referrals"]["held"])
    for service, action in (("intake", "participant:read"), ("referrals", "referral:read")):
        assert ("family-advice", action) in [(look["agency"], look["action"]) for look in copies[service]["looks"]]

    first = good(await amal.get("referrals", f"/v1/participants/{person}/looks", params={"limit": 1}))
    rest = good(await amal.get("referrals", f"/v1/participants/{person}/looks", params={"after": first["next"]}))
    assert first["items"][0]["id"] > rest["items"][0]["id"]
    assert (await ken.get("referrals", f"/v1/participants/{person}/looks")).status_code in (403, 404)


@pytest.mark.parametrize("service", ["intake", "matching", "referrals", "notifications"])
def test_the_copy_is_taken_from_every_table_that_names_somebody(service: str) -> None:
    names = {one.name for one in all_services()}
    assert service in names
    assert len(held.tables(service)) > 1, "the models were found"
    assert not [name for name in held.tables(service) if name.startswith(("access.", "chassis."))]
