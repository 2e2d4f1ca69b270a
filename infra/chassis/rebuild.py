"""Rebuilds a projection by replay: fresh tables are filled beside the live ones, then swapped in one short transaction.

The projection's handlers run unchanged; only the schema they write to is translated. Reading and live delivery go on
meanwhile; delivery to this consumer alone stands still for the swap.

The next generation is a consumer of its own, `<consumer>@next`, with its own inbox and lanes, fed through the same
`Delivery`. What it is given, per publisher:

1. *the feed*: the publisher's outbox up to a settled id U (`republish`; the service's own outbox is read directly);
2. *the live topics*, from the oldest message they hold, but only what lies behind U: a message carries its outbox id.

Why nothing is lost, doubled or out of order:

- Per key, ids follow the commits. 1 is all up to U, 2 all behind U: no event is in both, and 2 continues 1 in order.
  An event whose row was erased from the outbox is in neither, though the topic may still hold it: it stays erased.
- Whatever comes twice (a relay's repeat, a feed taken up again) meets the inbox of `@next`.
- Live transactions hold a share of the consumer's advisory lock (`lanes.enter`, `access.apply`). The swap takes the
  whole of it, so none is under way; then it reads on to the ends of topics and outbox. All that the live consumer has
  dealt with lies before those ends: `@next` has it all.
- `@next` may know more than the live consumer, which lags. In the transaction of the renaming, the inbox of `@next` is
  added to the live one, and its lanes take the place of the live ones. What then reaches the live consumer is either in
  its inbox or truly new. A delivery that waited for the lock looks at lane and inbox only afterwards.
- If it breaks off before that commit, nothing has changed; the next rebuild begins by forgetting `@next`.

What an operator skipped stays skipped. An event that fails waits in a lane of `@next`, which becomes a live lane.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from time import monotonic
from typing import Final

import structlog
from sqlalchemy import text

from contracts import heartbeat
from contracts.envelope import CONTENT_TYPE
from contracts.refusal import Conflict, Invalid
from contracts.topics import Topic
from infra.chassis import fresh_tables, lanes, outbox, republish
from infra.chassis.bus.base import Bus, Received
from infra.chassis.clock import Clock, SystemClock
from infra.chassis.db import Database, lock_id
from infra.chassis.deliver import Delivery
from infra.chassis.generation import Generation
from infra.chassis.ids import RandomIds
from infra.chassis.lanes import State
from infra.chassis.outbox import POSITION
from infra.chassis.projections import Projection, projection
from infra.chassis.republish import Progress, Run
from infra.chassis.service import Service
from infra.chassis.settings import ServiceSettings
from infra.chassis.wake import session

log = structlog.get_logger()

CALM: Final = 50
"""So few new facts in a round that the rest can wait for the swap."""
ROUNDS: Final = 20
LOOKS: Final = 3
LOOK_AGAIN: Final = 0.5
PATIENCE: Final = 20.0
"""Seconds that the live consumer gets to deal with what the fresh tables know already."""
UNSAFE_BUT_FAST: Final = "-c synchronous_commit=off"
"""For the filling alone: the commit of the swap makes all before it durable."""


class Mode(StrEnum):
    """What happens once the fresh tables are full."""

    SWAP = "swap"
    LOOK = "look"
    """Compare, and forget them."""
    MEND = "mend"
    """Compare, and swap if anything is different."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild did."""

    projection: str
    facts: int
    """Offered to the new generation."""
    waiting: int
    """Lanes that did not flow in the end; they went on as lanes of the live consumer."""
    seconds: float
    held_up_seconds: float
    """How long live delivery to this projection stood still."""
    different: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """If it was compared: table -> the participants (or first keys) whose rows were not what the facts say."""


async def rebuild(
    service: Service,
    settings: ServiceSettings,
    name: str,
    progress: Progress = lambda _: None,
    mode: Mode = Mode.SWAP,
    *,
    live: bool = True,
    clock: Clock | None = None,
    bus: Bus | None = None,
) -> Report:
    """Rebuild the projection `name` of a service from what was ever stated, or only compare it with that.

    A service that is shut out (`live=False`) is not given time to catch up before a difference counts.

    Raises `Invalid` if the owner's database URL, the projection or a whole feed is missing, and `Conflict` while
    another rebuild of it is running.
    """
    if settings.owner_database_url is None:
        raise Invalid(
            "A rebuild makes tables, so it needs the role that owns them.",
            way_out=f"Set {service.name.upper()}_OWNER_DATABASE_URL.",
        )
    url = settings.owner_database_url.get_secret_value()
    which = projection(service, name)
    bus = bus or settings.open_bus()
    clock = clock or SystemClock()
    db = Database(url, clock=clock, ids=RandomIds(), pool_size=2)
    fresh = Database(url, clock=clock, ids=RandomIds(), pool_size=2, options=UNSAFE_BUT_FAST)
    try:
        async with session(url) as alone:
            cursor = await alone.execute("select pg_try_advisory_lock(%s)", (lock_id("rebuild", which.consumer.name),))
            if await cursor.fetchone() != (True,):
                raise Conflict(f"Another rebuild of {name!r} is running.", way_out="Wait for it to end.")
            return await _Rebuild(which, db, fresh_tables.filling(fresh, name), bus, progress, live).run(mode)
    finally:
        await bus.close()
        await fresh.close()
        await db.close()


class _Rebuild:
    """One rebuild; see the module."""

    def __init__(
        self, which: Projection, db: Database, fresh: Database, bus: Bus, progress: Progress, live: bool
    ) -> None:
        self._which, self._own = which, which.service
        self._db, self._bus, self._progress, self._live = db, bus, progress, live
        self._next = Generation(which.consumer.name)
        # The inbox of this consumer begins empty: it takes facts of any age.
        self._delivery = Delivery(fresh, [replace(which.consumer, name=self._next.name)], remembered=None)
        self._fed_up_to: dict[str, int] = {}
        """publisher -> the outbox id up to which its facts came as a feed"""
        self._read: dict[str, dict[int, int]] = {}
        """topic -> partition -> offset up to which it was read"""
        self._facts = 0

    async def run(self, mode: Mode) -> Report:
        started = monotonic()
        sources = {topic for topic, _ in self._which.sources()}
        topics = sorted((t for t in sources if t.publisher != self._own), key=lambda topic: topic.name)
        found = {publisher: await self._feed(publisher) for publisher in sorted({t.publisher for t in topics})}
        await self._begin()
        for publisher, run in found.items():
            await self._take_feed(publisher, run)
        for _ in range(ROUNDS):
            if await self._catch_up(topics, await republish.settled(self._db)) < CALM:
                break
        await self._try_waiting()
        different = {} if mode is Mode.SWAP else await self._compare(topics)
        held_up = await self._swap(topics) if mode is Mode.SWAP or (mode is Mode.MEND and different) else 0.0
        waiting = await self._tidy()
        return Report(self._which.name, self._facts, waiting, monotonic() - started, held_up, different)

    async def _feed(self, publisher: str) -> Run:
        """The newest whole feed of what this consumer takes from that publisher."""
        feed = republish.feed_of(publisher, self._which.feed)
        await self._bus.create_topics([feed])
        run = await republish.newest_whole_run(self._bus, feed, self._which.wanted()[publisher])
        if run is None:
            raise republish.no_feed(publisher, self._which.feed)
        return run

    async def _begin(self) -> None:
        await self._next.forget(self._db)
        async with self._db.transaction() as tx:
            await fresh_tables.forget(tx, self._which.name)
            await fresh_tables.make(tx, self._which.name)
            await self._next.begin(tx)

    async def _take_feed(self, publisher: str, run: Run) -> None:
        async def take(message: Received) -> None:
            if message.headers[republish.RUN] == str(run.id) and republish.COMPLETE not in message.headers:
                headers = {"content-type": CONTENT_TYPE, POSITION: message.headers[POSITION]}
                await self._offer(Received(message.headers[republish.TOPIC], message.key, message.value, headers))

        await self._bus.replay(republish.feed_of(publisher, self._which.feed), None, take)
        self._fed_up_to[publisher] = run.upto or 0

    async def _catch_up(self, topics: list[Topic], own_upto: int) -> int:
        """Everything stated since the last look; how much it was."""
        before = self._facts
        if self._own in self._which.wanted():
            await self._read_own_outbox(own_upto)
        for topic in topics:
            ends = await self._bus.ends(topic)

            async def take(message: Received, publisher: str = topic.publisher) -> None:
                if heartbeat.HEADER in message.headers:
                    return
                if int(message.headers.get(POSITION, 2**63)) > self._fed_up_to[publisher]:
                    await self._offer(message)

            await self._bus.replay(topic, ends, take, self._read.get(topic.name))
            self._read[topic.name] = dict(ends)
        return self._facts - before

    async def _read_own_outbox(self, upto: int) -> None:
        after = self._fed_up_to.get(self._own, 0)
        while after < upto:
            async with self._db.transaction() as tx:
                rows = await outbox.stated(tx, after, upto, republish.BATCH)
            for row_id, key, topic, value in rows:
                await self._offer(Received(topic, str(key), value, {POSITION: str(row_id)}))
            after = rows[-1][0] if rows else upto
        self._fed_up_to[self._own] = after

    async def _offer(self, message: Received) -> None:
        await self._delivery(message)
        self._facts += 1
        if self._facts % republish.BATCH == 0:
            self._progress(self._facts)

    async def _try_waiting(self) -> None:
        """What was deferred for something that came later, of another topic: as long as that helps."""
        before = -1
        while (stopped := await self._stopped()) and len(stopped) != before:
            before = len(stopped)
            for lane in stopped:
                await self._delivery.drain(lane)

    async def _stopped(self) -> list[lanes.LaneKey]:
        async with self._db.transaction() as tx:
            return [
                (row.consumer, row.topic, row.key)
                for row in await lanes.stopped(tx)
                if row.consumer == self._next.name and row.state != State.PARKED
            ]

    async def _compare(self, topics: list[Topic]) -> Mapping[str, frozenset[str]]:
        """What differs although the live consumer had its time: a fact that is under way is no difference."""
        found: Mapping[str, frozenset[str]] = {}
        for look in range(LOOKS if self._live else 1):
            if look:
                await self._live_has_read(topics)
            seen = await self._look(topics)
            kept = seen if not look else {name: ids & seen.get(name, frozenset()) for name, ids in found.items()}
            found = {name: ids for name, ids in kept.items() if ids}
            if not found:
                break
        return found

    async def _look(self, topics: list[Topic]) -> Mapping[str, frozenset[str]]:
        async with self._db.transaction() as tx:
            await tx.lock("consumer", self._which.consumer.name)
            await self._catch_up(topics, await outbox.largest(tx))
            await self._try_waiting()
            return await fresh_tables.differences(tx, self._which.name)

    async def _live_has_read(self, topics: list[Topic]) -> None:
        """Wait until the live consumer is past what the fresh tables hold, as long as that may reasonably take."""
        end = monotonic() + PATIENCE
        while monotonic() < end:
            await asyncio.sleep(LOOK_AGAIN)
            behind = await self._bus.lag(f"lotse.{self._own}", topics)
            ends = {topic.name: await self._bus.ends(topic) for topic in topics}
            if all(
                ends[topic][place] - waiting >= self._read[topic].get(place, 0)
                for (topic, place), waiting in behind.items()
            ):
                return

    async def _swap(self, topics: list[Topic]) -> float:
        """The one moment in which live delivery to this projection stands still; its length in seconds."""
        held_up = 0.0

        async def once() -> int:
            nonlocal held_up
            async with self._db.transaction() as tx:
                await tx.execute(text("set local lock_timeout = '2s'"))
                await tx.lock("consumer", self._which.consumer.name)
                started = monotonic()
                # Whoever states a fact of ours for this very service holds a share of that lock until it is committed.
                await self._catch_up(topics, await outbox.largest(tx))
                await self._try_waiting()
                await self._next.hand_over(tx)
                await fresh_tables.swap(tx, self._which.name)
            held_up = monotonic() - started
            return 0

        await republish.patiently(once)
        return held_up

    async def _tidy(self) -> int:
        """Drop what was replaced. The new tables are in use by now: whatever fails here is left to the next rebuild."""
        try:
            await self._next.forget(self._db)
            async with self._db.transaction() as tx:
                await fresh_tables.forget_next(tx, self._which.name)

            async def drop() -> int:
                async with self._db.transaction() as tx:
                    await tx.execute(text("set local lock_timeout = '1s'"))
                    return await fresh_tables.drop_old(tx, self._which.name)

            await republish.patiently(drop)
        except Exception as error:
            log.warning("replaced tables were left behind", error=type(error).__name__)
        async with self._db.transaction() as tx:
            return sum(row.consumer == self._which.consumer.name for row in await lanes.stopped(tx))
