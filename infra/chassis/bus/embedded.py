"""The bus for one machine: an append-only log in a small PostgreSQL database.

Appending locks the partition's row, so offsets commit in order and a reader never skips one. How consumers share the
partitions is in `member.py`.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from contracts.topics import Topic
from infra.chassis.bus.base import AT_ONCE, Handle, Message, Received, Together
from infra.chassis.bus.feeding import feed
from infra.chassis.bus.member import Member
from infra.chassis.bus.partition import partition_of
from infra.chassis.crashpoints import NEVER, Crashpoints
from infra.chassis.db import lock_id

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
        places: defaultdict[tuple[str, int], list[Message]] = defaultdict(list)
        results: list[Exception | None] = []
        try:
            async with self._transaction() as conn:
                counts = await self._partitions(conn, {message.topic for message in messages})
                for message in messages:
                    count = counts.get(message.topic, 0)
                    at = message.partition if message.partition is not None else partition_of(message.key, count or 1)
                    known = 0 <= at < count
                    if known:
                        places[message.topic, at].append(message)
                    results.append(None if known else LookupError(f"no such place: {message.topic}[{at}]"))
                for (topic, partition), batch in sorted(places.items()):
                    await self._append(conn, topic, partition, batch)
                await conn.execute("select pg_notify('bus', '')")
        except Exception as error:
            return [error] * len(messages)
        return results

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

    async def consume(
        self, group: str, topics: Sequence[Topic], handle: Handle, together: Together | None = None
    ) -> None:
        fed = partial(feed, handle=handle, together=together)
        await Member(self._url, self._transaction, group, topics, fed, self._crashpoints).run()

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
                (topic, partition, position, AT_ONCE),
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
