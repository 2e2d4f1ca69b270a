"""What feeds the read model of needs, and what its neighbours may ask of it."""

from contracts.events import intake
from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from services.referrals.needs import store
from services.referrals.needs.domain import OpenNeed


async def updated(tx: Tx, fact: intake.BarriersUpdated) -> None:
    """The event holds the whole current state."""
    await store.put(tx, ParticipantId(fact.participant), fact.barriers)


async def erased(tx: Tx, fact: intake.ParticipantErased) -> None:
    await store.put(tx, ParticipantId(fact.participant), ())


async def open_of(tx: Tx, participant: ParticipantId) -> tuple[OpenNeed, ...]:
    """What is open now. Care data: to decide about gates, never to be shown to a course."""
    return await store.open_of(tx, participant)
