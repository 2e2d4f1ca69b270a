"""What a right to see does not carry: searching by what is withheld, ending as another would, staying without need."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.arrivals import granted, name, registered
from tests.support.matching import Matching, good, match_tag
from tests.support.region import Person, Region

SIGRID = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0008"
KEN = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0003"
PAUL = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0009"


async def with_phone(by: Person) -> tuple[str, str, str]:
    """(id, family name, phone) of somebody new."""
    family, phone = name(), f"030{uuid4().int % 10**9:09}"
    body = {"identity": {"given_name": name(), "family_name": family}, "contact": {"phone": phone}}
    made = good(await by.post("intake", "/v1/participants", body), 201)
    return made["id"], family, phone


async def found_by(who: Person, query: str) -> list[str]:
    page = good(await who.get("intake", "/v1/participants", params={"q": query}))
    return [one["id"] for one in page["items"]]


async def test_a_number_finds_nobody_for_those_who_may_not_read_it(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    amal, family, phone = await with_phone(jonas)
    reference = good(await jonas.get("intake", f"/v1/participants/{amal}"))["reference"]
    await granted(jonas, UUID(amal), "family-advice", "identity")
    assert await found_by(ken, family) == await found_by(ken, reference) == [amal]
    assert await found_by(ken, phone) == []
    assert await found_by(ken, f"{family} {phone}") == []
    assert await found_by(jonas, phone) == [amal]
    await granted(jonas, UUID(amal), "family-advice", "contact")
    assert await found_by(ken, phone) == [amal]


async def test_what_holds_no_word_finds_nobody(region: Region) -> None:
    jonas = await region.as_("jonas")
    person, *_ = await with_phone(jonas)
    assert await found_by(jonas, "!?") == []
    assert person in await found_by(jonas, " "), "nothing was asked for"


async def handed_over(region: Region, participant: UUID) -> Person:
    """The person, logged in with the code that Jonas hands over."""
    jonas = await region.as_("jonas")
    login = good(await jonas.post("intake", f"/v1/participants/{participant}/login-code"), 201)
    return await region.as_(login["reference"], login["code"])


async def by_law(by: Person, participant: UUID) -> str:
    """A grant for a statutory task; its id."""
    body = {
        "recipient": "family-advice",
        "categories": ["identity", "contact"],
        "basis": "statutory-task",
        "norm": "SGB II § 16a",
        "purpose": "child care",
        "valid_until": "2028-01-01T00:00:00Z",
        "recorded_how": "by-law",
        "language": "ar",
    }
    given = good(await by.post("intake", f"/v1/participants/{participant}/grants", body), 201)
    return str(given["id"])


async def test_a_participant_withdraws_and_objects_but_does_not_revoke(region: Region) -> None:
    jonas = await region.as_("jonas")
    record = await registered(jonas)
    amal = await handed_over(region, record)
    consent = await granted(jonas, record, "adult-education", "identity", "profile")
    task = await by_law(jonas, record)
    for grant, way in ((str(consent), "withdrawn"), (task, "objected")):
        refused = await amal.post("intake", f"/v1/grants/{grant}/end", {"why": "revoked"})
        assert (refused.status_code, refused.json()["way_out"]) == (403, f"It can end as: {way}.")
    refused = await amal.post("intake", f"/v1/grants/{task}/narrow", {"keep": ["identity"]})
    assert refused.status_code == 403
    narrower = await amal.post("intake", f"/v1/grants/{consent}/narrow", {"keep": ["identity"]})
    assert good(narrower)["categories"] == ["identity"]
    assert good(await amal.post("intake", f"/v1/grants/{consent}/end", {"why": "withdrawn"}))["ended"] == "withdrawn"
    assert good(await amal.post("intake", f"/v1/grants/{task}/end", {"why": "objected"}))["ended"] == "objected"


async def test_the_responsible_agency_records_the_persons_will_and_revokes(region: Region) -> None:
    jonas = await region.as_("jonas")
    record = await registered(jonas)
    for why in ("withdrawn", "revoked"):
        grant = await granted(jonas, record, "adult-education", "identity")
        assert good(await jonas.post("intake", f"/v1/grants/{grant}/end", {"why": why}))["ended"] == why
    task = await by_law(jonas, record)
    assert good(await jonas.post("intake", f"/v1/grants/{task}/end", {"why": "objected"}))["ended"] == "objected"


async def grants_of_hotel(by: Person, participant: str) -> list[dict[str, Any]]:
    answer = await by.get("intake", f"/v1/participants/{participant}/grants")
    return [one for one in answer.json() if one["recipient"] == "harbour-hotel"]


async def test_a_company_that_gave_up_before_the_first_day_sees_nobody(region: Region) -> None:
    matching, jonas, hanna = Matching(region), await region.as_("jonas"), await region.as_("hanna")
    amal = await matching.participant()
    placement = await matching.confirmed(amal, await matching.opportunity())
    await region.settled()
    assert good(await hanna.get("intake", f"/v1/participants/{amal}"))["contact"] is not None
    await over(region, jonas, placement, outcome="ended-by-company")
    assert (await hanna.get("intake", f"/v1/participants/{amal}")).status_code == 404
    [grant] = await grants_of_hotel(jonas, amal)
    assert grant["ended"] == "expired"


async def test_after_the_last_day_a_company_sees_the_person_for_thirty_days(region: Region) -> None:
    matching, jonas, hanna = Matching(region), await region.as_("jonas"), await region.as_("hanna")
    amal = await matching.participant()
    placement = await matching.confirmed(amal, await matching.opportunity())
    seen = await jonas.get("matching", f"/v1/placements/{placement}")
    today = region.box.runtimes["matching"].clock.business().date()
    path = f"/v1/placements/{placement}/start"
    good(await jonas.post("matching", path, {"on": today.isoformat()}, **match_tag(seen)))
    await over(region, jonas, placement, outcome="completed")
    assert good(await hanna.get("intake", f"/v1/participants/{amal}"))["identity"] is not None
    [grant] = await grants_of_hotel(jonas, amal)
    assert grant["ended"] is None
    assert grant["valid_until"].startswith(f"{today + timedelta(days=31)}T00:00:00")


async def over(region: Region, by: Person, placement: str, *, outcome: str) -> None:
    """The last day is today."""
    seen = await by.get("matching", f"/v1/placements/{placement}")
    today = region.box.runtimes["matching"].clock.business().date()
    body = {"on": today.isoformat(), "outcome": outcome}
    good(await by.post("matching", f"/v1/placements/{placement}/end", body, **match_tag(seen)))
    await region.settled()


@pytest.mark.parametrize("staff", [str(uuid4()), KEN, PAUL], ids=["nobody", "of another agency", "no caseworker"])
async def test_only_a_caseworker_of_the_agency_takes_a_record_over(region: Region, staff: str) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await registered(jonas)}"
    tag = {"headers": {"If-Match": '"1"'}}
    refused = await jonas.patch("intake", path, {"caseworker": staff}, **tag)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "caseworker")
    taken = good(await jonas.patch("intake", path, {"caseworker": SIGRID}, **tag))
    assert taken["caseworker"] == SIGRID
