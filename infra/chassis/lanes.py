"""Where an event waits when it can't be handled now: per (consumer, topic, key), so that nobody else waits with it.

waiting   a try failed; tried again by timer with growing, jittered pauses
deferred  a prerequisite has not arrived, or this release does not know the type or version; also tried when something
          else of the same key arrives
parked    malformed, or all tries used up: an operator mends the cause and drains in order, or skips one with a reason

Later events of the lane queue behind the first. Nothing is thrown away.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from random import uniform
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    LargeBinary,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from infra.chassis import inbox
from infra.chassis.db import Tx, lock_id
from infra.chassis.schema import CHASSIS, instant, table

TRIES: Final = 6
"""Failures after which a lane is parked; with the pauses below that takes about half a minute."""
FIRST_PAUSE: Final = timedelta(milliseconds=250)
LONGEST_PAUSE: Final = timedelta(seconds=30)
PATIENCE: Final = timedelta(minutes=15)
"""How long a missing prerequisite is waited for (system time)."""


class State(StrEnum):
    WAITING = "waiting"
    DEFERRED = "deferred"
    PARKED = "parked"


class Lane(SQLModel, table=True):
    """A lane that does not flow. A flowing lane has no row."""

    __tablename__ = "lane"
    __table_args__ = {"schema": CHASSIS}

    consumer: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    key: UUID = Field(primary_key=True)
    state: str
    tries: int = 0
    error: str
    """Class of the last failure and nothing of its text, which may hold data."""
    since: datetime = instant()
    retry_at: datetime | None = instant(optional=True, index=True)


class Waiting(SQLModel, table=True):
    """An event in a lane, in order of `id`."""

    __tablename__ = "lane_event"
    __table_args__ = (UniqueConstraint("consumer", "event_id"), {"schema": CHASSIS})

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    consumer: str = Field(index=True)
    topic: str
    key: UUID = Field(index=True)
    event_id: UUID
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    queued_at: datetime = instant()


class Skipped(SQLModel, table=True):
    """An event that an operator set aside, with the reason. The payload is kept."""

    __tablename__ = "lane_skipped"
    __table_args__ = {"schema": CHASSIS}

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    consumer: str
    topic: str
    key: UUID
    event_id: UUID
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reason: str
    by: UUID | None
    skipped_at: datetime = instant()


async def forget(tx: Tx, key: UUID) -> None:
    """The person of this key was erased: what an operator set aside goes; what waits is dropped as its turn comes."""
    await tx.execute(delete(Skipped).where(col(Skipped.key) == key))


LaneKey = tuple[str, str, UUID]
"""(consumer, topic, message key)"""


def _of(table: Any, lane: LaneKey) -> tuple[Any, ...]:
    return (col(table.consumer) == lane[0], col(table.topic) == lane[1], col(table.key) == lane[2])


async def enter(tx: Tx, lane: LaneKey) -> bool:
    """Take the lane's lock until the transaction ends; True if the lane flows.

    Before it, a share in the consumer itself: a rebuild takes the whole of it for the moment in which it swaps.
    """
    await tx.execute(
        select(
            func.pg_advisory_xact_lock_shared(lock_id("consumer", lane[0])),
            func.pg_advisory_xact_lock(lock_id("lane", *lane)),
        )
    )
    return await tx.row(select(col(Lane.state)).where(*_of(Lane, lane))) is None


_LOCKS: Final = "select pg_advisory_xact_lock_shared(id) from unnest(%(consumers)s::bigint[]) as id"
_LANE_LOCKS: Final = "select pg_advisory_xact_lock(id) from unnest(%(lanes)s::bigint[]) as id"
_STOPPED: Final = """
select lane.consumer, lane.topic, lane.key from chassis.lane natural join
  unnest(%(consumer)s::text[], %(topic)s::text[], %(key)s::uuid[]) as arrived(consumer, topic, key)
"""
_ENTER: Final = """
insert into chassis.inbox (consumer, event_id, handled_at)
select consumer, event_id, %(at)s
from unnest(%(consumer)s::text[], %(topic)s::text[], %(key)s::uuid[], %(event)s::uuid[])
  with ordinality as arrived(consumer, topic, key, event_id, place)
where not exists (
  select from chassis.lane
  where (lane.consumer, lane.topic, lane.key) = (arrived.consumer, arrived.topic, arrived.key))
order by place
on conflict do nothing returning consumer, event_id
"""
"""In the order of arrival: the fault run reads from the inbox in which order events were dealt with."""


async def arrive(tx: Tx, arrivals: Sequence[tuple[LaneKey, UUID]]) -> list[tuple[bool, bool]]:
    """Per event, (its lane flows, it is new): `enter` for all and the inbox rows, on one way to the database.

    Locks are taken in the order of their numbers: two that hold several can't wait for each other in a circle.
    """
    columns = zip(*((*lane, event) for lane, event in arrivals), strict=True)
    values = {**dict(zip(("consumer", "topic", "key", "event"), map(list, columns), strict=True)), "at": tx.system_now}
    consumers = sorted({lock_id("consumer", lane[0]) for lane, _ in arrivals})
    lanes = sorted({lock_id("lane", *lane) for lane, _ in arrivals})
    _, _, stopped, entered = await tx.ask(
        (_LOCKS, {"consumers": consumers}), (_LANE_LOCKS, {"lanes": lanes}), (_STOPPED, values), (_ENTER, values)
    )
    waiting, fresh = {tuple(row) for row in stopped}, {tuple(row) for row in entered}
    answers = []
    for lane, event in arrivals:
        answers.append((lane not in waiting, (lane[0], event) in fresh))
        fresh.discard((lane[0], event))  # told twice in one go, it is new once
    return answers


async def queue(tx: Tx, lane: LaneKey, event_id: UUID, value: bytes) -> None:
    """Put the event at the end of the lane; a redelivered one keeps its place."""
    row = insert(Waiting).values(
        consumer=lane[0], topic=lane[1], key=lane[2], event_id=event_id, value=value, queued_at=tx.system_now
    )
    await tx.execute(row.on_conflict_do_nothing())


async def stop(tx: Tx, lane: LaneKey, state: State, error: str, tries: int = 1) -> None:
    """The lane stops flowing, or stays stopped: note why, and when to try again."""
    retry_at = None if state is State.PARKED else tx.system_now + pause(tries)
    row = insert(Lane).values(
        consumer=lane[0],
        topic=lane[1],
        key=lane[2],
        state=state,
        tries=tries,
        error=error,
        since=tx.system_now,
        retry_at=retry_at,
    )
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["consumer", "topic", "key"],
            set_={"state": state, "tries": tries, "error": error, "retry_at": retry_at},
        )
    )


def pause(tries: int) -> timedelta:
    """Growing and jittered, so that many lanes don't come back at once."""
    doublings = min(max(tries - 1, 0), 10)  # a lane may wait for weeks, and no timedelta is that long
    return min(LONGEST_PAUSE, FIRST_PAUSE * int(2**doublings)) * uniform(0.8, 1.2)  # noqa: S311 - no secret


async def first(tx: Tx, lane: LaneKey) -> Any | None:
    """The event at the head: (id, event_id, value), or None if the lane is empty."""
    query = select(col(Waiting.id), col(Waiting.event_id), col(Waiting.value)).where(*_of(Waiting, lane))
    return (await tx.execute(query.order_by(col(Waiting.id)).limit(1))).one_or_none()


async def state_of(tx: Tx, lane: LaneKey) -> Any | None:
    """(state, tries, since) of a lane that does not flow."""
    return await tx.row(select(col(Lane.state), col(Lane.tries), col(Lane.since)).where(*_of(Lane, lane)))


async def leave(tx: Tx, lane: LaneKey, waiting_id: int) -> None:
    """The event at the head has been dealt with; the next one has all its tries, and its patience, before it."""
    await tx.execute(delete(Waiting).where(col(Waiting.id) == waiting_id))
    await tx.execute(update(Lane).where(*_of(Lane, lane)).values(tries=0, since=tx.system_now))


async def open_again(tx: Tx, lane: LaneKey) -> None:
    """The lane is empty: it flows."""
    await tx.execute(delete(Lane).where(*_of(Lane, lane)))


async def due(tx: Tx, consumers: Collection[str], limit: int = 50) -> Sequence[LaneKey]:
    """The lanes of these consumers whose pause is over. A lane of any other name can't be worked off here."""
    query = select(col(Lane.consumer), col(Lane.topic), col(Lane.key)).where(
        col(Lane.retry_at) <= tx.system_now, col(Lane.consumer).in_(consumers)
    )
    return [(r.consumer, r.topic, r.key) for r in await tx.rows(query.order_by(col(Lane.retry_at)).limit(limit))]


_NUDGE: Final = "update chassis.lane set retry_at = %(now)s where key = any(%(keys)s) and state = %(deferred)s"


def nudge(tx: Tx, keys: Collection[UUID]) -> None:
    """Something else of these keys arrived: what was deferred may be possible now."""
    if keys:
        tx.later(_NUDGE, keys=sorted(keys), deferred=State.DEFERRED.value, now=tx.system_now)


async def count(tx: Tx) -> dict[tuple[str, State], int]:
    """How many lanes don't flow, per consumer and state."""
    query = select(col(Lane.consumer), col(Lane.state), func.count().label("lanes")).group_by(
        col(Lane.consumer), col(Lane.state)
    )
    return {(row.consumer, State(row.state)): row.lanes for row in await tx.rows(query)}


async def stopped(tx: Tx) -> Sequence[Any]:
    """All lanes that don't flow: (consumer, topic, key, state, tries, error, since, queued)."""
    behind = (
        select(func.count())
        .select_from(Waiting)
        .where(
            col(Waiting.consumer) == col(Lane.consumer),
            col(Waiting.topic) == col(Lane.topic),
            col(Waiting.key) == col(Lane.key),
        )
        .scalar_subquery()
    )
    return await tx.rows(select(*table(Lane).c, behind.label("queued")).order_by(col(Lane.since)))


async def skip(tx: Tx, lane: LaneKey, event_id: UUID, reason: str) -> bool:
    """Set the head aside if it is this event; it won't be handled if it arrives again. The caller audits it."""
    await enter(tx, lane)
    head = await first(tx, lane)
    if head is None or head.event_id != event_id:
        return False
    await tx.execute(
        insert(Skipped).values(
            consumer=lane[0],
            topic=lane[1],
            key=lane[2],
            event_id=event_id,
            value=head.value,
            reason=reason,
            by=tx.by.subject,
            skipped_at=tx.system_now,
        )
    )
    await inbox.enter(tx, lane[0], event_id)
    await leave(tx, lane, head.id)
    await stop(tx, lane, State.WAITING, "skipped", tries=0)
    return True
