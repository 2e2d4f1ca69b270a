"""E1: the embedded bus, from publish to the handler's end, at 150 messages a second. For information: no target."""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final
from uuid import uuid4

from benchmarks.result import Result
from contracts.topics import INTAKE
from infra.chassis.bus.base import Message, Received
from infra.chassis.bus.embedded import EmbeddedBus
from infra.onebox import postgres
from infra.postgres import provision

PER_SECOND: Final = 150
MESSAGES: Final = 900
WARM_UP: Final = 150


async def measure() -> list[Result]:
    """p50 and p99 in milliseconds."""
    server = await asyncio.to_thread(postgres.start, Path(tempfile.mkdtemp(prefix="lotse-bench-")) / "pg", keep=False)
    provision.database(server.get_uri(), "lotse_bus", "bus")
    bus = EmbeddedBus(postgres.url(server, "lotse_bus", "bus"))
    try:
        latencies = sorted(await _latencies(bus))
    finally:
        await bus.close()
        await asyncio.to_thread(server.cleanup)
    what = "embedded bus, publish -> handled, 150/s"
    return [
        Result("E1", f"{what}, p50", latencies[len(latencies) // 2], None, "ms"),
        Result("E1", f"{what}, p99", latencies[int(len(latencies) * 0.99)], None, "ms"),
    ]


async def _latencies(bus: EmbeddedBus) -> list[float]:
    sent: dict[str, float] = {}
    found: dict[str, float] = {}
    done = asyncio.Event()

    async def handle(message: Received) -> None:
        found.setdefault(message.headers["id"], (perf_counter() - sent[message.headers["id"]]) * 1000)
        if len(found) == MESSAGES + WARM_UP:
            done.set()

    await bus.create_topics([INTAKE])
    consuming = asyncio.create_task(bus.consume("bench", [INTAKE], handle))
    await asyncio.sleep(1.5)
    started = perf_counter()
    for number in range(MESSAGES + WARM_UP):
        message = Message(INTAKE.name, str(uuid4()), b"x" * 500, {"id": str(number)})
        sent[str(number)] = perf_counter()
        [failure] = await bus.publish([message])
        if failure is not None:
            raise failure
        await asyncio.sleep(max(0.0, started + (number + 1) / PER_SECOND - perf_counter()))
    await asyncio.wait_for(done.wait(), 30)
    consuming.cancel()
    await asyncio.gather(consuming, return_exceptions=True)
    return [found[str(number)] for number in range(WARM_UP, WARM_UP + MESSAGES)]
