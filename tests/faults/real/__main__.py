"""`make faults`: the full fault run on real servers: kills, then an outage of the broker, then the story.

Needs Java 17 and Maven.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import httpx

from infra.realstack.region import realstack
from infra.story.cast import Region
from infra.story.play import play
from tests.faults.real.outage import broker_outage
from tests.faults.real.run import fault_run

REFUSED_WITHIN = 35.0
"""Seconds after the last word of grants in which nothing that rests on one goes on any more."""
UNTIL_TIME_MOVES = 10
"""Steps of the story. With the next one months pass, and the stream's journeys have things to say, too."""


def tell(line: str) -> None:
    print(line, flush=True)


async def main(seed: int = 20261122, journeys: int = 300, kills: int = 30, seconds: int = 60) -> int:
    """The exit code: 1 if anything was lost, doubled, out of order or too late. The broker is down for `seconds`."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-faults-"))
    tell(f"seed {seed}; logs in {folder}")
    async with realstack(folder, environment="test", tell=tell) as stack:
        result = await fault_run(stack, journeys=journeys, kills=kills, seed=seed, tell=tell)
        tell("killed: " + ", ".join(result.killer.log))
        if told(result.verdict.faults, result.table):
            return 1
        outage = await broker_outage(stack, seconds=seconds, seed=seed, tell=tell)
        if told(outage.faults_within(REFUSED_WITHIN), outage.table):
            return 1
        async with httpx.AsyncClient(timeout=60) as http:
            region = Region(stack, http, patience=90)
            await play(region, lambda report: tell(f"story: step {report.row.number}"), UNTIL_TIME_MOVES)
    return 0


def told(faults: list[str], table: str) -> bool:
    """Whether there are any."""
    for fault in faults[:50]:
        tell(f"  - {fault}")
    tell(table)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*(int(word) for word in sys.argv[1:]))))
