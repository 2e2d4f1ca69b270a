"""One member of a consumer group: takes what Faust fetches, and says, per partition, up to where it is done."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import structlog
from faust.types import TP
from mode.supervisors import CrashingSupervisor

from contracts.topics import Topic
from infra.chassis.bus.base import AT_ONCE, HANDS, Broken, Received
from infra.chassis.bus.feeding import Feed
from infra.chassis.bus.kafka.address import Address
from infra.chassis.bus.kafka.admin import Admin
from infra.chassis.bus.kafka.consumer import Region
from infra.chassis.crashpoints import Crashpoints
from infra.chassis.wake import go_on

log = structlog.get_logger()

QUEUED: Final = 100
ASSIGNED_WITHIN: Final = 60.0
HAND_OVER_WITHIN: Final = 5.0
STARTED_WITHIN: Final = 2.0
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
        self._expected: dict[TP, int] = {}
        """The next offset of each partition, since it was assigned to us."""
        self._in_hand: set[TP] = set()
        """Partitions that one of our hands works on, and no other."""
        self._came, self._rested = asyncio.Event(), asyncio.Event()
        self._assigned = asyncio.Event()
        self._failed = False
        """One hand has failed: what comes after its message must not be taken by the other."""
        self._left_behind = False
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
            await self._started()
            hands = [self._work] * HANDS
            beside = [asyncio.create_task(each()) for each in (*hands, self._watch_faust, self._watch_assignment)]
            ended, _ = await asyncio.wait(beside, return_when=asyncio.FIRST_EXCEPTION)
            for each in ended:
                each.result()
        finally:
            for task in beside:
                task.cancel()
            await self._stopped()

    # --- the way of a message ----------------------------------------------------------------------------------------

    async def _take(self, stream: Any) -> None:
        """The agent: queues what Faust fetched. It never raises for a message, and never waits for a handler."""
        async for event in stream.events():
            queue = self._queues.setdefault(event.message.tp, asyncio.Queue(QUEUED))
            await queue.put(event.message)
            self._came.set()

    async def _work(self) -> None:
        """One of the hands."""
        while go_on():
            queued = await self._next()
            try:
                messages = [_received(one) for one in queued if await self._is_next(one.tp, one)]
                await self._feed(messages, done=self._finished)
            except Exception:
                self._failed = True
                raise
            finally:
                self._in_hand -= {one.tp for one in queued}
                self._rested.set()
                self._came.set()

    async def _next(self) -> list[Any]:
        """What waits, of partitions that are in no other hand, each in order: at most `AT_ONCE`, a share of each."""
        while self._failed or not (waiting := self._waiting()):
            self._came.clear()
            await self._came.wait()
        queued: list[Any] = []
        share = -(-AT_ONCE // len(waiting))
        for tp in waiting:
            self._queues[tp] = queue = self._queues.pop(tp)  # the last in the row next time
            queued += [queue.get_nowait() for _ in range(min(share, queue.qsize(), AT_ONCE - len(queued)))]
        self._in_hand |= {one.tp for one in queued}
        return queued

    def _waiting(self) -> list[TP]:
        return [tp for tp, queue in self._queues.items() if tp not in self._in_hand and not queue.empty()]

    def _finished(self, message: Received) -> None:
        self._app.finished[TP(message.topic, message.partition)] = message.offset + 1

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

    async def _started(self) -> None:
        """Join the group. Cancelled in the midst of it, Faust would leave threads and connections behind."""
        starting = asyncio.ensure_future(self._app.start())
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting], timeout=STARTED_WITHIN)
            raise

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
