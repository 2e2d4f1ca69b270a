"""Kills by SIGKILL what a seed chooses, and starts it again: APIs, workers with relays, the broker, the database."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import Final

import httpx

from infra.realstack.stack import Stack
from tests.support.waiting import until

SERVERS: Final = ("kafka", "postgres")
KINDS: Final = ("worker", "api", *SERVERS)
WEIGHTS: Final = (5, 4, 1, 1)
PAUSE: Final = (0.5, 3.0)
"""Seconds between a start and the next kill, from and to."""
READY_WITHIN: Final = 120.0


class Killer:
    """`run` until cancelled or until `kills` were carried out."""

    def __init__(self, stack: Stack, seed: int, kills: int) -> None:
        self._stack, self._chance, self._left = stack, random.Random(seed), kills
        self.kills: Counter[str] = Counter()
        """Kind -> how often one was killed."""
        self.log: list[str] = []

    @property
    def done(self) -> bool:
        return self._left <= 0

    async def run(self) -> None:
        first = list(KINDS)
        self._chance.shuffle(first)
        while not self.done:
            await asyncio.sleep(self._chance.uniform(*PAUSE))
            kind = first.pop() if first else self._chance.choices(KINDS, WEIGHTS)[0]
            name = self._one_of(kind)
            await self._stack.kill(name)
            self.kills[kind] += 1
            self.log.append(name)
            self._left -= 1
            await asyncio.sleep(self._chance.uniform(0, 1))
            await self._back(name)

    def _one_of(self, kind: str) -> str:
        """A container of this kind."""
        if kind in SERVERS:
            return kind
        service = self._chance.choice(self._stack.services).name
        return f"{service}-worker" if kind == "worker" else service

    async def _back(self, name: str) -> None:
        """Started again and ready; what ends once more by itself is started by its watch."""
        with suppress(RuntimeError):
            await self._stack.restart(name)
        part = self._stack.parts.get(name)
        if part is None or part.probe is None:
            return
        probe = self._stack.here(part.probe, name)
        async with httpx.AsyncClient(timeout=10) as http:
            await until(lambda: _answers(http, probe), f"{name} is ready again", within=READY_WITHIN)


async def _answers(http: httpx.AsyncClient, probe: str) -> bool:
    with suppress(httpx.HTTPError):
        return (await http.get(probe)).status_code == 200
    return False
