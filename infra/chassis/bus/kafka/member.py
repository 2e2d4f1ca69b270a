"""One member of a consumer group: takes what Faust fetches, partition by partition, and says up to where it is done."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import structlog
from faust.types import TP
from mode.supervisors import CrashingSupervisor

from contracts.topics import Topic
from infra.chassis.bus.base import AT_ONCE, Broken, Received
from infra.chassis.bus.feeding import Feed
from infra.chassis.bus.kafka.address import Address
from infra.chassis.bus.kafka.admin import Admin
from infra.chassis.bus.kafka.consumer import Region
from infra.chassis.crashpoints import Crashpoints
from infra.chassis.wake import go_on

log = structlog.get_logger()

HANDS: Final = 4
"""Partitions that are worked on at a time. More only make Faust and the handlers wait for each other."""
QUEUED: Final = 100
ASSIGNED_WITHIN: Final = 60.0
HAND_OVER_WITHIN: Final = 5.0
STOPPED_WITHIN: Final = 8.0


class Gap(Broken):
    """Messages were left out on the way here. Going on would lose them; a fresh start reads them again."""


class LeftBehind(Broken):
    """Faust does not stop. Beside a new one it could still hold partitions: only the end of the process ends it."""


class Member:
    """See the module; `run` once."""

    def __init__(
        self,
        address: Address,
        admin: Admin,
        session: float,
        group: str,
        topics: Sequence[Topic],
        feed: Feed,
        crashpoints: Crashpoints,
    ) -> None:
        self._admin, self._group, self._feed = admin, group, feed
        self._app = Region(address, group, session, crashpoints)
        self._app.hand_over = self._hand_over
        self._queues: dict[TP, asyncio.Queue[Any]] = {}
        self._workers: dict[TP, asyncio.Task[None]] = {}
        self._expected: dict[TP, int] = {}
        """The next offset of each partition, since it was assigned to us."""
        self._in_hand: set[TP] = set()
        self._free_hands = asyncio.Semaphore(HANDS)
        self._rested = asyncio.Event()
        self._assigned = asyncio.Event()
        self._left_behind = False
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for topic in topics:
            self._app.agent(
                self._app.topic(topic.name),
                name=f"{group}-{topic.name}",
                isolated_partitions=True,
                supervisor_strategy=CrashingSupervisor,
            )(self._take)
        self._app.on_partitions_assigned.connect(self._on_assigned)

    async def run(self) -> None:
        """Until cancelled, or until something fails: that is raised."""
        try:
            await self._run()
        except Exception as error:
            if self._left_behind:
                raise LeftBehind(f"Faust does not stop after {type(error).__name__}") from error
            raise

    async def _run(self) -> None:
        beside: list[asyncio.Task[None]] = []
        try:
            self._app.loop = asyncio.get_running_loop()
            self._app.finalize()
            await self._app.start()
            beside = [asyncio.create_task(each()) for each in (self._watch_faust, self._watch_assignment)]
            await asyncio.wait([*beside, self._failure], return_when=asyncio.FIRST_EXCEPTION)
            for each in [self._failure, *beside]:
                if each.done():
                    each.result()
        finally:
            for task in (*beside, *self._workers.values()):
                task.cancel()
            await self._stopped()
            if self._failure.done():
                self._failure.exception()
            else:
                self._failure.cancel()

    # --- the way of a message ----------------------------------------------------------------------------------------

    async def _take(self, stream: Any) -> None:
        """The agent: queues what Faust fetched. It never raises for a message, and never waits for a handler."""
        async for event in stream.events():
            tp = event.message.tp
            if tp not in self._queues:
                self._queues[tp] = asyncio.Queue(QUEUED)
                self._workers[tp] = asyncio.create_task(self._work(tp), name=f"{self._group} {tp.topic} {tp.partition}")
            await self._queues[tp].put(event.message)

    async def _work(self, tp: TP) -> None:
        try:
            while go_on():
                queued = [await self._queues[tp].get()]
                async with self._free_hands:
                    while len(queued) < AT_ONCE and not self._queues[tp].empty():
                        queued.append(self._queues[tp].get_nowait())
                    self._in_hand.add(tp)
                    try:
                        messages = [_received(one) for one in queued if await self._is_next(tp, one)]
                        await self._feed(messages, done=partial(self._finished, tp))
                    finally:
                        self._in_hand.discard(tp)
                        self._rested.set()
        except Exception as error:
            if not self._failure.done():
                self._failure.set_exception(error)

    def _finished(self, tp: TP, message: Received) -> None:
        self._app.finished[tp] = message.offset + 1

    async def _is_next(self, tp: TP, message: Any) -> bool:
        """Whether it is the next to be handled; False: it is from before a hand-over. Raises `Gap`."""
        if message.generation_id != self._app.consumer_generation_id:
            return False
        if tp not in self._expected:
            self._expected[tp] = await self._position(tp)
        if message.offset < self._expected[tp]:
            return False
        if message.offset > self._expected[tp]:
            oldest = await asyncio.to_thread(self._admin.starts, [tp.topic])
            if message.offset > max(oldest[tp.topic, tp.partition], self._expected[tp]):
                raise Gap(f"{tp.topic}/{tp.partition}: offset {self._expected[tp]} was left out, {message.offset} came")
        self._expected[tp] = message.offset + 1
        return True

    async def _position(self, tp: TP) -> int:
        place = (tp.topic, tp.partition)
        positions = await asyncio.to_thread(self._admin.positions, self._group)
        starts = await asyncio.to_thread(self._admin.starts, [tp.topic])
        return max(positions.get(place, 0), starts[place])

    # --- the group ---------------------------------------------------------------------------------------------------

    async def _on_assigned(self, *given: Any, **_: Any) -> None:
        log.info("partitions assigned", group=self._group, partitions=len(given[-1]))
        self._assigned.set()

    async def _hand_over(self) -> None:
        """Others may get our partitions: begin nothing more, finish what is in hand, and note the positions."""
        for queue in self._queues.values():
            while not queue.empty():
                queue.get_nowait()
        self._expected.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(HAND_OVER_WITHIN):
                while self._in_hand:
                    self._rested.clear()
                    await self._rested.wait()
        await self._app.consumer.commit()
        self._app.finished.clear()

    async def _stopped(self) -> None:
        """Leave the group. If Faust does not stop, it is left behind, and the process has to end."""
        stopping = asyncio.ensure_future(self._app.stop())
        done, _ = await asyncio.wait([stopping], timeout=STOPPED_WITHIN)
        if not done:
            stopping.cancel()
            self._left_behind = True
            log.error("the consumer does not stop", group=self._group)
        elif (error := stopping.exception()) is not None:
            log.warning("the consumer stopped with an error", group=self._group, error=type(error).__name__)

    # --- what Faust would not tell -----------------------------------------------------------------------------------

    async def _watch_faust(self) -> None:
        await self._app.wait_until_stopped()
        raise self._app.crash_reason or RuntimeError("Faust stopped by itself")

    async def _watch_assignment(self) -> None:
        async with asyncio.timeout(ASSIGNED_WITHIN):
            await self._assigned.wait()


def _received(message: Any) -> Received:
    headers = {name: (value or b"").decode(errors="replace") for name, value in _pairs(message.headers)}
    key = (message.key or b"").decode(errors="replace")
    return Received(message.topic, key, message.value or b"", headers, message.partition, message.offset)


def _pairs(headers: Any) -> Any:
    return headers.items() if isinstance(headers, dict) else headers or ()
