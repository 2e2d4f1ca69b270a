"""Load, decide, save. Called by the API and by reactions alike; never commits."""

from collections.abc import Mapping

from contracts.seat import Seat
from contracts.vocabulary import AgencyId, ParticipantId, Rater
from infra.chassis.db import Tx
from services.referrals.feedback import domain, store
from services.referrals.feedback.domain import Feedback
from services.referrals.journey.domain import Journey


async def give(
    tx: Tx,
    journey: Journey,
    *,
    stage: str,
    rater: Rater,
    agency: AgencyId | None,
    ratings: Mapping[str, int],
    comment: str,
) -> Feedback:
    """One corner of the triangle rates a stage. Raises `Conflict`."""
    await tx.lock("feedback", journey.seat.journey)
    feedback = Feedback(stage, rater, agency, ratings, comment, tx.now)
    earlier = {(one.stage, one.rater, one.agency) for one in await store.of(tx, journey.seat)}
    events = domain.give(journey.seat, feedback, entered=journey.entered, earlier=earlier)
    await store.add(tx, journey.seat, feedback)
    await tx.say(*events)
    return feedback


async def given(tx: Tx, seat: Seat) -> frozenset[tuple[str, Rater]]:
    """(stage, corner) of all feedback on a journey."""
    return await store.given(tx, seat)


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person is erased."""
    await store.forget(tx, participant)
