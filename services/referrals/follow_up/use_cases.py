"""Load, decide, save. Called by the API, by deadlines and by the end of a journey; never commits."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from contracts.vocabulary import StaffId
from infra.chassis import access, deadlines
from infra.chassis.db import Tx
from services.referrals.follow_up import domain, store
from services.referrals.follow_up.domain import FollowUp, FollowUpDue, Outcome
from services.referrals.journey import use_cases as journeys
from services.referrals.journey.domain import Journey, JourneyEnded

DUE: Final = "follow-up-due"


async def plan(tx: Tx, event: JourneyEnded) -> None:
    """A journey ended: somebody asks how things went, at the programme's months, however it ended."""
    for months, due_at in domain.plan(event.at, journeys.programme_of(event.seat).follow_ups.months):
        follow_up = FollowUp(tx.ids.ordered(), months, due_at)
        await store.add(tx, event.seat.journey, follow_up)
        await deadlines.put(tx, DUE, follow_up.id, due_at)


async def due(tx: Tx, about: UUID, _details: Mapping[str, Any]) -> None:
    """The time has come: whoever is responsible for the participant now shall ask."""
    found = await store.by_id(tx, about)
    if found is None or found[1].outcome is not None:
        return
    seat = (await journeys.find(tx, found[0])).seat
    standing = await access.standing(tx, seat.participant, None)
    if standing.owner is None:
        return  # the person was forgotten: nobody is asked any more
    responsible = StaffId(standing.caseworker) if standing.caseworker else None
    await store.told(tx, about, tx.now)
    await tx.say(FollowUpDue(seat, found[1].months, responsible, tx.now))


async def record(tx: Tx, journey: Journey, months: int, outcome: Outcome) -> None:
    """What was found. Raises `NotFound`, `Conflict`."""
    follow_up = await store.lock(tx, journey.seat.journey, months)
    events = domain.record(journey.seat, follow_up, outcome, now=tx.now)
    await store.recorded(tx, follow_up.id, outcome, tx.now)
    await tx.say(*events)
