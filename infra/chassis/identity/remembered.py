"""A staff directory that asks another one at most once a minute for the same thing.

However many ask for the same entry at once, one of them goes and the others wait for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.vocabulary import StaffId
from infra.chassis.identity.base import StaffDirectory, StaffMember

REMEMBERED_FOR: Final = timedelta(seconds=60)
MOST_REMEMBERED: Final = 1024

Found = tuple[StaffMember, ...]


class RememberedDirectory:
    """`base.StaffDirectory` in front of another; `clock` is system time."""

    def __init__(self, asked: StaffDirectory, clock: Callable[[], datetime]) -> None:
        self._asked = asked
        self._clock = clock
        self._known: dict[str | UUID, tuple[datetime, Found]] = {}
        self._asking: dict[str | UUID, asyncio.Lock] = {}

    async def of_agency(self, agency: str) -> list[StaffMember]:
        async def ask() -> Found:
            return tuple(await self._asked.of_agency(agency))

        return list(await self._recall(agency, ask))

    async def member(self, staff: StaffId) -> StaffMember | None:
        async def ask() -> Found:
            found = await self._asked.member(staff)
            return (found,) if found else ()

        return next(iter(await self._recall(staff, ask)), None)

    async def _recall(self, name: str | UUID, ask: Callable[[], Awaitable[Found]]) -> Found:
        async with self._asking.setdefault(name, asyncio.Lock()):
            at, found = self._known.get(name, (None, ()))
            if at is None or self._clock() - at >= REMEMBERED_FOR:
                found = await ask()
                if len(self._known) >= MOST_REMEMBERED:
                    self._known.clear()
                self._known[name] = (self._clock(), found)
        if len(self._asking) > MOST_REMEMBERED:
            self._asking = {one: lock for one, lock in self._asking.items() if lock.locked()}
        return found
