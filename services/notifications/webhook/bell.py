"""Wakes the sender of this process as soon as something was queued here. Losing a ring costs one look at the queue.

Another process's sender, and one that runs beside an API that replays, find it by looking.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final


class Bell:
    """Rung after a commit, heard by whoever waits at that moment."""

    def __init__(self) -> None:
        self._ears: set[asyncio.Event] = set()

    @contextmanager
    def ear(self) -> Iterator[asyncio.Event]:
        """An event that is set at every ring."""
        heard = asyncio.Event()
        self._ears.add(heard)
        try:
            yield heard
        finally:
            self._ears.discard(heard)

    def ring(self) -> None:
        for heard in self._ears:
            heard.set()


BELL: Final = Bell()
