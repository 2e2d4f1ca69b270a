"""The bus for one machine: an append-only log in a small PostgreSQL database.

Appending locks the partition's row, so offsets commit in order and a reader never skips one. Owning a partition is
holding a session advisory lock on (group, topic, partition): a killed process frees it with its connection. The members
of a group are counted by a shared advisory lock, and each takes its fair share of the partitions.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from contracts.topics import Topic
from infra.chassis.bus.base import Handle, Message, Received
from infra.chassis.bus.partition import partition_of
from infra.chassis.crashpoints import NEVER, Crashpoints
from infra.chassis.db import lock_id
from infra.chassis.wake import go_on, session, woken_or_after

BATCH: Final = 50
"""Messages of one partition that are read at once; after a kill at most these come again."""
LOOK_AGAIN: Final = 1.0
"""Seconds after which a consumer looks for new messages and free partitions even without being woken."""

TRIM_EVERY: Final = 3600.0
"""Seconds between two looks for what is older than its topic keeps."""

SCHEMA: Final = """
create schema if not exists bus;
create table if not exists bus.partition (
  topic text, partition int, next_offset bigint not null default 0, primary key (topic, partition));
create table if not exists bus.log (
  topic text, partition int, "offset" bigint, key text not null, value bytea not null, headers jsonb not null,
  at timestamptz not null default now(), primary key (topic, partition, "offset"));
create table if not exists bus.position (
  "group" text, topic text, partition int, "offset" bigint not null default 0,
  primary key ("group", topic, partition));
"""


class EmbeddedBus:
    """See the module. `url` is a `postgresql://` address."""

    def __init__(self, url: str, crashpoints: Crashpoints = NEVER) -> None:
        self._url = url
        self._pool = AsyncConnectionPool(url, min_size=1, max_size=6, open=False, kwargs={"autocommit": False})
        self._opened = False
        self._opening = asyncio.Lock()
        self._crashpoints = crashpoints

    @contextlib.asynccontextmanager
    async def _transaction(self) -> AsyncIterator[psycopg.AsyncConnection[TupleRow]]:
        async with self._opening:
            if not self._opened:
                await self._pool.open()
                self._opened = True
        async with self._pool.connection() as conn:
            yield conn

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        async with self._transaction() as conn:
            await conn.execute("select pg_advisory_xact_lock(%s)", (lock_id("bus", "schema"),))
            await conn.execute(SCHEMA)
            for topic in topics:
                await conn.execute(
                    "insert into bus.partition (topic, partition) select %s, generate_series(0, %s - 1)"
                    " on conflict do nothing",
                    (topic.name, topic.partitions),
                )

    async def _partitions(self, conn: psycopg.AsyncConnection[TupleRow], topics: set[str]) -> dict[str, int]:
        rows = await conn.execute(
            "select topic, count(*) from bus.partition where topic = any(%s) group by topic", (sorted(topics),)
        )
        return {topic: count async for topic, count in rows}

    async def publish(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        try:
            async with self._transaction() as conn:
                counts = await self._partitions(conn, {message.topic for message in messages})
                places: defaultdict[tuple[str, int], list[Message]] = defaultdict(list)
                for message in messages:
                    if message.topic in counts:
                        places[message.topic, partition_of(message.key, counts[message.topic])].append(message)
                for (topic, partition), batch in sorted(places.items()):
                    await self._append(conn, topic, partition, batch)
                await conn.execute("select pg_notify('bus', '')")
        except Exception as error:
            return [error] * len(messages)
        return [None if m.topic in counts else LookupError(f"no such topic: {m.topic}") for m in messages]

    async def _append(
        self, conn: psycopg.AsyncConnection[TupleRow], topic: str, partition: int, batch: Sequence[Message]
    ) -> None:
        cursor = await conn.execute(
            "update bus.partition set next_offset = next_offset + %s where topic = %s and partition = %s"
            " returning next_offset",
            (len(batch), topic, partition),
        )
        [after] = await cursor.fetchone() or [0]
        rows = [
            (topic, partition, after - len(batch) + at, message.key, message.value, json.dumps(dict(message.headers)))
            for at, message in enumerate(batch)
        ]
        async with conn.cursor() as insert:
            await insert.executemany("insert into bus.log values (%s, %s, %s, %s, %s, %s)", rows)

    async def consume(self, group: str, topics: Sequence[Topic], handle: Handle) -> None:
        await _Member(self._url, self._pool, self._transaction, group, topics, handle, self._crashpoints).run()

    async def replay(
        self,
        topic: Topic,
        upto: Mapping[int, int] | None,
        handle: Handle,
        since: Mapping[int, int] | None = None,
    ) -> None:
        ends = await self.ends(topic) if upto is None else upto
        for partition, end in sorted(ends.items()):
            position = (since or {}).get(partition, 0)
            while position < end:
                batch = await self._read(topic.name, partition, position)
                if not batch:
                    break
                for message in batch:
                    if message.offset >= end:
                        break
                    await handle(message)
                position = batch[-1].offset + 1

    async def _read(self, topic: str, partition: int, position: int) -> list[Received]:
        async with self._transaction() as conn:
            rows = await conn.execute(
                'select key, value, headers, "offset" from bus.log where topic = %s and partition = %s'
                ' and "offset" >= %s order by "offset" limit %s',
                (topic, partition, position, BATCH),
            )
            return [Received(topic, k, v, h, partition, o) async for k, v, h, o in rows]

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        async with self._transaction() as conn:
            rows = await conn.execute("select partition, next_offset from bus.partition where topic=%s", (topic.name,))
            return {partition: end async for partition, end in rows}

    async def lag(self, group: str, topics: Sequence[Topic]) -> Mapping[tuple[str, int], int]:
        async with self._transaction() as conn:
            rows = await conn.execute(
                'select p.topic, p.partition, p.next_offset - coalesce(c."offset", 0) from bus.partition p'
                ' left join bus.position c on c."group" = %s and c.topic = p.topic and c.partition = p.partition'
                " where p.topic = any(%s)",
                (group, [topic.name for topic in topics]),
            )
            return {(topic, partition): behind async for topic, partition, behind in rows}

    async def close(self) -> None:
        if self._opened:
            await self._pool.close()


class _Member:
    """One member of a consumer group: owns partitions, and works on each in its own task."""

    def __init__(
        self,
        url: str,
        pool: AsyncConnectionPool[Any],
        transaction: Any,
        group: str,
        topics: Sequence[Topic],
        handle: Handle,
        crashpoints: Crashpoints,
    ) -> None:
        self._url, self._transaction, self._group, self._handle = url, transaction, group, handle
        self._topics = [topic.name for topic in topics]
        self._retention = {topic.name: topic.retention for topic in topics}
        self._crashpoints = crashpoints
        self._owned: set[tuple[str, int]] = set()
        self._busy: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._leaving: set[tuple[str, int]] = set()
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
                            for place, batch in (await self._fetch()).items():
                                self._busy[place] = tasks.create_task(self._work(place, batch))
            except* Exception as failures:
                raise failures.exceptions[0] from None

    async def _listen(self) -> None:
        async with session(self._url) as ear:
            await ear.execute("listen bus")
            async for _ in ear.notifies():
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
                    await conn.execute("delete from bus.log where topic = %s and at < now() - %s", (topic, kept))
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
        for place in sorted(self._leaving - self._busy.keys()):
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

    def _ownership(self, place: tuple[str, int]) -> int:
        return lock_id("bus-partition", self._group, *place)

    async def _fetch(self) -> dict[tuple[str, int], list[Received]]:
        """The next messages of every owned partition that is not in work."""
        idle = sorted(self._owned - self._leaving - self._busy.keys())
        found: defaultdict[tuple[str, int], list[Received]] = defaultdict(list)
        if not idle:
            return found
        async with self._transaction() as conn:
            rows = await conn.execute(
                'select l.topic, l.key, l.value, l.headers, l.partition, l."offset"'
                " from unnest(%s::text[], %s::int[]) as mine(topic, partition)"
                ' left join bus.position p on p."group" = %s and p.topic = mine.topic and p.partition = mine.partition'
                " cross join lateral (select * from bus.log where topic = mine.topic and partition = mine.partition"
                ' and "offset" >= coalesce(p."offset", 0) order by "offset" limit %s) l',
                ([topic for topic, _ in idle], [partition for _, partition in idle], self._group, BATCH),
            )
            async for topic, key, value, headers, partition, offset in rows:
                found[topic, partition].append(Received(topic, key, value, headers, partition, offset))
        return found

    async def _work(self, place: tuple[str, int], batch: Sequence[Received]) -> None:
        done = batch[0].offset
        try:
            for message in batch:
                await self._handle(message)
                done = message.offset + 1
        finally:
            if done > batch[0].offset:
                self._crashpoints.reach("before-checkpoint")
                await self._checkpoint(place, done)
            del self._busy[place]
            self._wake.set()

    async def _checkpoint(self, place: tuple[str, int], offset: int) -> None:
        async with self._transaction() as conn:
            await conn.execute(
                'insert into bus.position ("group", topic, partition, "offset") values (%s, %s, %s, %s)'
                ' on conflict ("group", topic, partition) do update'
                ' set "offset" = greatest(position."offset", excluded."offset")',
                (self._group, *place, offset),
            )
