"""While the bus is away a worker goes on with all that needs none, and when it is back the backlog drains by itself."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from structlog.testing import capture_logs

from contracts.envelope import Fact
from contracts.topics import INTAKE
from infra.chassis import consuming, deadlines
from infra.chassis.bus.base import Broken, Received
from infra.chassis.db import Tx
from infra.chassis.service import Runtime
from infra.chassis.worker import work
from infra.realstack.kafka import kafka
from tests.support.left_out import needs
from tests.support.postgres import FreshDatabase
from tests.support.tiny import Effect, Pair, effects, registered, said, say, someone
from tests.support.waiting import beside, until
from tests.support.worlds import World
from tests.support.worlds import world as world

Act = Callable[[], Awaitable[None]]


async def remind(tx: Tx, about: UUID, _: Mapping[str, Any]) -> None:
    tx.add(Effect, event_id=about, key=about, type="reminded")


@dataclass
class Workers:
    """Both tiny services' workers in this process, and the bus between them."""

    intake: Runtime
    matching: Runtime
    tasks: list[asyncio.Task[None]]

    async def tells(self, fact: Fact) -> UUID:
        """Intake states it; the id of the event."""
        await say(self.intake, fact)
        return (await said(self.intake))[-1].id

    async def has_done(self, *ids: UUID, within: float = 30) -> None:
        async def done() -> bool:
            for task in self.tasks:
                if task.done():
                    task.result()
            return set(ids) <= set(await effects(self.matching))

        await until(done, f"{len(ids)} effects", within=within)


@asynccontextmanager
async def working(pair: Pair) -> AsyncIterator[Workers]:
    async with AsyncExitStack() as stack:
        intake = await stack.enter_async_context(pair.running("intake"))
        matching = await stack.enter_async_context(pair.running("matching", {"remind": remind}))
        tasks = await stack.enter_async_context(beside(work(intake), work(matching)))
        yield Workers(intake, matching, tasks)


async def go_on_without_the_bus(workers: Workers, goes: Act, comes_back: Act) -> None:
    """A deadline fires meanwhile; a fact waits, and arrives once."""
    about = uuid4()
    with capture_logs() as logs:
        await goes()
        fact = await workers.tells(registered(someone()))
        async with workers.matching.db.transaction() as tx:
            await deadlines.put(tx, "remind", about, tx.now - timedelta(minutes=1))
        await workers.has_done(about)

        async def both_wait() -> bool:
            return {line["group"] for line in logs if line["event"] == "the bus is away"} == {
                "lotse.intake",
                "lotse.matching",
            }

        await until(both_wait, "both say that they wait", within=60)
    assert await effects(workers.matching) == [about]

    await comes_back()
    await workers.has_done(fact, within=60)
    assert await effects(workers.matching) == [about, fact], "each once"
    assert not any(task.done() for task in workers.tasks), "a worker had ended"


@needs("java", "mvn")
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_a_worker_that_starts_without_the_broker_works_and_waits(postgres: FreshDatabase) -> None:
    """With a server of its own: this test kills it.

    A client of kafka-python that finds no server leaves its sockets to the garbage collector: they are collected here.
    """

    async def nothing() -> None: ...

    async with kafka() as server:
        await server.kill()
        async with working(Pair.clean(postgres).on(server.url)) as workers:
            await go_on_without_the_bus(workers, nothing, server.start)
    gc.collect()


async def test_a_worker_outlives_the_embedded_bus(postgres: FreshDatabase) -> None:
    pair = Pair.clean(postgres)
    url = pair.settings["intake"].bus_url.get_secret_value()
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    elsewhere = pair.settings["intake"].database_url.get_secret_value()

    async def let_in(allowed: bool) -> None:
        async with await psycopg.AsyncConnection.connect(elsewhere, autocommit=True) as connection:
            await connection.execute(f'alter database "{name}" with allow_connections {str(allowed).lower()}'.encode())
            if not allowed:
                await connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
                )

    try:
        async with working(pair) as workers:
            await go_on_without_the_bus(workers, lambda: let_in(False), lambda: let_in(True))
    finally:
        await let_in(True)


@pytest.mark.parametrize("failure", [ZeroDivisionError, ConnectionError])
async def test_what_could_not_be_dealt_with_ends_the_worker(world: World, failure: type[Exception]) -> None:
    """Even if it looks like a lost connection: it was not the bus' one."""
    await say(world.intake, registered(someone()))
    await world.publish()

    async def fail(_: Received) -> None:
        raise failure

    with pytest.raises(failure):
        async with asyncio.timeout(20):
            await consuming.consume(world.matching.bus, "g", [INTAKE], fail)


async def test_what_waiting_does_not_mend_ends_the_worker(world: World) -> None:
    class WithoutTopics:
        """As Kafka answers a service that may not make what is missing."""

        def __getattr__(self, name: str) -> Any:
            async def missing(*_: Any, **__: Any) -> None:
                raise Broken(name)

            return missing

    with pytest.raises(Broken):
        async with asyncio.timeout(5):
            await consuming.consume(WithoutTopics(), "g", [INTAKE], world.matching.delivery)
