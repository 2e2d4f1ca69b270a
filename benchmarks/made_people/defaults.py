"""Estimates the figures that come with Lotse: `python -m benchmarks.made_people.defaults`.

Rates are learnt from one invented region without looking at who is who; the threshold is the lowest
with the precision `PRECISION` in a second region. Neither region is used again: tests and benchmarks draw
others.
"""

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.made_people import people
from services.intake import duplicates
from services.intake.duplicates import batch, estimation
from services.intake.duplicates.particulars import Particulars
from services.intake.duplicates.weights import Model

LEARN, FIX = 101, 102
"""Seeds of the two regions."""
PRECISION = 0.95
FILE = Path(duplicates.__file__).parent / "defaults.json"


def normal(rows: Sequence[people.Record]) -> list[Particulars]:
    """The rows as they are compared."""
    return [Particulars.from_columns(**asdict(row)) for row in rows]


def lowest_threshold(model: Model, rows: Sequence[people.Record], truth: set[tuple[int, int]]) -> float:
    """The fewest bits from which at most one told pair in twenty is wrong."""
    persons = normal(rows)
    everything = replace(model, threshold=-100.0)
    found = sorted(batch.found(persons, batch.pairs(persons), everything), key=lambda one: -one[2])
    lowest, hits = found[0][2], 0
    for number, (one, other, bits) in enumerate(found, 1):
        hits += (one, other) in truth
        if hits / number >= PRECISION:
            lowest = bits
    return round(lowest, 1)


def main(many: int) -> None:
    rows, _ = people.register(LEARN, many)
    version = f"invented-people-{many}"
    model = batch.learnt(estimation.beginning(), normal(rows), version, random.Random(LEARN))
    model = replace(model, threshold=lowest_threshold(model, *people.register(FIX, many)))
    FILE.write_text(json.dumps(model.as_json(), indent=1, sort_keys=False) + "\n")
    print(f"{FILE.name}: threshold {model.threshold} bits, {model.again:.2f} again, {model.mates:.2f} mates")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000)
