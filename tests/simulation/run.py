"""One seed from beginning to end: people, faults, rest, and what the invariants say."""

import time
from dataclasses import dataclass
from random import Random

from contracts.topics import SERVICES
from tests.simulation.agency import Agency
from tests.simulation.drive import Drive
from tests.simulation.invariants import violations
from tests.simulation.rebuilding import is_the_same_when_rebuilt, projections
from tests.simulation.weather import Faults, Weather
from tests.simulation.workload import Workload
from tests.simulation.world import World


@dataclass(frozen=True)
class Result:
    """What a seed showed."""

    seed: int
    violations: tuple[str, ...]
    steps: int
    hash: str
    """Of the whole trail: the same seed gives the same."""
    seconds: float
    trail: tuple[str, ...]
    """The last steps."""


async def run(made: World, seed: int) -> Result:
    """Play a seed."""
    started = time.perf_counter()
    await made.begin(seed)
    try:
        found = await _play(made)
    finally:
        await made.turns.stop()
    trail = made.trail
    return Result(seed, tuple(found), trail.steps, trail.hash, time.perf_counter() - started, tuple(trail.lines))


async def _play(made: World) -> list[str]:
    draws = Random(f"plan of {made.seed}")
    agency = Agency(made)
    faults = Faults(made, agency, Weather.of(draws))
    drive = Drive(made, agency, faults)
    Workload(agency, people=draws.choice((1, 2, 2, 3))).enter()
    await drive.run()
    faults.heal()
    rests = await drive.settle()
    days = draws.choice((0, 100, 500, 500))
    if days and rests:
        for service in SERVICES:
            faults.advance(service, days)
        rests = await drive.settle()
    found = [*made.violations, *made.turns.failures]
    if not rests:
        found.append("does not come to rest")
    found += await violations(made, agency.ledger)
    if rests and draws.random() < 0.3:
        found += await is_the_same_when_rebuilt(made, *draws.choice(projections(made)))
    return found
