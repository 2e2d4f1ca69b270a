"""What feeds our own lines, and what takes them away; never commits."""

from typing import Any

from contracts.envelope import Fact
from contracts.events import intake
from contracts.vocabulary import ParticipantId
from infra.chassis.arrival import Handler
from infra.chassis.db import Tx
from infra.chassis.service import Say
from services.referrals.timeline import store


def tell(say: Say) -> Handler:
    """A handler that adds a line for every fact that a domain event becomes when it leaves the service."""

    async def add(tx: Tx, event: Any) -> None:
        for fact in say(event):
            await store.said(tx, fact)

    return add


async def heard(tx: Tx, fact: Fact) -> None:
    """Another service said something: a line under the event's own id, so that a repeat adds nothing."""
    if tx.cause is None:
        raise ValueError("a projection is fed by events")
    await store.heard(tx, tx.cause.id, tx.cause.agency, fact)


async def erased(tx: Tx, fact: intake.ParticipantErased) -> None:
    """The person is forgotten: the projection's part."""
    await store.unhear(tx, ParticipantId(fact.participant))


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person is erased."""
    await store.forget(tx, participant)
