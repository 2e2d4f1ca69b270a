"""What a service has to say: rows in the same transaction as the change they tell of.

The outbox is the durable record of a service's facts; the bus is only the transport. At its end a transaction takes a
lock on each key it speaks of, in the order of the locks, then draws row ids, then commits: so the events of one
participant leave in commit order even when they come from different aggregates, and nobody waits in a circle.

The table has a partition per month of the system time at which a row was stated. Ids come from one sequence, so an id
is unique across months though the primary key has to name the month's column, too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, delete, func, select, text
from sqlmodel import Field, SQLModel, col

from contracts.envelope import Envelope, Fact, dataschema
from contracts.events.intake import ParticipantErased
from contracts.topics import Topic
from contracts.vocabulary import StaffId
from infra.chassis import access, telemetry
from infra.chassis.bus.partition import partition_in_sql
from infra.chassis.db import Tx, lock_id
from infra.chassis.schema import CHASSIS, instant
from infra.chassis.wake import Wake

MONTHS_AHEAD: Final = 3
"""So many months may pass without anybody making the next; then rows go to the partition for the rest: none is lost."""
POSITION: Final = "lotse-position"
"""Header of a message: the id of its outbox row. A rebuild tells by it what its feed already held."""


class OutboxRow(SQLModel, table=True):
    """One fact on its way out. `published_at` stays empty until the bus has acknowledged it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_unpublished", "id", postgresql_where=text("published_at is null")),
        Index("outbox_key", "key"),
        {"schema": CHASSIS, "postgresql_partition_by": "range (recorded_at)"},
    )

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: UUID
    key: UUID
    topic: str
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    traceparent: str | None = None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    published_at: datetime | None = instant(optional=True)


class Outbox:
    """Puts facts into envelopes and into the transaction; `wake` tells the relay after the commit."""

    def __init__(self, service: str, region: str, wake: Wake) -> None:
        self.source = f"/{region}/{service}"
        self._wake = wake

    async def append(self, tx: Tx, facts: Sequence[Fact]) -> None:
        """Say these facts, in this order, if and when the transaction commits."""
        if not facts:
            return
        trace = telemetry.current_traceparent()
        for fact in facts:
            event_id = tx.ids.ordered()
            correlation = await self._correlation(tx, fact)
            telemetry.note("event recorded", event=event_id, event_type=fact.TYPE, journey=correlation)
            envelope = Envelope(
                id=event_id,
                source=self.source,
                type=fact.TYPE,
                subject=str(fact.key),
                time=tx.system_now,
                dataschema=dataschema(type(fact)),
                partitionkey=str(fact.key),
                traceparent=trace,
                agency=tx.by.agency if fact.SAYS_WHO else None,
                actor=StaffId(tx.by.subject) if tx.by.subject and fact.SAYS_WHO else None,
                causationid=tx.cause.id if tx.cause else None,
                correlationid=correlation,
                data=fact.model_dump(mode="json"),
            )
            tx.add_in_turn(
                lock_id("outbox", fact.key),
                OutboxRow,
                event_id=event_id,
                key=fact.key,
                topic=fact.topic.name,
                value=envelope.to_bytes(),
                traceparent=trace,
                recorded_at=tx.system_now,
            )
        tx.after_commit(self._wake.set)

    async def _correlation(self, tx: Tx, fact: Fact) -> UUID:
        """The pseudonym under which everything about this participant can be traced; else what caused this."""
        known = await access.correlation_of(tx, fact.key)
        if known is not None:
            return known
        return tx.cause.correlationid if tx.cause else tx.ids.random()


@dataclass(frozen=True, slots=True)
class Said:
    """A stated fact as an operator may see it: without the participant."""

    position: int
    event: UUID
    type: str
    at: datetime
    journey: UUID
    causation: UUID | None
    published: bool


async def said(tx: Tx, after: int, limit: int) -> Sequence[Said]:
    """The facts that were stated, oldest first, after a position."""
    query = (
        select(col(OutboxRow.id), col(OutboxRow.value), col(OutboxRow.published_at))
        .where(col(OutboxRow.id) > after)
        .order_by(col(OutboxRow.id))
        .limit(limit)
    )
    found = [(row, Envelope.from_bytes(row.value)) for row in await tx.rows(query)]
    return [
        Said(row.id, e.id, e.type, e.time, e.correlationid, e.causationid, row.published_at is not None)
        for row, e in found
    ]


async def unpublished(
    tx: Tx, limit: int, *, without_keys: Collection[UUID] = (), without_topics: Collection[str] = ()
) -> Sequence[tuple[int, UUID, str, bytes, str | None]]:
    """The oldest rows that have not been acknowledged: (id, key, topic, value, traceparent).

    What is left out is left out by the database, so that it can't fill the batch and hold back everybody else.
    """
    query = (
        select(
            col(OutboxRow.id),
            col(OutboxRow.key),
            col(OutboxRow.topic),
            col(OutboxRow.value),
            col(OutboxRow.traceparent),
        )
        .where(col(OutboxRow.published_at).is_(None))
        .order_by(col(OutboxRow.id))
        .limit(limit)
    )
    if without_keys:
        query = query.where(col(OutboxRow.key).not_in(without_keys))
    if without_topics:
        query = query.where(col(OutboxRow.topic).not_in(without_topics))
    return [tuple(row) for row in await tx.rows(query)]


async def oldest_unpublished(tx: Tx, topic: Topic) -> Mapping[int, datetime]:
    """Partition of the topic -> when the oldest fact was stated that the bus has not acknowledged."""
    place = partition_in_sql(col(OutboxRow.key), topic.partitions).label("place")
    query = select(place, func.min(col(OutboxRow.recorded_at)).label("oldest"))
    waiting = query.where(col(OutboxRow.published_at).is_(None), col(OutboxRow.topic) == topic.name)
    return {row.place: row.oldest for row in await tx.rows(waiting.group_by(place))}


async def settled_up_to(tx: Tx) -> int:
    """The largest id of which, and of all before it, the row is committed or will never be.

    Ids are drawn before commits, so "the largest that I see" is not enough. The lock waits for the open transactions
    that have written rows, and lets nobody write until this one ends: give it a short one.
    """
    await tx.execute(text(f"lock table {CHASSIS}.outbox in share mode"))
    return await largest(tx)


async def largest(tx: Tx) -> int:
    """The largest id that this transaction sees; 0 if none."""
    return int((await tx.execute(select(func.coalesce(func.max(col(OutboxRow.id)), 0)))).scalar_one())


async def stated(tx: Tx, after: int, upto: int, limit: int) -> Sequence[tuple[int, UUID, str, bytes]]:
    """The rows after one id up to another, published or not, in order: (id, key, topic, value)."""
    query = (
        select(col(OutboxRow.id), col(OutboxRow.key), col(OutboxRow.topic), col(OutboxRow.value))
        .where(col(OutboxRow.id) > after, col(OutboxRow.id) <= upto)
        .order_by(col(OutboxRow.id))
        .limit(limit)
    )
    return [tuple(row) for row in await tx.rows(query)]


async def waiting(tx: Tx) -> tuple[int, datetime | None]:
    """How many rows wait for the relay, and since when the oldest of them does."""
    query = select(func.count().label("rows"), func.min(col(OutboxRow.recorded_at)).label("since")).where(
        col(OutboxRow.published_at).is_(None)
    )
    found = (await tx.execute(query)).one()
    return int(found.rows), found.since


async def untold(tx: Tx, key: UUID) -> bool:
    """Whether something about this key waits for the relay."""
    query = select(col(OutboxRow.id)).where(col(OutboxRow.key) == key, col(OutboxRow.published_at).is_(None))
    return bool(await tx.rows(query.limit(1)))


async def forget(tx: Tx, participant: UUID, records: Collection[UUID]) -> None:
    """Delete what was stated about this person, the erasure itself aside, whether it was published or not.

    `records`: the ids under which a fact about the person may lie, too: those of linked records. What another
    transaction states about the person later is looked after by whoever states it: a service that knows of the erasure
    states nothing.
    """
    rows = await tx.rows(select(col(OutboxRow.id), col(OutboxRow.value)).where(col(OutboxRow.key).in_(records)))
    gone = [row.id for row in rows if _about(Envelope.from_bytes(row.value), participant)]
    if gone:
        await tx.execute(delete(OutboxRow).where(col(OutboxRow.id).in_(gone)))


def _about(envelope: Envelope, participant: UUID) -> bool:
    """A fact that names the person, other than that they were erased."""
    named = envelope.partitionkey == str(participant) or str(participant) in map(str, envelope.data.values())
    return named and envelope.type != ParticipantErased.TYPE


async def last(tx: Tx) -> int:
    """The position of the last fact that this service stated; 0 before the first."""
    [largest] = (await tx.execute(select(func.coalesce(func.max(col(OutboxRow.id)), 0)))).one()
    return int(largest)


async def make_months(tx: Tx) -> int:
    """Make the partitions of this month and the next ones that are not there yet; how many that were.

    A function of the role that owns the table does it: the service's own role gets rows, not tables.
    """
    await tx.lock("outbox-months")
    made = text(f"select {CHASSIS}.make_outbox_months(:today, :ahead)").bindparams(
        today=tx.system_now, ahead=MONTHS_AHEAD
    )
    return int((await tx.execute(made)).scalar_one())
