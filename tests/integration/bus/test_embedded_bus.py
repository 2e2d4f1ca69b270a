"""The embedded bus keeps what every bus must keep, and what it alone promises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Uuid, literal, select
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.topics import Topic
from infra.chassis.bus import open_bus
from infra.chassis.bus.base import Bus, Message
from infra.chassis.bus.embedded import EmbeddedBus
from infra.chassis.bus.feeding import feed
from infra.chassis.bus.member import Member
from infra.chassis.bus.partition import partition_in_sql, partition_of
from infra.chassis.crashpoints import NEVER
from infra.chassis.db import sqlalchemy_url
from tests.support.bus_suite import BusSuite, Diary
from tests.support.postgres import FreshDatabase
from tests.support.tiny import plain
from tests.support.waiting import beside, until


@pytest.fixture(scope="module")
def bus_database(postgres: FreshDatabase) -> str:
    """One database for all: every test makes a topic of its own."""
    return plain(postgres())


class TestEmbeddedBus(BusSuite):
    url: str

    @pytest.fixture(autouse=True)
    def database(self, bus_database: str) -> None:
        self.url = bus_database

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Bus]:
        # Each client names itself, so that `kill` finds its connections.
        EmbeddedBusNumber.last += 1
        mark = "&" if "?" in self.url else "?"
        bus = open_bus(f"{self.url}{mark}application_name=client-{EmbeddedBusNumber.last}")
        try:
            yield bus
        finally:
            await bus.close()

    async def kill(self, bus: Bus) -> None:
        assert isinstance(bus, EmbeddedBus)
        name = bus._url.rpartition("=")[2]
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as admin:
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s", (name,)
            )

    async def test_what_is_older_than_the_topic_keeps_is_deleted(self, bus: Bus) -> None:
        topic = Topic("short.lived", "suite", frozenset(), partitions=1, retention=timedelta(hours=1))
        await bus.create_topics([topic])
        await bus.publish([Message(topic.name, "k", b"old"), Message(topic.name, "k", b"new")])
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as admin:
            await admin.execute("update bus.log set at = now() - interval '2 hours' where value = 'old'")

        async def trimmed() -> bool:
            diary = Diary()
            await bus.replay(topic, None, diary.of())
            return diary.values() == [b"new"]

        async with beside(bus.consume("g", [topic], Diary().of())):
            await until(trimmed, "the old message is gone")

    async def test_a_slow_member_never_takes_the_position_back(self, bus: Bus, topic: Topic) -> None:
        await bus.publish([Message(topic.name, "k", str(n).encode()) for n in range(4)])
        diary = Diary()
        async with beside(bus.consume("g", [topic], diary.of())):
            await diary.has(4)
            await self._settled(bus, topic, "g")
        place = (topic.name, diary.entries[0][1].partition)
        assert isinstance(bus, EmbeddedBus)
        fed = partial(feed, handle=diary.of(), together=None)
        late = Member(bus._url, bus._transaction, "g", [topic], fed, NEVER)
        await late._checkpoint({place: 1})
        assert sum((await bus.lag("g", [topic])).values()) == 0


async def test_the_database_knows_the_partition_of_a_key(bus_database: str) -> None:
    engine = create_async_engine(sqlalchemy_url(bus_database))
    keys = [str(uuid4()) for _ in range(40)]
    async with engine.connect() as connection:
        query = select(*(partition_in_sql(literal(UUID(key), Uuid()), 12) for key in keys))
        [found] = (await connection.execute(query)).all()
    await engine.dispose()
    assert list(found) == [partition_of(key, 12) for key in keys]
    assert len(set(found)) > 6, "keys share few partitions"


class EmbeddedBusNumber:
    last = 0
