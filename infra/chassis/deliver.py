"""What happens to an event that arrives: the same function under both buses, and for lanes that are drained.

Per consumer: lane lock -> inbox check -> handler -> inbox row, in one transaction. A failure stops the lane, never the
partition: everybody else's events flow on. Only if even that can't be recorded does the failure leave this room; then
the worker stops and the offset stays.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from pydantic import ValidationError
from sqlalchemy import Column, DateTime, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel

from contracts.catalogue import UnknownEvent, decode
from contracts.envelope import Envelope, Fact
from infra.chassis import lanes, telemetry
from infra.chassis.bus.base import Received
from infra.chassis.crashpoints import NEVER, Crashpoints
from infra.chassis.db import Database, Tx
from infra.chassis.lanes import LaneKey, State
from infra.chassis.schema import CHASSIS, table

log = structlog.get_logger()

Handler = Callable[[Tx, Any], Awaitable[None]]
"""Takes a fact into the transaction. No network I/O in here."""


class NotYet(Exception):
    """A handler's way to say that something this event builds on has not arrived."""


class Outcome(StrEnum):
    DONE = "done"
    DUPLICATE = "duplicate"
    QUEUED = "queued"
    """Behind another event of its lane."""
    WAITING = "waiting"
    DEFERRED = "deferred"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Consumer:
    """A name with an inbox of its own, and what it does about which fact."""

    name: str
    handlers: Mapping[type[Fact], Handler]

    def wants(self, type_name: str) -> bool:
        return any(type_name == fact.TYPE for fact in self.handlers)


class InboxRow(SQLModel, table=True):
    """This consumer has dealt with this event."""

    __tablename__ = "inbox"
    __table_args__ = {"schema": CHASSIS}

    consumer: str = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    handled_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


Observe = Callable[[str, str, Outcome, float], None]
"""(consumer, event type, outcome, seconds)"""


class Delivery:
    """Offers each event to each consumer of a service, in their order: access first."""

    def __init__(
        self,
        db: Database,
        consumers: Sequence[Consumer],
        observe: Observe = lambda *_: None,
        crashpoints: Crashpoints = NEVER,
    ) -> None:
        self._db = db
        self.consumers = consumers
        self._observe = observe
        self._crashpoints = crashpoints
        self.finished = 0
        """Events dealt with by this process, for the health check."""

    async def __call__(self, received: Received) -> None:
        """Take one message from the bus to its end."""
        try:
            envelope = Envelope.from_bytes(received.value)
        except ValidationError:
            await self._park_unreadable(received)
            self.finished += 1
            return
        for consumer in self.consumers:
            if consumer.wants(envelope.type):
                await self._offer(consumer, received, envelope)
        self.finished += 1

    async def _offer(self, consumer: Consumer, received: Received, envelope: Envelope) -> Outcome:
        topic, value, trace = received.topic, received.value, received.headers.get("traceparent")
        lane = (consumer.name, topic, _key(envelope.partitionkey))
        started = asyncio.get_running_loop().time()
        with telemetry.continued(
            trace or envelope.traceparent, f"{consumer.name} {envelope.type}", **_marks(consumer, envelope)
        ):
            try:
                async with self._db.transaction(cause=envelope) as tx:
                    if await lanes.enter(tx, lane):
                        outcome = await self._handle(tx, consumer, envelope)
                        await lanes.nudge(tx, lane[2])
                    else:
                        await lanes.queue(tx, lane, envelope.id, value)
                        outcome = Outcome.QUEUED
            except Exception as error:
                outcome = await self._set_aside(lane, envelope, value, error)
        self._observe(consumer.name, envelope.type, outcome, asyncio.get_running_loop().time() - started)
        return outcome

    async def _handle(self, tx: Tx, consumer: Consumer, envelope: Envelope) -> Outcome:
        self._crashpoints.reach("before-inbox")
        row = insert(InboxRow).values(consumer=consumer.name, event_id=envelope.id, handled_at=tx.system_now)
        fresh = await tx.execute(row.on_conflict_do_nothing().returning(literal(1)))
        if fresh.one_or_none() is None:
            return Outcome.DUPLICATE
        fact = decode(envelope)
        await consumer.handlers[type(fact)](tx, fact)
        self._crashpoints.reach("after-inbox")
        return Outcome.DONE

    async def _set_aside(self, lane: LaneKey, envelope: Envelope, value: bytes, error: Exception) -> Outcome:
        """The try failed: the event waits in its lane. Re-checks the inbox, for another worker may have been faster."""
        state = _state_after(error, tries=1, waited=None)
        async with self._db.transaction(cause=envelope) as tx:
            flows = await lanes.enter(tx, lane)
            if await _in_inbox(tx, lane[0], envelope.id):
                return Outcome.DUPLICATE
            await lanes.queue(tx, lane, envelope.id, value)
            if flows:
                await lanes.stop(tx, lane, state, type(error).__name__)
        log.warning("event set aside", consumer=lane[0], topic=lane[1], state=state, error=type(error).__name__)
        return Outcome(state.value)

    async def _park_unreadable(self, received: Received) -> None:
        """No CloudEvent of ours. It might have been anything, a withdrawal too: every consumer's lane stops."""
        key = _key(received.key)
        event_id = uuid5(NAMESPACE_OID, f"{received.topic}/{received.partition}/{received.offset}")
        for consumer in self.consumers:
            lane = (consumer.name, received.topic, key)
            async with self._db.transaction() as tx:
                flows = await lanes.enter(tx, lane)
                if await _in_inbox(tx, consumer.name, event_id):
                    continue
                await lanes.queue(tx, lane, event_id, received.value)
                if flows:
                    await lanes.stop(tx, lane, State.PARKED, "Unreadable")
        log.error("unreadable event parked", topic=received.topic, partition=received.partition, offset=received.offset)

    async def drain(self, lane: LaneKey) -> Outcome:
        """Work off a lane in order, until it is empty or its head fails. Also what an operator calls."""
        consumer = next((c for c in self.consumers if c.name == lane[0]), None)
        while consumer is not None:
            outcome = await self._drain_head(consumer, lane)
            if outcome is not None:
                return outcome
        return Outcome.PARKED

    async def _drain_head(self, consumer: Consumer, lane: LaneKey) -> Outcome | None:
        """One event; None means: look at the next."""
        try:
            async with self._db.transaction() as tx:
                await lanes.enter(tx, lane)
                head = await lanes.first(tx, lane)
                if head is None:
                    await lanes.open_again(tx, lane)
                    return Outcome.DONE
                envelope = Envelope.from_bytes(head.value)
                tx.cause = envelope
                with telemetry.continued(
                    envelope.traceparent,
                    f"{consumer.name} {envelope.type} again",
                    link=True,
                    **_marks(consumer, envelope),
                ):
                    await self._handle(tx, consumer, envelope)
                await lanes.leave(tx, head.id)
            self._observe(consumer.name, envelope.type, Outcome.DONE, 0)
            return None
        except Exception as error:
            return await self._still_stopped(lane, error)

    async def _still_stopped(self, lane: LaneKey, error: Exception) -> Outcome:
        async with self._db.transaction() as tx:
            await lanes.enter(tx, lane)
            before = await lanes.state_of(tx, lane)
            if before is None:
                return Outcome.DONE
            tries = before.tries + 1
            state = _state_after(error, tries, waited=tx.system_now - before.since)
            await lanes.stop(tx, lane, state, type(error).__name__, tries)
        if state is State.PARKED:
            log.error("lane parked", consumer=lane[0], topic=lane[1], error=type(error).__name__, tries=tries)
        return Outcome(state.value)

    async def work_off_lanes(self, look_every: float = 0.25) -> None:
        """Try waiting lanes again when their time comes; run until cancelled."""
        while True:
            async with self._db.transaction() as tx:
                ready = await lanes.due(tx)
            for lane in ready:
                await self.drain(lane)
            if not ready:
                await asyncio.sleep(look_every)


def _state_after(error: Exception, tries: int, waited: Any) -> State:
    if isinstance(error, UnknownEvent):
        return State.DEFERRED
    if isinstance(error, NotYet):
        return State.PARKED if waited is not None and waited > lanes.PATIENCE else State.DEFERRED
    if isinstance(error, ValidationError) or tries >= lanes.TRIES:
        return State.PARKED
    return State.WAITING


async def _in_inbox(tx: Tx, consumer: str, event_id: UUID) -> bool:
    query = select(table(InboxRow).c.event_id).where(
        table(InboxRow).c.consumer == consumer,
        table(InboxRow).c.event_id == event_id,
    )
    return await tx.row(query) is not None


async def inbox_since(tx: Tx, since: datetime, limit: int) -> Sequence[Any]:
    """What has been dealt with since that system time, oldest first: (consumer, event_id, handled_at)."""
    rows = table(InboxRow)
    query = select(rows).where(rows.c.handled_at >= since).order_by(rows.c.handled_at, rows.c.event_id)
    return await tx.rows(query.limit(limit))


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid5(NAMESPACE_OID, text)


def _marks(consumer: Consumer, envelope: Envelope) -> telemetry.Marks:
    return {
        "consumer": consumer.name,
        "event": envelope.id,
        "event_type": envelope.type,
        "journey": envelope.correlationid,
    }
