"""Who has looked: every look is there, and whether it stayed with the responsible agency or crossed to another."""

from typing import Any
from uuid import UUID

from tests.support.arrivals import granted, registered
from tests.support.matching import good
from tests.support.region import Person, Region


async def looks(by: Person, participant: UUID, agency: str | None, action: str) -> list[dict[str, Any]]:
    """What this agency (None: the person) did of this kind, as `by` reads it, oldest first."""
    seen = good(await by.get("intake", f"/v1/participants/{participant}/disclosures"))["looks"]
    return [one for one in reversed(seen) if (one["agency"], one["action"]) == (agency, action)]


async def listed(by: Person, *participants: UUID) -> None:
    """`by` sees these in one list."""
    found = good(await by.get("intake", "/v1/participants"))["items"]
    assert {str(one) for one in participants} <= {one["id"] for one in found}


async def test_a_list_that_crosses_agencies_is_told_apart_from_the_own_agencys(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    amal, yara = await registered(jonas), await registered(ken)
    await granted(jonas, amal, "family-advice", "identity")
    await listed(ken, amal, yara)
    await listed(jonas, amal)

    [foreign] = await looks(jonas, amal, "family-advice", "participant:list")
    assert (foreign["own"], foreign["category"]) == (False, "identity")
    assert {look["own"] for look in await looks(jonas, amal, "job-centre", "participant:list")} == {True}
    of_yara = await looks(ken, yara, "family-advice", "participant:list")
    assert [look["own"] for look in of_yara] == [True], "on the same page, each by whose record it is"


async def test_a_single_look_is_told_apart_in_the_same_way(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    amal = await registered(jonas)
    await granted(jonas, amal, "family-advice", "identity")
    login = good(await jonas.post("intake", f"/v1/participants/{amal}/login-code"), 201)
    person = await region.as_(login["reference"], login["code"])
    for who in (jonas, ken, person):
        good(await who.get("intake", f"/v1/participants/{amal}"))

    for agency, own in (("job-centre", True), ("family-advice", False), (None, True)):
        seen = await looks(jonas, amal, agency, "participant:read")
        assert {look["own"] for look in seen} == {own}, agency
