"""A year, day by day: a life is a coroutine that waits for its days, and business time moves on when all of them wait.

    await diary.until(14)     # two weeks after the beginning

    await diary.night()       # what this day has stated, everybody knows on the next

Before the next day all events have been dealt with. Days come in steps: each costs a look at every service.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable

Life = Callable[[], Awaitable[None]]


class Diary:
    """The days of one region; `turn` waits until all is settled, then moves business time on so many days."""

    def __init__(self, turn: Callable[[float], Awaitable[None]], step: int = 1) -> None:
        self.day = 0
        self._step = step
        self._turn = turn
        self._waiting: defaultdict[int, list[asyncio.Future[None]]] = defaultdict(list)
        self._busy = 0
        self._all_wait = asyncio.Event()

    async def until(self, day: int) -> None:
        """Go on when this day has come, or the next one of a step; at once if it is over."""
        day = -(-day // self._step) * self._step
        if day <= self.day:
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[day].append(turn)
        self._rest()
        await turn

    async def night(self) -> None:
        """Go on when the next day of a step has come."""
        await self.until(self.day + self._step)

    async def live(self, lives: Iterable[Life], last: int, tell: Callable[[int], None]) -> None:
        """All lives to their ends, and business time to the day `last`. The first fault of any ends it."""
        try:
            async with asyncio.TaskGroup() as group:
                for life in lives:
                    self._busy += 1
                    group.create_task(self._lived(life))
                await self._days(last, tell)
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None

    async def _days(self, last: int, tell: Callable[[int], None]) -> None:
        while True:
            await self._all_wait.wait()
            coming = min(self._waiting, default=last)
            await self._turn(coming - self.day)
            self.day = coming
            tell(coming)
            awake = self._waiting.pop(coming, [])
            if not awake:
                return
            self._busy += len(awake)
            self._all_wait.clear()
            for turn in awake:
                turn.set_result(None)

    async def _lived(self, life: Life) -> None:
        await life()
        self._rest()

    def _rest(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._all_wait.set()
