"""One fault run: journeys and kills side by side, then quiet, then the verdict, with a small table at the end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

import httpx

from infra.realstack.stack import Stack
from infra.story.cast import Region
from tests.faults.real.checker import Checker, Verdict
from tests.faults.real.killer import KINDS, Killer
from tests.faults.real.patience import Patient
from tests.faults.real.workload import Workload
from tests.support.waiting import until

SETTLED_WITHIN = 240.0
EVERY = 10
"""Journeys between two lines about how far it is."""


@dataclass
class Result:
    """What a run did and found."""

    journeys: int
    killer: Killer
    verdict: Verdict
    repeats: int
    seconds: float

    @property
    def table(self) -> str:
        found = self.verdict
        kills = ", ".join(f"{self.killer.kills[kind]} {kind}" for kind in KINDS)
        rows = {
            "journeys": self.journeys,
            "kills": f"{sum(self.killer.kills.values())} ({kills})",
            "requests sent again": self.repeats,
            "facts / effects": f"{found.facts} / {found.effects}",
            "mails / repeats": f"{found.mails} / {found.repeats}",
            "lost": len(found.lost),
            "doubled": len(found.doubled),
            "out of order": len(found.out_of_order),
            "duration": f"{self.seconds:.0f} s",
        }
        return "\n".join(f"{name:20} {value}" for name, value in rows.items())


async def fault_run(stack: Stack, *, journeys: int, kills: int, seed: int, tell: Callable[[str], None]) -> Result:
    """Raises AssertionError when a request is refused that must not be, or the region does not come to rest."""
    began = perf_counter()
    wire = Patient()
    async with httpx.AsyncClient(timeout=30, transport=wire) as http:
        region = Region(stack, http, patience=SETTLED_WITHIN)
        await region.settled()
        with Checker(stack) as checker:
            checker.watch()
            killer = Killer(stack, seed, kills)

            def progress(finished: int) -> None:
                if finished % EVERY == 0:
                    tell(f"{perf_counter() - began:5.0f} s  {finished} journeys, {sum(killer.kills.values())} kills")

            work = Workload(region, journeys, seed, progress)
            async with asyncio.TaskGroup() as tasks:
                killing = tasks.create_task(killer.run())
                await work.run()
                tell(f"{perf_counter() - began:5.0f} s  all journeys are done")
                await killing
            await region.settled()

            async def all_mails_left() -> bool:
                query = "select 1 from delivery.delivery where state = 'waiting' limit 1"
                return not await asyncio.to_thread(checker.read, "notifications", query)

            with suppress(AssertionError):  # the verdict says which
                await until(all_mails_left, "every mail has left", within=90)
            await region.settled()
            verdict = await asyncio.to_thread(checker.verdict, work.ledger)
    return Result(work.finished, killer, verdict, wire.repeats, perf_counter() - began)
