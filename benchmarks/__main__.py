"""`make bench`: measures, prints a table and writes `benchmarks/results.json`."""

import asyncio
import json
import sys
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks import (
    bus_latency,
    duplicate_search,
    esco_search,
    kafka_path,
    linkage,
    pages,
    registration,
    webhooks,
    withdrawal,
)
from benchmarks.peers.environment import NoPeers
from benchmarks.result import Result
from infra.chassis import logs

BENCHMARKS: Final[dict[Callable[[], Awaitable[list[Result]]], frozenset[str]]] = {
    registration.measure: frozenset({"G3", "G4", "G5"}),
    bus_latency.measure: frozenset({"E1"}),
    kafka_path.measure: frozenset({"G1", "G2"}),
    pages.measure: frozenset({"D1"}),
    webhooks.measure: frozenset({"G13"}),
    withdrawal.measure: frozenset({"W1", "W2"}),
    duplicate_search.measure: frozenset({"G6"}),
    linkage.measure: frozenset({"G7", "I2", "I3"}),
    esco_search.measure: frozenset({"I1"}),
}
FILE: Final = Path(__file__).parent / "results.json"


async def main(wanted: set[str]) -> int:
    """Run what was asked for, or everything; 1 if a figure does not exist or could not be measured."""
    known = frozenset().union(*BENCHMARKS.values())
    if unknown := wanted - known:
        Console(stderr=True).print(
            f"No such figure: {', '.join(sorted(unknown))}. There are {', '.join(sorted(known))}."
        )
        return 1
    results: list[Result] = []
    left_out: set[str] = set()
    for measure, ids in BENCHMARKS.items():
        if not wanted or wanted & ids:
            Console().print(f"Measuring {', '.join(sorted(ids))} ...")
            try:
                results.extend(await measure())
            except NoPeers as why:
                Console(stderr=True).print(f"{why} Not measured: {', '.join(sorted(ids))}.")
                left_out |= ids
    FILE.write_text(json.dumps([result.as_json() for result in results], indent=2) + "\n")
    Console().print(table(results))
    return 1 if left_out else 0


def table(results: list[Result]) -> Table:
    """Ratios with both sides."""
    shown = Table("figure", "what", "ours", "against", "unit", "ratio", "target", "met")
    for one in results:
        sign = "<=" if one.at_most else ">="
        shown.add_row(
            one.id,
            one.what,
            f"{one.ours:.1f}",
            "-" if one.floor is None else f"{one.floor:.1f}",
            one.unit,
            "-" if one.ratio is None else f"{one.ratio:.2f}",
            "-" if one.target is None else f"{sign} {one.target}",
            {None: "-", True: "yes", False: "no"}[one.met],
        )
    return shown


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logs.set_up("bench", level=40)
    sys.exit(asyncio.run(main(set(sys.argv[1:]))))
