"""The second process of a service: relay, consumers, lanes, deadlines, sealer, senders. No HTTP.

If any of them fails for good, the process ends with an error and the supervisor starts it again: nothing runs on half.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from contracts import heartbeat
from contracts.topics import concerning
from infra.chassis import (
    audit,
    consuming,
    deadlines,
    erasures,
    health,
    logs,
    moved_clock,
    outbox,
    process,
    retention,
    watch,
)
from infra.chassis.heartbeat import Heart
from infra.chassis.relay import Relay
from infra.chassis.service import Runtime, Service, running
from infra.chassis.wake import go_on

log = structlog.get_logger()

STOPPED_WITHIN: Final = 10.0
"""Seconds that a worker has to come to its end."""
NOTE_EVERY: Final = 0.5
"""Seconds after which the other processes can know of a heartbeat."""
SEAL_EVERY: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds before a worker that keeps failing is started again."""
TIDY_EVERY: Final = timedelta(hours=1)


async def work(runtime: Runtime) -> None:
    """All tasks of a worker; run until cancelled or until one of them fails."""
    service = runtime.service
    relay = Relay(
        service.name, runtime.db, runtime.bus, runtime.observe_published, runtime.crashpoints, _heart(runtime)
    )
    with runtime.telemetry.here():
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(relay.run(), name="relay")
                tasks.create_task(_consume(runtime), name="consumer")
                tasks.create_task(runtime.delivery.work_off_lanes(), name="lanes")
                tasks.create_task(deadlines.work_off(runtime.db, service.deadlines), name="deadlines")
                tasks.create_task(runtime.freshness.keep(runtime.db, NOTE_EVERY), name="freshness")
                tasks.create_task(erasures.keep(runtime.db, runtime.vault, NOTE_EVERY), name="erasures")
                tasks.create_task(_seal(runtime), name="sealer")
                tasks.create_task(_tidy(runtime), name="tidy")
                tasks.create_task(_watch(runtime), name="watch")
                for loop in service.loops:
                    tasks.create_task(_run(loop(runtime)), name=getattr(loop, "__name__", "loop"))
        except* Exception as failures:
            for failure in _each(failures):
                log.error("task of the worker failed", exc_info=failure)
            raise


def _heart(runtime: Runtime) -> Heart | None:
    """Only the service that states grants has one."""
    if runtime.service.name != heartbeat.TOPIC.publisher:
        return None
    every = runtime.settings.heartbeat_every_seconds
    return Heart(runtime.outbox.source, runtime.db, runtime.bus, every)


def _each(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    """The failures in a group of groups: the group itself tells an operator nothing."""
    for failure in group.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            yield from _each(failure)
        else:
            yield failure


async def _consume(runtime: Runtime) -> None:
    service = runtime.service
    delivery, needed = runtime.delivery, concerning(service.name)
    await consuming.consume(runtime.bus, runtime.group, service.topics, delivery, delivery.together, needed)


async def _run(loop: Awaitable[None]) -> None:
    await loop


async def _watch(runtime: Runtime) -> None:
    patience = runtime.settings.stuck_after_seconds
    await watch.watch(runtime.bus, runtime.group, runtime.service.topics, runtime.metrics, patience)


async def _seal(runtime: Runtime) -> None:
    look_back: int | None = None
    while go_on():
        async with runtime.db.transaction() as tx:
            sealed = await audit.seal(tx, look_back)
        look_back = audit.LOOK_BACK
        if sealed < audit.SEAL_BATCH:
            await asyncio.sleep(SEAL_EVERY)


async def _tidy(runtime: Runtime) -> None:
    while go_on():
        async with runtime.db.transaction() as tx:
            await outbox.make_months(tx)
        await retention.keep(runtime.db)
        async with runtime.db.transaction() as tx:
            await audit.seal(tx)
        await asyncio.sleep(TIDY_EVERY.total_seconds())


@asynccontextmanager
async def keep_current(runtime: Runtime) -> AsyncIterator[None]:
    """What every process of a service does beside its work: follow the moved clock and ended access, wake the relay."""
    every = runtime.settings.access_kept_for_seconds
    beside = [
        asyncio.create_task(_lasting("wake", runtime.wake.announce)),
        asyncio.create_task(_lasting("ended-access", partial(runtime.follow_ended_access, every))),
        asyncio.create_task(_lasting("freshness", partial(runtime.freshness.follow, runtime.db, every))),
    ]
    if runtime.settings.clock_can_move:
        follow = partial(moved_clock.follow_clock, runtime.db, runtime.clock, every)
        beside.append(asyncio.create_task(_lasting("clock", follow)))
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _lasting(name: str, task: Callable[[], Awaitable[None]]) -> None:
    """Begin again after a failure: else one lost connection would leave ended access open until the next start."""
    while go_on():
        try:
            await task()
        except Exception as error:
            log.exception("task failed", job=name, error=type(error).__name__)
            await asyncio.sleep(1)


async def supervise(runtime: Runtime, first_pause: float = 0.5) -> None:
    """For onebox, where no outer supervisor exists: start the worker again after a failure."""
    pause = first_pause
    while go_on():
        started = asyncio.get_running_loop().time()
        try:
            # A task of its own: in Python 3.11 a TaskGroup that failed leaves its task looking cancelled.
            await asyncio.create_task(work(runtime))
        except Exception as error:
            log.exception("worker failed", service=runtime.service.name, error=type(error).__name__)
            if asyncio.get_running_loop().time() - started > LONGEST_PAUSE:
                pause = first_pause
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)


async def run(service: Service) -> None:
    """The worker process: `python -m services.<name>.worker`."""
    settings = service.settings()
    logs.set_up(service.name, json=settings.environment == "production")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(service, settings) as runtime, keep_current(runtime):
        working = asyncio.create_task(_work_and_answer(runtime))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        process.end_within(STOPPED_WITHIN)
        if working.done():
            working.result()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def _work_and_answer(runtime: Runtime) -> None:
    """The work, and beside it what its supervisor asks. Neither goes on without the other."""
    settings = runtime.settings
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work(runtime), name="work")
        if settings.worker_port is not None:
            tasks.create_task(health.listen(runtime, settings.host, settings.worker_port), name="health")
