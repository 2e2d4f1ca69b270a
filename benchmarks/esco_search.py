"""I1: finding a concept of ESCO while somebody types, over HTTP on the real files: a bound, a floor and a plain way.

The floor is the smallest answer of the same service with the same rights: which releases are here, three rows. The
bound holds on a machine that has nothing else to do; the ratio to the floor and the CPU time hold on any.
The plain way is what one would write first: RapidFuzz over all labels in memory, in this process, without HTTP, log-in
or rights. What was typed is drawn from the labels themselves: words begun, words in another order, and one slip or two.
CPU time is that of the service and of PostgreSQL, so that a busy machine does not blur it.
"""

import csv
import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any, Final

import httpx
from rapidfuzz import fuzz, process

from benchmarks.result import Result
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.login import log_in
from infra.esco.concept import folded
from infra.importing import esco
from infra.onebox.box import box
from infra.onebox.layout import PEOPLE, Box
from tests.support.left_out import data

BOUND: Final = 20.0
"""Milliseconds."""
OF_EACH: Final = 300
OF_PLAIN: Final = 60
"""Of each, the plain way, which takes longer."""
SHOWN: Final = 20
KINDS: Final = ("begun", "any order", "misspelt")
TICK: Final = 1000 / os.sysconf("SC_CLK_TCK")
"""Milliseconds."""


async def measure() -> list[Result]:
    """How long each way of typing takes, what it costs, and whether what was meant is among the first twenty."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-bench-"))
    async with (
        box(folder / "box", environment="test", apart=True, keep=False, services=("intake",)) as made,
        httpx.AsyncClient(timeout=30) as http,
    ):
        labels = await _bring_in(made, http)
        asked = {kind: list(typed(labels, kind)) for kind in KINDS}
        await _ours(made, http, labels, {kind: each[:20] for kind, each in asked.items()})  # warms up
        before = _cpu(made)
        ours = await _ours(made, http, labels, asked)
        cpu = (_cpu(made) - before) / sum(map(len, asked.values()))
        before = _cpu(made)
        floor = await _smallest(made, http)
        floor_cpu = (_cpu(made) - before) / len(floor)
    plain, plain_cpu = _plain(labels, {kind: each[:OF_PLAIN] for kind, each in asked.items()})
    ways = _p95(ours, *KINDS)
    every = [
        *(
            Result("I1", f"ESCO search, {kind}, p95 : bound", _p95(ours, kind), BOUND, "ms", 1.0, at_most=True)
            for kind in KINDS
        ),
        Result("I1", "ESCO search, p95 : smallest answer's", ways, quantiles(floor, n=20)[-1], "ms", at_most=True),
        Result("I1", "ESCO search, p95 : RapidFuzz over all labels", ways, _p95(plain, *KINDS), "ms", at_most=True),
        Result("I1", "ESCO search, CPU time : smallest answer's", cpu, floor_cpu, "ms", at_most=True),
        Result("I1", "ESCO search, CPU time : RapidFuzz over all labels", cpu, plain_cpu, "ms", 1.0, at_most=True),
    ]
    found = [
        Result("I1", f"ESCO search, {kind}, meant is shown : RapidFuzz", _share(ours[kind]), _share(plain[kind]), "%")
        for kind in KINDS
    ]
    return [*every, *found]


Labels = Mapping[str, set[str]]
"""Label -> the concepts that bear it."""
Looked = Mapping[str, list[tuple[float, bool]]]
"""Way of typing -> (milliseconds, whether the label that was meant was found) of each."""


def typed(labels: Labels, kind: str) -> Iterator[tuple[str, str]]:
    """(what somebody types, the label that is meant); the same in every run."""
    source, every = random.Random(kind), sorted(labels)
    for label in source.choices(every, k=OF_EACH):
        words = label.split()
        match kind:
            case "begun":
                yield label[: source.randint(2, max(3, len(label) // 2))].strip(), label
            case "any order":
                yield " ".join(source.sample(words, k=min(len(words), 3))), label
            case _:
                yield " ".join(_slipped(source, word) for word in source.sample(words, k=min(len(words), 3))), label


def _slipped(source: random.Random, word: str) -> str:
    """One slip in a word of five letters or more, two in one of eight."""
    for _ in range((len(word) >= 5) + (len(word) >= 8 and source.random() < 0.3)):
        at, letter = source.randrange(1, len(word) - 1), source.choice("aeinrst")
        word = source.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
    return word


async def _bring_in(made: Box, http: httpx.AsyncClient) -> Labels:
    """The labels of skills; occupations and groups come in, too."""
    tokens = await log_in(made.issuer, "opal", load_people(PEOPLE).password, http=http)

    async def call(body: dict[str, Any]) -> Any:
        answer = await http.post(
            f"{made.addresses['intake']}{esco.PATH}",
            json=body,
            headers={"Authorization": f"Bearer {tokens.access_token}"},
        )
        return answer.raise_for_status().json()

    labels: Labels = {}
    for file in esco.files_of([data("esco")])[0]:
        part = esco.look_through(file, language="en", release="1.2.0")
        async for _ in esco.send(part, call, trial=False):
            pass
        if part.kind == "skill":
            labels = _labels(file)
    return labels


def _labels(file: Path) -> Labels:
    labels: dict[str, set[str]] = {}
    with file.open(encoding="utf-8-sig", newline="") as opened:
        for row in csv.DictReader(opened):
            for label in (row["preferredLabel"], *row["altLabels"].splitlines()):
                if label.strip():
                    labels.setdefault(folded(label), set()).add(row["conceptUri"])
    return labels


async def _ours(
    made: Box, http: httpx.AsyncClient, labels: Labels, asked: Mapping[str, list[tuple[str, str]]]
) -> Looked:
    tokens = await log_in(made.issuer, "jonas", load_people(PEOPLE).password, http=http)
    url, headers = f"{made.addresses['intake']}/v1/esco/search", {"Authorization": f"Bearer {tokens.access_token}"}
    looked: dict[str, list[tuple[float, bool]]] = {}
    for kind, each in asked.items():
        for words, meant in each:
            started = perf_counter()
            answer = await http.get(url, params={"q": words, "limit": SHOWN}, headers=headers)
            spent = (perf_counter() - started) * 1000
            found = {one["uri"] for one in answer.raise_for_status().json()}
            looked.setdefault(kind, []).append((spent, not labels[meant].isdisjoint(found)))
    return looked


async def _smallest(made: Box, http: httpx.AsyncClient) -> list[float]:
    """Milliseconds of answers that need the same log-in and right, and next to nothing else."""
    tokens = await log_in(made.issuer, "jonas", load_people(PEOPLE).password, http=http)
    url, headers = f"{made.addresses['intake']}/v1/esco/releases", {"Authorization": f"Bearer {tokens.access_token}"}
    spent = []
    for _ in range(OF_EACH):
        started = perf_counter()
        (await http.get(url, headers=headers)).raise_for_status()
        spent.append((perf_counter() - started) * 1000)
    return spent


def _plain(labels: Labels, asked: Mapping[str, list[tuple[str, str]]]) -> tuple[Looked, float]:
    every, began, looked = sorted(labels), process_time(), dict[str, list[tuple[float, bool]]]()
    for kind, each in asked.items():
        for words, meant in each:
            started = perf_counter()
            found = process.extract(words, every, scorer=fuzz.WRatio, limit=SHOWN)
            spent = (perf_counter() - started) * 1000
            right = any(labels[label] & labels[meant] for label, _, _ in found)
            looked.setdefault(kind, []).append((spent, right))
    return looked, (process_time() - began) * 1000 / sum(map(len, asked.values()))


def _p95(looked: Looked, *kinds: str) -> float:
    return quantiles([spent for kind in kinds for spent, _ in looked[kind]], n=20)[-1]


def _share(looked: list[tuple[float, bool]]) -> float:
    return 100 * sum(right for _, right in looked) / len(looked)


def _cpu(made: Box) -> float:
    """Milliseconds that the service's API and all processes of PostgreSQL have computed so far."""
    postmaster = int((made.folder / "postgres" / "postmaster.pid").read_text().split()[0])
    pids = {postmaster, made.processes["intake", "main"].pid}
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) in pids or int(fields[1]) == postmaster:
            ticks += int(fields[11]) + int(fields[12])
    return ticks * TICK
