"""`make faults`: the full fault run on real servers, with the story at its end. Needs Java 17 and Maven."""

import asyncio
import sys
import tempfile
from pathlib import Path

import httpx

from infra.realstack.region import realstack
from infra.story.cast import Region
from infra.story.play import play
from tests.faults.real.run import fault_run

JOURNEYS, KILLS = 300, 30
UNTIL_TIME_MOVES = 10
"""Steps of the story. With the next one months pass, and the stream's journeys have things to say, too."""


def tell(line: str) -> None:
    print(line, flush=True)


async def main(seed: int, journeys: int, kills: int) -> int:
    """The exit code: 1 if anything was lost, doubled or out of order."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-faults-"))
    tell(f"seed {seed}; logs in {folder}")
    async with realstack(folder, environment="test", tell=tell) as stack:
        result = await fault_run(stack, journeys=journeys, kills=kills, seed=seed, tell=tell)
        tell("killed: " + ", ".join(result.killer.log))
        for fault in result.verdict.faults[:50]:
            tell(f"  - {fault}")
        if not result.verdict.faults:
            async with httpx.AsyncClient(timeout=60) as http:
                region = Region(stack, http, patience=90)
                await play(region, lambda report: tell(f"story: step {report.row.number}"), UNTIL_TIME_MOVES)
        tell(result.table)
    return 1 if result.verdict.faults else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(asyncio.run(main(*(given + [20261122, JOURNEYS, KILLS][len(given) :]))))
