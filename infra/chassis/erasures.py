"""The ledger of erasures: who was erased, by id, kept where no restored back-up of the service can bring anybody back.

The row is written in the transaction in which the service learns of the erasure; the worker copies it to the database
of the keys, which has short back-ups of its own and is never restored together with the service's. After a restore the
ledger is applied again before the service opens: what an older back-up still holds about these persons goes through the
same handlers as the first time. What was sealed is noise anyway: the keys stay destroyed.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Column, DateTime, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts import heartbeat
from contracts.envelope import Envelope
from contracts.events.intake import ParticipantErased
from contracts.vocabulary import ParticipantId
from infra.chassis.arrival import Consumer
from infra.chassis.bus.base import Bus, Received
from infra.chassis.db import Database, Tx
from infra.chassis.schema import CHASSIS
from infra.chassis.sealed import Vault
from infra.chassis.wake import go_on

BATCH: Final = 500
_AMONG: Final = "select participant from chassis.erased where participant = any(%(keys)s)"


class Erased(SQLModel, table=True):
    """One person who was erased. `noted`: the ledger has it."""

    __tablename__ = "erased"
    __table_args__ = {"schema": CHASSIS}

    participant: UUID = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    noted: bool = Field(default=False, index=True)


async def remember(tx: Tx, fact: ParticipantErased) -> None:
    """In the transaction that erases."""
    row = insert(Erased).values(participant=fact.participant, at=fact.at, noted=False)
    await tx.execute(row.on_conflict_do_nothing())


async def among(tx: Tx, keys: Collection[UUID]) -> frozenset[UUID]:
    """Those of them who were erased. What a service hears of them afterwards is nothing to it."""
    [rows] = await tx.ask((_AMONG, {"keys": sorted(keys)}))
    return frozenset(participant for (participant,) in rows)


async def everybody(tx: Tx) -> frozenset[UUID]:
    """All who were erased, as far as this service knows."""
    return frozenset(row.participant for row in await tx.rows(select(col(Erased.participant))))


async def note(db: Database, vault: Vault) -> int:
    """Copy to the ledger what it lacks; how many. A copy that is made twice is one."""
    async with db.transaction() as tx:
        query = select(col(Erased.participant), col(Erased.at)).where(~col(Erased.noted)).limit(BATCH)
        found = {row.participant: row.at for row in await tx.rows(query)}
    if found:
        await vault.note_erased(found)
        async with db.transaction() as tx:
            await tx.execute(update(Erased).where(col(Erased.participant).in_(found)).values(noted=True))
    return len(found)


async def keep(db: Database, vault: Vault, every: float) -> None:
    """For the worker; run until cancelled."""
    while go_on():
        if await note(db, vault) < BATCH:
            await asyncio.sleep(every)


async def known(vault: Vault, bus: Bus) -> Mapping[UUID, datetime]:
    """The ledger, and what the topic of erasures still holds: an erasure of the last second counts, too."""
    found = dict(await vault.erased())

    async def see(message: Received) -> None:
        if heartbeat.HEADER not in message.headers:
            envelope = Envelope.from_bytes(message.value)
            if envelope.type == ParticipantErased.TYPE:
                fact = ParticipantErased.model_validate(envelope.data)
                found.setdefault(fact.participant, fact.at)

    await bus.replay(ParticipantErased.TOPICS[0], None, see)
    return found


async def apply_again(db: Database, consumers: Sequence[Consumer], erased: Mapping[UUID, datetime]) -> int:
    """Erase these persons once more; a transaction each, through every consumer that knows of erasures."""
    for participant, at in sorted(erased.items()):
        fact = ParticipantErased(participant=ParticipantId(participant), at=at)
        async with db.transaction() as tx:
            for consumer in consumers:
                if (handler := consumer.handlers.get(ParticipantErased)) is not None:
                    await handler(tx, fact)
    return len(erased)
