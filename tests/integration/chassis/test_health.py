"""What an orchestrator, Prometheus and an operator are told, while things work and while they don't."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts.topics import INTAKE
from infra.chassis import health, watch
from infra.chassis.api import create_api
from infra.chassis.service import Runtime
from infra.onebox.ports import free_port
from tests.support.tiny import profile, registered, say, someone
from tests.support.waiting import beside, until
from tests.support.worlds import World
from tests.support.worlds import world as world


@asynccontextmanager
async def asking(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """The API of a service, in this process."""
    transport = httpx.ASGITransport(app=create_api(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        yield http


async def measured(http: httpx.AsyncClient) -> Callable[..., float | None]:
    """`/metrics`, read as Prometheus reads it."""
    text = (await http.get("/metrics")).text
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }

    def value(name: str, **labels: str) -> float | None:
        return samples.get((name, frozenset(labels.items())))

    return value


async def watching(runtime: Runtime, patience: float) -> None:
    await watch.watch(runtime.bus, runtime.group, runtime.service.topics, runtime.metrics, patience)


class BusAway:
    """Every question to the bus fails, as with a broker that is down."""

    def __getattr__(self, name: str) -> Any:
        async def fail(*_: Any, **__: Any) -> Any:
            raise ConnectionError("no broker")

        return fail


async def test_an_api_is_ready_without_the_bus_since_agencies_go_on_with_their_own_work(world: World) -> None:
    async with asking(world.intake) as http:
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"database": "ok", "bus": "ok"})

        bus, world.intake.bus = world.intake.bus, BusAway()
        try:
            answer = await http.get("/readyz")
            value = await measured(http)
        finally:
            world.intake.bus = bus
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "bus": "ConnectionError"})
    assert (value("lotse_dependency_up", dependency="bus"), value("lotse_dependency_up", dependency="database")) == (
        0,
        1,
    )
    unknown = value("lotse_outbox_unpublished")
    assert unknown is not None
    assert unknown != unknown, "nobody knows, so no number is told"


async def test_a_worker_answers_on_a_port_of_its_own_and_is_not_ready_without_the_bus(world: World) -> None:
    port = free_port()
    async with (
        beside(health.listen(world.matching, "127.0.0.1", port)),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):

        async def answers() -> bool:
            try:
                return (await http.get("/healthz")).text == '{"status":"alive"}'
            except httpx.ConnectError:
                return False

        await until(answers, "the worker answers")
        assert (await http.get("/readyz")).status_code == 200
        bus, world.matching.bus = world.matching.bus, BusAway()
        try:
            assert (await http.get("/readyz")).status_code == 503
        finally:
            world.matching.bus = bus


async def test_the_metrics_tell_what_waits_where(world: World) -> None:
    await say(world.intake, registered(someone()), registered(someone()))
    async with asking(world.intake) as intake:
        value = await measured(intake)
        assert value("lotse_outbox_unpublished") == 2
        assert (value("lotse_outbox_oldest_seconds") or -1) >= 0

        await world.publish()
        assert (await measured(intake))("lotse_outbox_unpublished") == 0

    async with asking(world.matching) as matching:
        assert (await measured(matching))("lotse_events_behind", topic=INTAKE.name) == 2
        await world.deliver()
        assert (await measured(matching))("lotse_events_behind", topic=INTAKE.name) == 0


async def test_the_metrics_tell_which_lanes_stand_still(world: World) -> None:
    await say(world.intake, profile(someone(), 1))  # nobody has registered this person: matching waits for it
    await world.publish()
    await world.deliver()
    async with asking(world.matching) as matching:
        value = await measured(matching)
    assert value("lotse_lanes_stopped", consumer="projection:tiny_tally", state="deferred") == 1


async def test_a_worker_whose_consumer_stands_still_ends_itself(world: World) -> None:
    await say(world.intake, registered(someone()))
    await world.publish()
    with pytest.raises(watch.Stuck, match=INTAKE.name):
        await asyncio.wait_for(watching(world.matching, patience=0.6), 10)


async def test_a_worker_whose_bus_is_away_waits_for_it(world: World) -> None:
    await say(world.intake, registered(someone()))
    await world.publish()
    world.matching.bus, bus = BusAway(), world.matching.bus
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watching(world.matching, patience=0.2), 1)
    finally:
        world.matching.bus = bus
