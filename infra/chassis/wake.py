"""Wakes a service's relay after a commit: many commits, one NOTIFY.

Sent on a connection of its own after the commit, not inside it: commits that notify take turns on a global lock.
Losing a wake-up costs at most the relay's polling interval.
"""

import asyncio
from typing import Final

import psycopg

QUIET: Final = 0.002
"""Seconds within which wake-ups are merged."""


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
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as conn:
                    while True:
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
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as ear:
                await ear.execute(f'listen "{channel}"'.encode())
                async for _ in ear.notifies():
                    woken.set()
        except psycopg.OperationalError:
            await asyncio.sleep(1)
