"""Wakes a service's relay after a commit: many commits, one NOTIFY.

Sent on a connection of its own after the commit, not inside it: commits that notify take turns on a global lock.
Losing a wake-up costs at most the relay's polling interval.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import psycopg
from psycopg.rows import TupleRow

from infra.chassis import limits

QUIET: Final = 0.002
"""Seconds within which wake-ups are merged."""


async def woken_or_after(woken: asyncio.Event, seconds: float) -> None:
    """Return once `woken` is set, at the latest after `seconds`; the event is clear afterwards.

    Not `asyncio.wait_for`: in Python 3.11 that forgets a cancellation which comes together with the event.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await woken.wait()
    woken.clear()


@asynccontextmanager
async def session(url: str) -> AsyncIterator[psycopg.AsyncConnection[TupleRow]]:
    """A connection of one's own, in autocommit: for listening and for locks that live as long as it does.

    psycopg's own context manager rolls back before it closes, and when it is cancelled there it never closes.
    """
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True, options=limits.options(limits.PATIENT))
    try:
        yield connection
    finally:
        await connection.close()


def go_on() -> bool:
    """True, or the CancelledError that a library forgot: endless loops are `while go_on():`, or ask it in each round.

    Python 3.11's `asyncio.wait_for`, inside the connection pools, swallows a cancellation that comes together with
    what it waits for; the loop would never end, or go on half alive beside a failed neighbour.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return True


class Wake:
    """`set()` from anywhere in the process; `announce()` is the task that passes it on."""

    def __init__(self, url: str, channel: str = "outbox") -> None:
        self._url, self._channel = url, channel
        self._due = asyncio.Event()

    def set(self) -> None:
        """There is something new; returns at once."""
        self._due.set()

    async def announce(self) -> None:
        """Run until cancelled."""
        while True:
            try:
                async with session(self._url) as conn:
                    while go_on():
                        await self._due.wait()
                        self._due.clear()
                        await conn.execute("select pg_notify(%s, '')", (self._channel,))
                        await asyncio.sleep(QUIET)
            except psycopg.OperationalError:
                await asyncio.sleep(1)


async def listen(url: str, woken: asyncio.Event, channel: str = "outbox") -> None:
    """Set `woken` on every NOTIFY; run until cancelled. Reconnects by itself."""
    while True:
        try:
            async with session(url) as ear:
                await ear.execute(f'listen "{channel}"'.encode())
                async for _ in ear.notifies():
                    if go_on():
                        woken.set()
        except psycopg.OperationalError:
            await asyncio.sleep(1)
