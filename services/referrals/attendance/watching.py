"""Early warnings that come from elsewhere than attendance: feedback that nobody gave, a placement that was broken off.

Called by deadlines, reactions and the journey; never commits. What a warning rests on is not told with it.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from contracts.events import matching
from contracts.refusal import NotFound
from contracts.vocabulary import JourneyId, Rater, StaffId
from infra.chassis import access, deadlines
from infra.chassis.db import Tx
from services.referrals.attendance import domain, store
from services.referrals.feedback import use_cases as feedback
from services.referrals.journey import use_cases as journeys
from services.referrals.journey.domain import Journey, StageEntered

FEEDBACK_MISSED: Final = "feedback-missed"


async def stage_entered(tx: Tx, event: StageEntered) -> None:
    """From now on feedback on this stage is expected from each of its corners."""
    programme = journeys.programme_of(event.seat)
    for rule, rater, at in domain.feedback_due(programme.early_warning, programme.stage(event.stage), event.at):
        about = uuid5(event.seat.journey, f"{rule.id}/{event.stage}/{rater}")
        details = {"journey": str(event.seat.journey), "stage": event.stage, "rater": rater, "rule": rule.id}
        await deadlines.put(tx, FEEDBACK_MISSED, about, at, **details)


async def feedback_missed(tx: Tx, _about: UUID, details: Mapping[str, Any]) -> None:
    """The time is over: is there feedback of this corner? Nobody is asked after a journey's end."""
    try:
        journey = await journeys.find(tx, JourneyId(UUID(details["journey"])))
    except NotFound:
        return
    given = await feedback.given(tx, journey.seat)
    if journey.ending is None and (details["stage"], Rater(details["rater"])) not in given:
        await _raise(tx, journey, details["rule"])


async def placement_ended(tx: Tx, fact: matching.PlacementEnded) -> None:
    """A placement of the participant is over; if it was broken off, somebody shall look."""
    for journey in await journeys.under_way(tx, fact.participant):
        rules = journeys.programme_of(journey.seat).early_warning
        for rule in domain.broken_off(rules, fact.kind, fact.outcome):
            await _raise(tx, journey, rule.id)


async def _raise(tx: Tx, journey: Journey, rule: str) -> None:
    standing = await access.standing(tx, journey.seat.participant, None)
    if standing.owner is None:
        return  # the person was forgotten
    await tx.lock("attendance", journey.seat.journey)
    known = await store.warnings(tx, journey.seat.journey)
    responsible = StaffId(standing.caseworker) if standing.caseworker else None
    events = domain.raise_attention(journey.seat, rule, known, responsible=responsible, now=tx.now)
    for event in events:
        await store.raised(tx, event.seat, event.rule, event.at)
    await tx.say(*events)
