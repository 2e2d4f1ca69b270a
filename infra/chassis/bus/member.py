"""One member of a consumer group of the embedded bus: takes its share of the partitions and works on them.

Owning a partition is holding a session advisory lock on (group, topic, partition): a killed process frees it with its
connection. The members of a group are counted by a shared advisory lock, and each takes its fair share.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final, TypeAlias

import psycopg
from psycopg.rows import TupleRow

from contracts.topics import Topic
from infra.chassis.bus.base import AT_ONCE, HANDS, Received
from infra.chassis.bus.feeding import Feed
from infra.chassis.crashpoints import Crashpoints
from infra.chassis.db import lock_id
from infra.chassis.wake import go_on, session, woken_or_after

LOOK_AGAIN: Final = 1.0
"""Seconds after which a consumer looks for new messages and free partitions even without being woken."""
TRIM_EVERY: Final = 3600.0
"""Seconds between two looks for what is older than its topic keeps."""
SIGNALS_KEPT: Final = timedelta(minutes=10)
"""A message without a key says something of its partition at that time; nobody looks back further."""

Place: TypeAlias = tuple[str, int]
"""(topic, partition)"""
Transaction: TypeAlias = Callable[[], AbstractAsyncContextManager[psycopg.AsyncConnection[TupleRow]]]
"""Opens one on the bus' database; committed at the end of the block."""


class Member:
    """One member of a consumer group: owns partitions, and works on what waits in them."""

    def __init__(
        self,
        url: str,
        transaction: Transaction,
        group: str,
        topics: Sequence[Topic],
        feed: Feed,
        crashpoints: Crashpoints,
    ) -> None:
        self._url, self._transaction, self._group, self._feed = url, transaction, group, feed
        self._topics = [topic.name for topic in topics]
        self._retention = {topic.name: topic.retention for topic in topics}
        self._crashpoints = crashpoints
        self._owned: set[Place] = set()
        self._busy: set[Place] = set()
        self._hands = HANDS
        """Those that are free."""
        self._leaving: set[Place] = set()
        """Owned, but due to another member: gets no new work, so that it is given back under load, too."""
        self._wake = asyncio.Event()
        self._settling = asyncio.Lock()
        """Held while partitions change hands or get work: what was read must still be ours when work on it begins."""

    async def run(self) -> None:
        async with session(self._url) as owner:
            await owner.execute("select pg_advisory_lock_shared(%s, %s)", self._membership)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen())
                    tasks.create_task(self._rebalance(owner))
                    tasks.create_task(self._trim())
                    while go_on():
                        await woken_or_after(self._wake, LOOK_AGAIN)
                        async with self._settling:
                            if self._hands and (fetched := await self._fetch()):
                                self._hands -= 1
                                self._busy |= {place_of(message) for message in fetched}
                                tasks.create_task(self._work(fetched))
            except* Exception as failures:
                raise failures.exceptions[0] from None

    async def _listen(self) -> None:
        async with session(self._url) as ear:
            await ear.execute("listen bus")
            async for _ in ear.notifies():
                if go_on():
                    self._wake.set()

    async def _rebalance(self, owner: psycopg.AsyncConnection[TupleRow]) -> None:
        while go_on():
            async with self._settling:
                await self._share(owner)
            await asyncio.sleep(LOOK_AGAIN)

    async def _trim(self) -> None:
        """Delete what is older than its topic keeps."""
        while go_on():
            for topic, kept in self._retention.items():
                async with self._transaction() as conn:
                    await conn.execute(
                        "delete from bus.log where topic = %s and (at < now() - %s or (key = '' and at < now() - %s))",
                        (topic, kept, SIGNALS_KEPT),
                    )
            await asyncio.sleep(TRIM_EVERY)

    @property
    def _membership(self) -> tuple[int, int]:
        member = lock_id("bus-member", self._group)
        return (member >> 32, (member & 0x7FFFFFFF))

    async def _share(self, owner: psycopg.AsyncConnection[TupleRow]) -> None:
        """Take free partitions up to the fair share, give back what exceeds it as soon as it is not in work."""
        cursor = await owner.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 and granted"
            " and classid = %s::bigint::oid and objid = %s::bigint::oid"
            " and database = (select oid from pg_database where datname = current_database())",
            (self._membership[0] & 0xFFFFFFFF, self._membership[1]),
        )
        [members] = await cursor.fetchone() or [1]
        cursor = await owner.execute(
            "select topic, partition from bus.partition where topic = any(%s) order by partition, topic",
            (self._topics,),
        )
        places = [(topic, partition) async for topic, partition in cursor]
        share = -(-len(places) // max(1, members))
        idle_first = sorted(self._owned, key=lambda place: (place in self._busy, place))
        self._leaving = set(idle_first[: max(0, len(self._owned) - share)])
        for place in sorted(self._leaving - self._busy):
            await owner.execute("select pg_advisory_unlock(%s)", (self._ownership(place),))
            self._owned.discard(place)
        for place in places:
            if len(self._owned) >= share:
                break
            if place in self._owned:
                continue
            cursor = await owner.execute("select pg_try_advisory_lock(%s)", (self._ownership(place),))
            [mine] = await cursor.fetchone() or [False]
            if mine:
                self._owned.add(place)
                self._wake.set()

    def _ownership(self, place: Place) -> int:
        return lock_id("bus-partition", self._group, *place)

    async def _fetch(self) -> list[Received]:
        """The next messages of the owned partitions that are not in work, each partition's in order."""
        idle = sorted(self._owned - self._leaving - self._busy)
        if not idle:
            return []
        async with self._transaction() as conn:
            rows = await conn.execute(
                'select l.topic, l.key, l.value, l.headers, l.partition, l."offset"'
                " from unnest(%s::text[], %s::int[]) as mine(topic, partition)"
                ' left join bus.position p on p."group" = %s and p.topic = mine.topic and p.partition = mine.partition'
                " cross join lateral (select * from bus.log where topic = mine.topic and partition = mine.partition"
                ' and "offset" >= coalesce(p."offset", 0) order by "offset" limit %s) l',
                ([topic for topic, _ in idle], [partition for _, partition in idle], self._group, AT_ONCE),
            )
            return [Received(*row) async for row in rows]

    async def _work(self, fetched: Sequence[Received]) -> None:
        dealt_with: dict[Place, int] = {}

        def done(message: Received) -> None:
            dealt_with[place_of(message)] = message.offset + 1

        try:
            for begin in range(0, len(fetched), AT_ONCE):
                await self._feed(fetched[begin : begin + AT_ONCE], done=done)
        finally:
            if dealt_with:
                self._crashpoints.reach("before-checkpoint")
                await self._checkpoint(dealt_with)
            self._busy -= {place_of(message) for message in fetched}
            self._hands += 1
            self._wake.set()

    async def _checkpoint(self, dealt_with: Mapping[Place, int]) -> None:
        places = sorted(dealt_with)
        async with self._transaction() as conn:
            await conn.execute(
                'insert into bus.position ("group", topic, partition, "offset")'
                " select %s, * from unnest(%s::text[], %s::int[], %s::bigint[])"
                ' on conflict ("group", topic, partition) do update'
                ' set "offset" = greatest(position."offset", excluded."offset")',
                (self._group, *map(list, zip(*((*place, dealt_with[place]) for place in places), strict=True))),
            )


def place_of(message: Received) -> Place:
    return message.topic, message.partition
