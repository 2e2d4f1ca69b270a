"""Attendance, early warning and feedback on a journey, and who may see what of it. Over HTTP, with own log-ins."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from infra.chassis.schema import table
from services.referrals.feedback.store import FeedbackRow
from tests.support.joining import (
    Amal,
    agrees_to_the_hotel,
    amal_joins,
    body,
    leaves_the_hotel,
    today,
    withdraw,
    works_at_the_hotel,
)
from tests.support.region import Person, Region

COMMENT = "Gets on well with the guests."
NOTE = "Bus line was changed; takes the earlier one."


async def attend(region: Region, who: Person, amal: Amal, days: int, *, present: bool, status: int = 201) -> Any:
    """`who` saw, or missed, Amal so many days from today."""
    day = {"on": str(today(region) + timedelta(days=days)), "present": present}
    return await body(who.post("referrals", amal.path("/attendance"), day), status)


async def rate(who: Person, amal: Amal, status: int = 201) -> Any:
    said = {"stage": "preparation", "ratings": {"guest service": 4}, "comment": COMMENT}
    return await body(who.post("referrals", amal.path("/feedback"), said), status)


async def days(who: Person, amal: Amal) -> list[tuple[str, bool]]:
    """(recorded by, present) of each day that `who` sees."""
    seen = await body(who.get("referrals", amal.path("/attendance")))
    return [(entry["recorded_by"], entry["present"]) for entry in seen["entries"]]


async def test_each_side_records_and_the_company_sees_its_own(region: Region) -> None:
    amal = await amal_joins(region)
    vera, hanna, jonas = await region.as_("vera"), await region.as_("hanna"), await region.as_("jonas")
    await attend(region, hanna, amal, 0, present=True, status=404)
    placement = await works_at_the_hotel(region, amal)
    await attend(region, vera, amal, 0, present=True)
    recorded = await attend(region, hanna, amal, 0, present=True)
    assert (recorded["recorded_by"], recorded["placement"]) == ("harbour-hotel", placement)
    await attend(region, hanna, amal, 0, present=True, status=200)
    await attend(region, hanna, amal, -1, present=True, status=422)

    assert amal.person is not None
    for who in (vera, jonas, amal.person):
        assert await days(who, amal) == [("adult-education", True), ("harbour-hotel", True)]
    assert await days(hanna, amal) == [("harbour-hotel", True)]
    await attend(region, hanna, amal, 0, present=False)
    assert await days(hanna, amal) == [("harbour-hotel", False)]
    await body((await region.as_("ken")).get("referrals", amal.path("/attendance")), 404)
    await attend(region, jonas, amal, 0, present=True, status=403)


async def test_two_absences_raise_one_warning_until_somebody_deals_with_it(region: Region) -> None:
    amal = await amal_joins(region)
    vera, hanna, jonas = await region.as_("vera"), await region.as_("hanna"), await region.as_("jonas")
    await works_at_the_hotel(region, amal)
    await attend(region, hanna, amal, 0, present=False)
    assert await body(jonas.get("referrals", amal.path("/attention"))) == []
    await attend(region, vera, amal, 1, present=False)
    await attend(region, vera, amal, 2, present=False)
    [warning] = await body(jonas.get("referrals", amal.path("/attention")))
    assert (warning["rule"], warning["cleared_at"]) == ("repeated-absence", None)
    await body(hanna.get("referrals", amal.path("/attention")), 404)

    clear = amal.path("/attention/repeated-absence/clear")
    await body(jonas.post("referrals", clear, {}), 422)
    [cleared] = await body(jonas.post("referrals", clear, {"note": NOTE}))
    assert (cleared["cleared_by"], cleared["note"]) == ("job-centre", NOTE)
    await body(jonas.post("referrals", clear, {"note": NOTE}), 409)
    await attend(region, vera, amal, 3, present=False)
    assert len(await body(vera.get("referrals", amal.path("/attention")))) == 1
    await attend(region, vera, amal, 4, present=False)
    assert len(await body(vera.get("referrals", amal.path("/attention")))) == 2


async def test_three_corners_rate_a_stage_and_read_one_another(region: Region) -> None:
    amal = await amal_joins(region)
    vera, hanna, jonas = await region.as_("vera"), await region.as_("hanna"), await region.as_("jonas")
    assert amal.person is not None
    await agrees_to_the_hotel(region, amal)
    placement = await works_at_the_hotel(region, amal, since=3)
    for who, rater in ((hanna, "company"), (vera, "coach"), (amal.person, "participant")):
        assert (await rate(who, amal))["rater"] == rater
        await rate(who, amal, 409)
    await rate(jonas, amal, 403)
    for who in (hanna, vera, amal.person, jonas):
        seen = await body(who.get("referrals", amal.path("/feedback")))
        assert [one["rater"] for one in seen["entries"]] == ["company", "coach", "participant"]
        assert seen["entries"][0]["ratings"] == {"guest service": 4}
        assert [(one["stage"], one["name"]["en"]) for one in seen["stages"]] == [("preparation", "Preparation")]
    await body((await region.as_("ken")).get("referrals", amal.path("/feedback")), 404)

    await leaves_the_hotel(region, amal, placement)
    kept = await body(hanna.get("referrals", amal.path("/feedback")))
    assert [one["rater"] for one in kept["entries"]] == ["company"]


async def test_a_company_finds_the_journey_of_its_placement_and_nothing_else_of_it(region: Region) -> None:
    amal = await amal_joins(region)
    await agrees_to_the_hotel(region, amal)
    path = f"/v1/journeys/of-placement/{await works_at_the_hotel(region, amal)}"

    assert await body((await region.as_("hanna")).get("referrals", path)) == {"journey": amal.journey}
    for who in ("rosa", "ken", "opal"):
        await body((await region.as_(who)).get("referrals", path), 404)
    await body((await region.as_("hanna")).get("referrals", amal.path()), 403)
    await body((await region.as_("hanna")).get("referrals", f"/v1/journeys/of-placement/{amal.id}"), 404)


async def test_what_was_said_is_sealed_where_it_lies(region: Region) -> None:
    amal = await amal_joins(region)
    await rate(await region.as_("vera"), amal)
    async with region.box.runtimes["referrals"].db.transaction() as tx:
        rows = await tx.rows(select(table(FeedbackRow)).where(table(FeedbackRow).c.journey == amal.journey))
    assert len(rows) == 1
    assert b"guest" not in rows[0].said


async def test_after_the_withdrawal_an_agency_keeps_what_it_recorded_and_nothing_else(region: Region) -> None:
    amal = await amal_joins(region)
    vera, hanna, jonas = await region.as_("vera"), await region.as_("hanna"), await region.as_("jonas")
    await works_at_the_hotel(region, amal)
    await attend(region, vera, amal, 0, present=True)
    await attend(region, hanna, amal, 0, present=True)
    for who in (vera, hanna):
        await rate(who, amal)
    await withdraw(region, amal)

    for rest in ("/attendance", "/feedback"):
        kept = await body(vera.get("referrals", amal.path(rest)))
        assert (kept["reference"], kept["whole"], len(kept["entries"])) == (amal.reference, False, 1)
        assert "harbour-hotel" not in str(kept)
        assert amal.id not in str(kept)
    for rest in ("", "/attention", "/follow-ups"):
        await body(vera.get("referrals", amal.path(rest)), 404)
    await body(vera.get("referrals", f"/v1/participants/{amal.id}/timeline"), 404)
    await attend(region, vera, amal, 0, present=False, status=404)
    await rate(vera, amal, 404)
    await body(vera.post("referrals", amal.path("/attention/repeated-absence/clear"), {"note": NOTE}), 404)
    await body(vera.post("referrals", amal.path("/transition"), {"destination": "job"}), 404)

    await attend(region, hanna, amal, 1, present=False)
    assert len(await days(vera, amal)) == 1, "nothing later"
    assert len(await days(jonas, amal)) == 3


async def test_a_company_that_the_consent_was_taken_from_reads_its_own_words_only(region: Region) -> None:
    amal = await amal_joins(region)
    vera, hanna = await region.as_("vera"), await region.as_("hanna")
    assert amal.person is not None
    await agrees_to_the_hotel(region, amal)
    await works_at_the_hotel(region, amal)
    for who in (vera, hanna, amal.person):
        await rate(who, amal)
    await withdraw(region, amal, recipient="harbour-hotel")

    kept = await body(hanna.get("referrals", amal.path("/feedback")))
    assert (kept["whole"], [one["rater"] for one in kept["entries"]]) == (False, ["company"])
    await attend(region, hanna, amal, 0, present=True)


async def test_an_agency_that_recorded_nothing_keeps_nothing(region: Region) -> None:
    amal = await amal_joins(region)
    vera = await region.as_("vera")
    await withdraw(region, amal)
    for rest in ("/attendance", "/feedback"):
        await body(vera.get("referrals", amal.path(rest)), 404)
