"""Consumes for as long as a worker lives: while the bus is away it waits and begins again, and the worker goes on.

Deadlines, mails, lanes and the audit trail need no bus, so a broker that is gone must not end them. Only what waiting
can't mend ends the worker: a message that could not be dealt with, messages left out, topics that are missing.
"""

import asyncio
import random
from collections.abc import Sequence
from typing import Final

import structlog

from contracts.topics import Topic
from infra.chassis.bus.base import Broken, Bus, Handle, Received, Together
from infra.chassis.wake import go_on

log = structlog.get_logger()

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0
"""Seconds between two tries. They grow, and chance cuts each short: else all workers would come at once."""


async def consume(
    bus: Bus,
    group: str,
    topics: Sequence[Topic],
    handle: Handle,
    together: Together | None = None,
    needed: Sequence[Topic] = (),
) -> None:
    """Make sure that the `needed` topics are there, then feed `handle`; run until cancelled.

    Raises what `handle` raises, and `Broken`. Anything else that the bus raises means that it is away.
    """
    pause = FIRST_PAUSE
    while go_on():
        attempt = _Attempt(handle, together)
        began = asyncio.get_running_loop().time()
        try:
            await bus.create_topics(needed)
            await bus.consume(group, topics, attempt, attempt.together if together else None)
        except Broken:
            raise
        except Exception as error:
            if attempt.failure is not None:
                raise attempt.failure from None
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE and attempt.received:
                pause = FIRST_PAUSE
            wait = random.uniform(pause / 2, pause)  # noqa: S311 - nobody gains by guessing it
            log.warning("the bus is away", group=group, error=type(error).__name__, seconds=round(wait, 1))
            await asyncio.sleep(wait)
            pause = min(LONGEST_PAUSE, pause * 2)


class _Attempt:
    """The handlers during one connection to the bus; it remembers whether it was the handling that failed."""

    def __init__(self, handle: Handle, together: Together | None) -> None:
        self._handle, self._together = handle, together
        self.failure: Exception | None = None
        self.received = 0

    async def __call__(self, message: Received) -> None:
        self.received += 1
        try:
            await self._handle(message)
        except Exception as error:
            self.failure = self.failure or error
            raise

    async def together(self, messages: Sequence[Received]) -> None:
        """If that fails, they come again one after the other: only there a failure is one."""
        if self._together is not None:
            await self._together(messages)
            self.received += len(messages)
