"""What a record said before, and contacts that even colleagues don't see."""

from typing import Any

from tests.support.arrivals import granted, handed_over, name
from tests.support.matching import good
from tests.support.region import Person, Region

SIGRID = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0008"
JONAS = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0001"


async def met(by: Person, **contact: str) -> dict[str, Any]:
    body = {"identity": {"given_name": name(), "family_name": name()}, "contact": contact}
    return good(await by.post("intake", "/v1/participants", body), 201)


async def change(by: Person, who: dict[str, Any], status: int = 200, **parts: Any) -> dict[str, Any]:
    """Changes the record as `by` reads it now."""
    now = good(await by.get("intake", f"/v1/participants/{who['id']}"))
    etag = {"If-Match": f'"{now["version"]}"'}
    return good(await by.patch("intake", f"/v1/participants/{who['id']}", parts, headers=etag), status)


async def history(by: Person, who: dict[str, Any], status: int = 200) -> Any:
    answer = await by.get("intake", f"/v1/participants/{who['id']}/history")
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_every_change_says_who_made_it_and_what_was_there_before(region: Region) -> None:
    jonas = await region.as_("jonas")
    amal = await met(jonas, phone="+49 30 5550101")
    family = amal["identity"]["family_name"]
    await change(jonas, amal, contact={"phone": "+49 30 5550102"}, language="ar")
    await change(jonas, amal, identity={"given_name": "Amal", "family_name": family})
    await change(jonas, amal, caseworker=SIGRID)

    third, second, first = await history(jonas, amal)

    assert (first["version"], first["by"], first["by_agency"]) == (2, JONAS, "job-centre")
    assert first["contact"]["before"]["phone"] == "+49 30 5550101"
    assert first["contact"]["after"]["phone"] == "+49 30 5550102"
    assert first["language"] == {"before": None, "after": "ar"}
    assert first["identity"] is None, "it did not change"
    assert second["identity"]["before"]["given_name"] == amal["identity"]["given_name"]
    assert second["identity"]["after"]["given_name"] == "Amal"
    assert third["caseworker"] == {"before": JONAS, "after": SIGRID}


async def test_old_values_are_for_those_who_may_see_the_section(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    amal = await met(jonas, phone="+49 30 5550101")
    await change(jonas, amal, contact={"phone": "+49 30 5550102"}, language="ar")
    await change(jonas, amal, caseworker=SIGRID)
    await history(ken, amal, 404)
    await granted(jonas, amal["id"], "family-advice", "identity")

    [line] = await history(ken, amal)

    assert line["language"] == {"before": None, "after": "ar"}
    assert (line["contact"], line["withheld"]) == (None, ["contact"])


async def test_reading_the_history_is_noted(region: Region) -> None:
    jonas = await region.as_("jonas")
    amal = await met(jonas, phone="+49 30 5550101")
    seen = f"/v1/participants/{amal['id']}/disclosures"
    before = len(good(await jonas.get("intake", seen))["looks"])
    await history(jonas, amal)
    after = good(await jonas.get("intake", seen))["looks"]
    assert len([one for one in after if one["category"] in ("identity", "contact")]) >= 2
    assert len(after) >= before + 2


async def test_a_protected_contact_is_for_those_who_look_after_the_person(region: Region) -> None:
    jonas, sigrid = await region.as_("jonas"), await region.as_("sigrid")
    amal = await met(jonas, phone="+49 30 5550177", address="Lindenweg 7")
    done = await change(jonas, amal, protected=True)
    assert done["protected"] is True
    assert done["contact"]["address"] == "Lindenweg 7", "Jonas looks after her"
    await change(jonas, amal, caseworker=SIGRID)

    seen = good(await jonas.get("intake", f"/v1/participants/{amal['id']}"))

    assert seen["contact"] is None
    assert [one["category"] for one in seen["withheld"]] == ["contact"]
    assert "supervisor" in seen["withheld"][0]["way_out"]
    assert good(await sigrid.get("intake", f"/v1/participants/{amal['id']}"))["contact"]["address"] == "Lindenweg 7"
    assert all(line["contact"] is None for line in await history(jonas, amal))


async def test_nobody_takes_a_protected_case_to_see_the_address(region: Region) -> None:
    jonas = await region.as_("jonas")
    amal = await met(jonas, address="Lindenweg 7")
    await change(jonas, amal, protected=True)
    await change(jonas, amal, caseworker=SIGRID)
    for parts in ({"caseworker": JONAS}, {"protected": False}, {"contact": {"phone": "+49 30 5550100"}}):
        await change(jonas, amal, 403, **parts)
    assert (await change(jonas, amal, language="ar"))["language"] == "ar", "the rest is everybody's work"


async def test_neither_a_grant_nor_a_number_opens_a_protected_contact(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    amal = await met(jonas, phone="+49 30 71624409", address="Lindenweg 7")
    await granted(jonas, amal["id"], "family-advice", "identity", "contact")
    assert good(await ken.get("intake", f"/v1/participants/{amal['id']}"))["contact"] is not None
    await change(jonas, amal, protected=True)

    seen = good(await ken.get("intake", f"/v1/participants/{amal['id']}"))

    assert (seen["contact"], seen["protected"]) == (None, None)
    for who in (jonas, ken):
        page = good(await who.get("intake", "/v1/participants", params={"q": "030 71624409"}))
        assert page["items"] == []
    herself = await handed_over(region, amal["id"])
    assert good(await herself.get("intake", f"/v1/participants/{amal['id']}"))["contact"]["address"] == "Lindenweg 7"


async def test_a_protected_record_takes_no_part_in_looking_for_duplicates(region: Region) -> None:
    jonas, mira = await region.as_("jonas"), await region.as_("mira")
    body = {"identity": {"given_name": name(), "family_name": name(), "birth": {"year": 1990, "month": 4, "day": 9}}}
    amal = good(await jonas.post("intake", "/v1/participants", body), 201)
    twin = good(await mira.post("intake", "/v1/participants", body), 201)
    matches = f"/v1/participants/{amal['id']}/possible-matches"
    assert len((await jonas.get("intake", matches)).json()) == 1
    await change(jonas, amal, protected=True)
    assert (await jonas.get("intake", matches)).json() == []
    assert (await mira.get("intake", f"/v1/participants/{twin['id']}/possible-matches")).json() == []
    another = good(await mira.post("intake", "/v1/participants", body), 201)
    found = (await mira.get("intake", f"/v1/participants/{another['id']}/possible-matches")).json()
    assert [one["other_agency"] for one in found] == ["migration-advice"]
