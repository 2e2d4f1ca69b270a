"""What happens to an event that arrives: the same function under both buses, and for lanes that are drained.

Per consumer: lane lock -> inbox row -> handler, in one transaction. A failure stops the lane, never the partition:
everybody else's events flow on. Only if even that can't be recorded does the failure leave this room; then the worker
stops and the offset stays.

Events that have queued up share a transaction, each still in its order and with its own trace. If one of them fails,
nothing has happened, and they come again one after the other.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from enum import StrEnum
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from pydantic import ValidationError

from contracts import heartbeat
from contracts.catalogue import UnknownEvent, decode
from contracts.envelope import Envelope
from contracts.events.intake import ParticipantErased
from infra.chassis import erasures, inbox, lanes, telemetry
from infra.chassis.arrival import Arrival, Consumer, key_of, marks
from infra.chassis.bus.base import Received
from infra.chassis.crashpoints import NEVER, Crashpoints
from infra.chassis.db import Database, Tx
from infra.chassis.lanes import LaneKey, State
from infra.chassis.wake import go_on

log = structlog.get_logger()


class NotYet(Exception):
    """A handler's way to say that something this event builds on has not arrived."""


class OlderThanTheInbox(Exception):
    """Stated so long ago that nobody can tell whether it was dealt with: an operator looks, then drains or skips."""


class Outcome(StrEnum):
    DONE = "done"
    DUPLICATE = "duplicate"
    QUEUED = "queued"
    """Behind another event of its lane."""
    WAITING = "waiting"
    DEFERRED = "deferred"
    PARKED = "parked"


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
        remembered: timedelta | None = inbox.REMEMBERED,
        hear: Callable[[Received], None] = lambda _: None,
    ) -> None:
        """`remembered`: how far back the inbox of these consumers reaches; None: to the beginning."""
        self._db = db
        self._remembered = remembered
        self._hear = hear
        self.consumers = consumers
        self._observe = observe
        self._crashpoints = crashpoints
        self.finished = 0
        """Events dealt with by this process, for the health check."""

    async def __call__(self, received: Received) -> None:
        """Take one message from the bus to its end. A heartbeat is no event: it touches neither inbox nor lane."""
        if heartbeat.HEADER in received.headers:
            self._hear(received)
        else:
            try:
                arrivals = self._arrivals(received)
            except ValidationError:
                await self._park_unreadable(received)
            else:
                for arrival in arrivals:
                    await self._alone(arrival)
        self.finished += 1

    async def together(self, messages: Sequence[Received]) -> None:
        """Take messages to their end, all of them or none. Raises whatever stands in the way."""
        arrivals, beats = [], []
        for message in messages:
            if heartbeat.HEADER in message.headers:
                beats.append(message)
            else:
                arrivals += self._arrivals(message)
        if arrivals:
            started = asyncio.get_running_loop().time()
            async with self._db.transaction() as tx:
                outcomes = await self._deal_with(tx, arrivals, Arrival.traced)
            share = (asyncio.get_running_loop().time() - started) / len(arrivals)
            for arrival, outcome in zip(arrivals, outcomes, strict=True):
                self._observe(arrival.consumer.name, arrival.envelope.type, outcome, share)
        for beat in beats:  # it tells of what came before it, and that is durable now
            self._hear(beat)
        self.finished += len(messages)

    def _arrivals(self, received: Received) -> list[Arrival]:
        """The message for each consumer that wants it. Raises `ValidationError` if it is none of ours."""
        envelope = Envelope.from_bytes(received.value)
        wanted = [consumer for consumer in self.consumers if consumer.wants(envelope.type, received.topic)]
        return [Arrival(consumer, received, envelope) for consumer in wanted]

    async def _alone(self, arrival: Arrival) -> None:
        started = asyncio.get_running_loop().time()
        with arrival.traced():
            try:
                async with self._db.transaction() as tx:
                    [outcome] = await self._deal_with(tx, [arrival], lambda _: nullcontext())
            except Exception as error:
                outcome = await self._set_aside(arrival.lane, arrival.envelope, arrival.received.value, error)
        seconds = asyncio.get_running_loop().time() - started
        self._observe(arrival.consumer.name, arrival.envelope.type, outcome, seconds)

    async def _deal_with(
        self, tx: Tx, arrivals: Sequence[Arrival], traced: Callable[[Arrival], AbstractContextManager[None]]
    ) -> list[Outcome]:
        """Each in turn, in this transaction."""
        self._crashpoints.reach("before-inbox")
        arrived = await lanes.arrive(tx, [(arrival.lane, arrival.envelope.id) for arrival in arrivals])
        gone = set(await erasures.among(tx, {arrival.key for arrival in arrivals}))
        outcomes = []
        for arrival, (flows, fresh) in zip(arrivals, arrived, strict=True):
            tx.turn_to(arrival.envelope)
            if flows and fresh:
                with traced(arrival):
                    self._refuse_too_old(tx, arrival.envelope)
                    await self._handle(tx, arrival.consumer, arrival.envelope, gone)
                outcomes.append(Outcome.DONE)
            elif flows or await inbox.holds(tx, arrival.consumer.name, arrival.envelope.id):
                outcomes.append(Outcome.DUPLICATE)
            else:
                await lanes.queue(tx, arrival.lane, arrival.envelope.id, arrival.received.value)
                outcomes.append(Outcome.QUEUED)
        done = zip(arrivals, outcomes, strict=True)
        lanes.nudge(tx, {arrival.key for arrival, outcome in done if outcome is Outcome.DONE})
        return outcomes

    def _refuse_too_old(self, tx: Tx, envelope: Envelope) -> None:
        """Raises `OlderThanTheInbox`. No topic holds such an event; a relay that slept for weeks may bring one."""
        if self._remembered is not None and tx.system_now - envelope.time > self._remembered:
            raise OlderThanTheInbox

    async def _handle(self, tx: Tx, consumer: Consumer, envelope: Envelope, gone: set[UUID]) -> None:
        """The inbox row is there. Of whom was erased nothing is taken in any more, whatever topic it comes from."""
        erasure = envelope.type == ParticipantErased.TYPE
        if erasure or key_of(envelope.partitionkey) not in gone:
            fact = decode(envelope)
            handler = consumer.handlers.get(type(fact))
            if handler is not None:  # what waited for this release may turn out to be nothing to it
                await handler(tx, fact)
        if erasure:
            gone.add(key_of(envelope.partitionkey))
        self._crashpoints.reach("after-inbox")

    async def _set_aside(self, lane: LaneKey, envelope: Envelope, value: bytes, error: Exception) -> Outcome:
        """The try failed: the event waits in its lane. Re-checks the inbox, for another worker may have been faster."""
        state = _state_after(error, tries=1, waited=None)
        async with self._db.transaction(cause=envelope) as tx:
            flows = await lanes.enter(tx, lane)
            if await inbox.holds(tx, lane[0], envelope.id):
                return Outcome.DUPLICATE
            await lanes.queue(tx, lane, envelope.id, value)
            if flows:
                await lanes.stop(tx, lane, state, type(error).__name__)
        told = {"consumer": lane[0], "topic": lane[1], "state": state, "error": type(error).__name__}
        if isinstance(error, UnknownEvent):
            log.error("an event of a newer release waits for the upgrade", event_type=envelope.type, **told)
        else:
            log.warning("event set aside", **told)
        return Outcome(state.value)

    async def _park_unreadable(self, received: Received) -> None:
        """No CloudEvent of ours. It might have been anything, a withdrawal too: every consumer's lane stops."""
        key = key_of(received.key)
        event_id = uuid5(NAMESPACE_OID, f"{received.topic}/{received.partition}/{received.offset}")
        for consumer in self.consumers:
            lane = (consumer.name, received.topic, key)
            async with self._db.transaction() as tx:
                flows = await lanes.enter(tx, lane)
                if await inbox.holds(tx, consumer.name, event_id):
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
        head = None
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
                    **marks(consumer, envelope),
                ):
                    self._crashpoints.reach("before-inbox")
                    if await inbox.enter(tx, consumer.name, envelope.id):
                        gone = set(await erasures.among(tx, {lane[2]}))
                        await self._handle(tx, consumer, envelope, gone)
                await lanes.leave(tx, lane, head.id)
            self._observe(consumer.name, envelope.type, Outcome.DONE, 0)
            return None
        except Exception as error:
            if head is None:
                raise
            return await self._still_stopped(lane, head.id, error)

    async def _still_stopped(self, lane: LaneKey, head_id: int, error: Exception) -> Outcome | None:
        """Note another failure of the head, unless somebody else has dealt with it meanwhile."""
        async with self._db.transaction() as tx:
            await lanes.enter(tx, lane)
            before, head = await lanes.state_of(tx, lane), await lanes.first(tx, lane)
            if before is None or head is None or head.id != head_id:
                return None
            waited = tx.system_now - before.since
            tries = 1 if before.state == State.DEFERRED and not _defers(error) else before.tries + 1
            state = _state_after(error, tries, waited)
            await lanes.stop(tx, lane, state, type(error).__name__, tries)
        if state is State.PARKED:
            log.error("lane parked", consumer=lane[0], topic=lane[1], error=type(error).__name__, tries=tries)
        return Outcome(state.value)

    async def work_off_lanes(self, look_every: float = 0.25) -> None:
        """Try waiting lanes again when their time comes; run until cancelled."""
        while go_on():
            if not await self.try_due_lanes():
                await asyncio.sleep(look_every)

    async def try_due_lanes(self) -> bool:
        """Try those again whose time has come; True if there were any."""
        async with self._db.transaction() as tx:
            ready = await lanes.due(tx, [consumer.name for consumer in self.consumers])
        for lane in ready:
            await self.drain(lane)
        return bool(ready)


def _defers(error: Exception) -> bool:
    """Whether this is waiting for something else, not a failure."""
    return isinstance(error, (UnknownEvent, NotYet))


def _state_after(error: Exception, tries: int, waited: timedelta | None) -> State:
    if isinstance(error, UnknownEvent):
        return State.DEFERRED
    if isinstance(error, NotYet):
        return State.PARKED if waited is not None and waited > lanes.PATIENCE else State.DEFERRED
    if isinstance(error, (ValidationError, OlderThanTheInbox)) or tries >= lanes.TRIES:
        return State.PARKED
    return State.WAITING
