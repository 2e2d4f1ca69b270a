"""Feeds a service's outbox again, in order, into a private topic: for a rebuild, or for a consumer that is new.

The outbox is the durable record of a service's facts; topics forget after 30 days. A feed is one run over the rows up
to a settled id: the rows of each key in the order of their commits, then one message that says that the run is
complete, how many rows it holds, and up to which id. A run that broke off is taken up where its last whole batch ended;
a message that comes twice carries the same event id. Everything needed for that is in the topic itself.

A feed holds only what its reader may read: facts of a topic that is closed to it stay out.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from contracts.envelope import CONTENT_TYPE, Envelope
from contracts.refusal import Invalid
from contracts.topics import SERVICES, TOPICS, Topic
from infra.chassis import outbox
from infra.chassis.bus.base import Bus, Message, Received
from infra.chassis.clock import SystemClock
from infra.chassis.db import Database
from infra.chassis.ids import Ids, RandomIds
from infra.chassis.outbox import POSITION
from infra.chassis.service import Service
from infra.chassis.settings import ServiceSettings

log = structlog.get_logger()

Progress = Callable[[int], None]
"""Called with the number of facts dealt with so far."""

BATCH: Final = 500
KEPT: Final = timedelta(days=2)
"""A feed holds what its topic's source may have erased meanwhile, so it is not kept for long."""
ALL: Final = "*"

TOPIC: Final = "lotse-topic"
"""Header: the topic on which the fact was stated."""
RUN: Final = "lotse-run"
AFTER: Final = "lotse-after"
"""Header: the outbox id after which this message's batch begins."""
COMPLETE: Final = "lotse-complete"
"""Header of a run's last message: how many rows the run holds."""
UPTO: Final = "lotse-upto"
TYPES: Final = "lotse-types"


class Unpublishable(RuntimeError):
    """The bus did not take a batch of the feed; what was fed so far is kept, so a second run goes on there."""


def feed_of(publisher: str, consumer: str) -> Topic:
    """The private topic that feeds `consumer` (e.g. `referrals.access`) with the facts of `publisher`."""
    name = re.sub(r"[^a-z0-9._-]", "-", consumer.lower())
    return Topic(f"lotse.republish.{publisher}.{name}", publisher, frozenset({consumer.partition(".")[0]}), 12, KEPT)


def no_feed(publisher: str, for_whom: str) -> Invalid:
    """The refusal where a feed is missing or not whole."""
    return Invalid(
        f"There is no whole feed of the facts of {publisher} for {for_whom}.",
        way_out=f"Run `lotse republish {publisher} --for {for_whom}` first.",
    )


@dataclass
class Run:
    """One run over the outbox, as far as its topic shows it."""

    id: UUID
    types: str
    after: int = 0
    held: int = 0
    """Rows that the topic holds, counted once."""
    upto: int | None = None
    """The settled id up to which the run is complete; None while it is not."""
    promised: int | None = None
    _batches: dict[int, tuple[int, set[int]]] = field(default_factory=dict)
    """Partition -> the batch that it has reached, and the rows of it that were seen."""

    @property
    def whole(self) -> bool:
        """Complete, and nothing of it has been forgotten by the topic."""
        return self.promised is not None and self.held == self.promised

    def holds(self, wanted: Collection[str]) -> bool:
        return self.types == ALL or set(wanted) <= set(self.types.split(","))

    def see(self, message: Received) -> None:
        if COMPLETE in message.headers:
            self.promised, self.upto = int(message.headers[COMPLETE]), int(message.headers[UPTO])
            return
        after, position = int(message.headers[AFTER]), int(message.headers[POSITION])
        self.after = max(self.after, after)
        reached, seen = self._batches.get(message.partition, (-1, set()))
        if after > reached:
            reached, seen = self._batches[message.partition] = after, set()
        # A batch follows the one before it. Within one only the rows of a key are in order: a bus may take the first
        # row of every key before the second of any.
        if after == reached and position not in seen:
            seen.add(position)
            self.held += 1


async def runs(bus: Bus, feed: Topic) -> Sequence[Run]:
    """The runs that a feed's topic holds, oldest first."""
    found: dict[UUID, Run] = {}

    async def see(message: Received) -> None:
        run = UUID(message.headers[RUN])
        found.setdefault(run, Run(run, message.headers[TYPES])).see(message)

    await bus.replay(feed, None, see)
    return [found[run] for run in sorted(found)]


async def newest_whole_run(bus: Bus, feed: Topic, types: Collection[str]) -> Run | None:
    """The last run that is whole and holds all these event types."""
    whole = [run for run in await runs(bus, feed) if run.whole and run.holds(types)]
    return whole[-1] if whole else None


async def republish(
    service: Service,
    settings: ServiceSettings,
    consumer: str,
    types: Collection[str] | None = None,
    progress: Progress = lambda _: None,
    *,
    ids: Ids | None = None,
    bus: Bus | None = None,
) -> int:
    """Feed the service's facts of these types (None: all) to `consumer`; the number that was fed.

    `consumer` is `<service>.<projection>` for a rebuild. Raises `Unpublishable`, and `Invalid` if that is no service.
    """
    reader = consumer.partition(".")[0]
    if reader not in SERVICES:
        raise Invalid(
            f"{consumer!r} does not begin with a service.", way_out=f"Name one of {', '.join(SERVICES)}, then a dot."
        )
    readable = {topic.name for topic in TOPICS if reader in topic.readers}
    ids = ids or RandomIds()
    db = Database(settings.database_url.get_secret_value(), clock=SystemClock(), ids=ids, pool_size=2)
    bus = bus or settings.open_bus()
    try:
        return await _feed(db, bus, feed_of(service.name, consumer), readable, types, progress, ids)
    finally:
        await bus.close()
        await db.close()


async def _feed(
    db: Database,
    bus: Bus,
    feed: Topic,
    readable: Collection[str],
    types: Collection[str] | None,
    progress: Progress,
    ids: Ids,
) -> int:
    await bus.create_topics([feed])
    wanted = ALL if types is None else ",".join(sorted(types))
    upto = await settled(db)
    known = await runs(bus, feed)
    run = known[-1] if known and known[-1].promised is None and known[-1].types == wanted else None
    run = run or Run(ids.ordered(), wanted)
    fed, after = run.held, run.after
    # The batch at which a run broke off is sent again as a whole: its rows are counted when they are.
    seen = set[int]() if run.held == 0 else await _positions(bus, feed, run)
    marks = {RUN: str(run.id), TYPES: wanted}
    while True:
        async with db.transaction() as tx:
            rows = await outbox.stated(tx, after, upto, BATCH)
        if not rows:
            break
        batch = [
            (row_id, key, topic, value)
            for row_id, key, topic, value in rows
            if topic in readable and (types is None or Envelope.from_bytes(value).type in types)
        ]
        await _publish(
            bus,
            [
                Message(
                    feed.name,
                    str(key),
                    value,
                    {"content-type": CONTENT_TYPE, POSITION: str(row_id), TOPIC: topic, AFTER: str(after), **marks},
                )
                for row_id, key, topic, value in batch
            ],
        )
        fed += sum(row_id not in seen for row_id, *_ in batch)
        after = rows[-1][0]
        progress(fed)
    await _publish(bus, [Message(feed.name, str(run.id), b"", {COMPLETE: str(fed), UPTO: str(upto), **marks})])
    return fed


async def _positions(bus: Bus, feed: Topic, run: Run) -> set[int]:
    """The rows of the run's last batch that the topic holds already."""
    found: set[int] = set()

    async def see(message: Received) -> None:
        if message.headers[RUN] == str(run.id) and message.headers.get(AFTER) == str(run.after):
            found.add(int(message.headers[POSITION]))

    await bus.replay(feed, None, see)
    return found


async def _publish(bus: Bus, messages: Sequence[Message]) -> None:
    for pause in (0.1, 0.5, 2.0, 0.0):
        if not any(await bus.publish(messages)):
            return
        await asyncio.sleep(pause)
    raise Unpublishable("The bus does not take the feed. Run the same command again once it is up: it goes on there.")


async def settled(db: Database) -> int:
    """`outbox.settled_up_to`, without holding up the service for long: it tries again when somebody is slow."""

    async def once() -> int:
        async with db.transaction() as tx:
            await tx.execute(text("set local lock_timeout = '1s'"))
            return await outbox.settled_up_to(tx)

    return await patiently(once)


async def patiently(act: Callable[[], Awaitable[int]], tries: int = 20) -> int:
    """Try an act that needs a lock again while it does not get it in time. Raises the last failure."""
    for left in range(tries, 0, -1):
        try:
            return await act()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != "55P03" or left == 1:  # lock_not_available
                raise
            log.info("waiting for a lock", tries=left)
            await asyncio.sleep(0.25)
    raise AssertionError("not reached")
