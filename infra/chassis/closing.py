"""What closes when a right ends, in every service at once: the projection of access, and the answers kept for repeats.

The chassis' consumer `access` calls these; so does the service that states such a fact, in the same transaction. A
rebuild of the projection uses `heard.py` alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from contracts.envelope import Fact
from contracts.events import intake
from infra.chassis import access, audit, erasures, heard, idempotency, lanes, outbox
from infra.chassis.access import CONSUMER
from infra.chassis.arrival import Handler
from infra.chassis.db import Tx, lock_id


async def grant_ended(tx: Tx, fact: intake.GrantEnded) -> None:
    await heard.ended_grant(tx, fact)
    await idempotency.blank(tx, fact.participant)


async def restricted(tx: Tx, fact: intake.ProcessingRestricted) -> None:
    await heard.restricted(tx, fact)
    await idempotency.blank(tx, fact.participant)


async def erased(tx: Tx, fact: intake.ParticipantErased) -> None:
    """What the chassis of every service holds about the person goes; the line in the audit trail is the proof.

    Deleted: the picture of access with the traces' pseudonym, answers kept for repeats, facts in the outbox (those
    about a link with another record, too), events set aside. Kept: the id in the ledger, the trail, and in this fact.
    """
    linked = await access.same_person(tx, fact.participant)
    await heard.erased(tx, fact)
    await idempotency.forget(tx, fact.participant)
    await outbox.forget(tx, fact.participant, linked)
    await lanes.forget(tx, fact.participant)
    await erasures.remember(tx, fact)
    await audit.note(tx, audit.Entry("participant:erased", fact.participant, own=True))


HANDLERS: Final[Mapping[type[Fact], Handler]] = {
    **heard.PROJECTION,
    intake.GrantEnded: grant_ended,
    intake.ParticipantErased: erased,
    intake.ProcessingRestricted: restricted,
}

TOPICS: Final = frozenset(topic.name for fact in HANDLERS for topic in fact.TOPICS)
"""Where such facts appear. An event of an unknown type may be one: until it is known it closes foreign access."""


async def apply(tx: Tx, fact: Any) -> None:
    """What the stating service does: its own picture is never late.

    Holds a share of the consumer's lock until the commit: a rebuild swaps the tables between two such transactions,
    never within one.
    """
    handler = HANDLERS.get(type(fact))
    if handler is not None:
        tx.later("select pg_advisory_xact_lock_shared(%(key)s)", key=lock_id("consumer", CONSUMER))
        await handler(tx, fact)
