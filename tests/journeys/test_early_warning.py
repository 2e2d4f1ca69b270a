"""Somebody is called to look at what no attendance shows: missing feedback, a placement that was broken off."""

from typing import Any

from sqlalchemy import String, cast, func, select, update
from sqlmodel import col

from infra.chassis.deadlines import Deadline
from services.referrals.attendance.watching import FEEDBACK_MISSED
from tests.support.joining import Amal, amal_joins, body, leaves_the_hotel, works_at_the_hotel
from tests.support.region import Person, Region
from tests.support.waiting import until


async def warnings(who: Person, amal: Amal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await body(who.get("referrals", amal.path("/attention")))
    return found


async def feedback_is_overdue(region: Region, amal: Amal) -> None:
    """The time for all feedback on her journey is over, and the worker has looked at it."""
    db = region.box.runtimes["referrals"].db
    hers = (col(Deadline.kind) == FEEDBACK_MISSED, cast(col(Deadline.details), String).contains(amal.journey))
    async with db.transaction() as tx:
        await tx.execute(update(Deadline).where(*hers).values(due_at=tx.now))

    async def looked() -> bool:
        async with db.transaction() as tx:
            [left] = (await tx.execute(select(func.count()).select_from(Deadline).where(*hers))).one()
            return bool(left == 0)

    await until(looked, "the deadlines have passed", within=30)
    await region.settled()


async def rates(who: Person, amal: Amal) -> None:
    said = {"stage": "preparation", "ratings": {"guest service": 4}}
    await body(who.post("referrals", amal.path("/feedback"), said), 201)


async def test_a_placement_that_is_broken_off_calls_for_somebody_to_look(region: Region) -> None:
    amal = await amal_joins(region)
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    good_end = await works_at_the_hotel(region, amal, since=3)
    await leaves_the_hotel(region, amal, good_end)
    assert await warnings(jonas, amal) == []

    for _ in range(2):
        placement = await works_at_the_hotel(region, amal, since=3)
        await leaves_the_hotel(region, amal, placement, "ended-by-company")
    [warning] = await warnings(vera, amal)
    assert (warning["rule"], warning["cleared_at"]) == ("placement-trouble", None)
    inbox = await body(jonas.get("notifications", f"/v1/inbox?participant={amal.id}"))
    assert "attention-raised" in [item["message"] for item in inbox["items"]]


async def test_nobody_is_called_after_the_journey(region: Region) -> None:
    amal = await amal_joins(region)
    jonas = await region.as_("jonas")
    placement = await works_at_the_hotel(region, amal, since=3)
    early = {"destination": "education", "why": "dropped-out", "reason": "A place at school came up."}
    await body(jonas.post("referrals", amal.path("/transition"), early))
    await leaves_the_hotel(region, amal, placement, "ended-by-participant")
    await feedback_is_overdue(region, amal)
    assert await warnings(jonas, amal) == []


async def test_feedback_that_one_corner_did_not_give_is_missed(region: Region) -> None:
    amal = await amal_joins(region)
    jonas, vera, hanna = await region.as_("jonas"), await region.as_("vera"), await region.as_("hanna")
    assert amal.person is not None
    await works_at_the_hotel(region, amal)
    for who in (vera, hanna):
        await rates(who, amal)
    await feedback_is_overdue(region, amal)
    [warning] = await warnings(jonas, amal)
    assert warning["rule"] == "missed-feedback"


async def test_when_all_three_have_spoken_nothing_is_missed(region: Region) -> None:
    amal = await amal_joins(region)
    jonas, vera, hanna = await region.as_("jonas"), await region.as_("vera"), await region.as_("hanna")
    assert amal.person is not None
    await works_at_the_hotel(region, amal)
    for who in (vera, hanna, amal.person):
        await rates(who, amal)
    await feedback_is_overdue(region, amal)
    assert await warnings(jonas, amal) == []
