"""What feeds the read model of placements, and what its neighbours may ask of it."""

from contracts.events import intake, matching
from contracts.vocabulary import ParticipantId, PlacementId
from infra.chassis.db import Tx
from services.referrals.placements import store
from services.referrals.placements.domain import Placement


async def confirmed(tx: Tx, fact: matching.PlacementConfirmed) -> None:
    await store.put(tx, fact)


async def started(tx: Tx, fact: matching.PlacementStarted) -> None:
    await store.put(tx, fact, started_on=fact.started_on)


async def ended(tx: Tx, fact: matching.PlacementEnded) -> None:
    await store.put(tx, fact, ended_on=fact.ended_on)


async def erased(tx: Tx, fact: intake.ParticipantErased) -> None:
    await store.forget(tx, ParticipantId(fact.participant))


async def of(tx: Tx, participant: ParticipantId) -> tuple[Placement, ...]:
    """All placements of a participant, in the order of their ids."""
    return await store.of(tx, participant)


async def whose(tx: Tx, placement: PlacementId) -> ParticipantId | None:
    """Who has this placement; None if it is not known here."""
    return await store.whose(tx, placement)
