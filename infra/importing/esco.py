"""Taking ESCO's own files to the services that keep a copy: official CSV in any language, or a derived shape of them.

A file is read twice: once to its end, to find what is wrong with it before anything is sent, and once to send it, batch
by batch. So it never lies in memory as a whole, and a broken file brings nothing.
"""

import csv
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from infra.importing.rows import Call
from infra.importing.table import Unreadable, Wrong

PATH: Final = "/v1/imports/esco"
SERVICES: Final = ("intake", "matching")
"""Those that keep a copy."""
BATCH: Final = 500
COLUMNS: Final = {
    "concepturi": "uri",
    "originuri": "uri",
    "preferredlabel": "preferred",
    "altlabels": "others",
    "code": "code",
    "iscogroup": "group",
    "iscogroupcode": "group",
    "reuselevel": "reuse",
}
"""Heading in small letters -> our word for it. Whatever else stands in the files is not taken over."""
PARTS: Final = {"skill": "skill", "occupation": "occupation", "isco": "isco-group"}
URI: Final = re.compile(r"http://data\.europa\.eu/esco/(skill|occupation|isco)/[!-~]{1,120}")
FILES: Final = re.compile(r"(skills|occupations|isco_?groups)(?:_([a-z]{2,3}))?\.csv", re.IGNORECASE)
RELEASE: Final = re.compile(r"v(\d+(?:\.\d+){1,2})")
LONGEST_LABEL: Final = 500
MOST_LABELS: Final = 500
SHOWN: Final = 100
"""Faults after which reading ends: what is wrong everywhere is one thing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file that was read to its end: which part of ESCO in which language, how many concepts; columns `left_out`."""

    file: Path
    kind: str
    language: str
    release: str
    concepts: int
    left_out: tuple[str, ...]
    wrong: tuple[Wrong, ...]


def files_of(given: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """(files to be read, files in the folders that are not taken) Raises `Unreadable`."""
    taken: list[Path] = []
    others: list[Path] = []
    for path in given:
        if path.is_dir():
            for file in sorted(path.glob("*.csv")):
                (taken if FILES.fullmatch(file.name) else others).append(file)
        elif path.is_file():
            taken.append(path)
        else:
            raise Unreadable(f"There is no {path.name}.", way_out="Check the name.", field="file")
    if not taken:
        way_out = "Name files such as skills_en.csv, occupations_en.csv, ISCOGroups_en.csv, or their folder."
        raise Unreadable("There is no file of ESCO.", way_out=way_out, field="file")
    return taken, others


def look_through(file: Path, *, language: str | None, release: str | None) -> Part:
    """Reads the file to its end. Raises `Unreadable` if it can't be told what it is."""
    name = FILES.fullmatch(file.name)
    language = language or (name[2] if name and name[2] else None)
    if language is None:
        way_out = "Name the file as ESCO does (skills_de.csv), or say --language."
        raise Unreadable(f"It is not known which language {file.name} is in.", way_out=way_out, field="language")
    release = release or next((found[1] for found in map(RELEASE.search, (file.name, file.parent.name)) if found), None)
    if release is None:
        way_out = "Say --release; it stands on ESCO's download page and in the name of its folder."
        raise Unreadable(f"It is not known which release {file.name} is of.", way_out=way_out, field="release")
    wrong: list[Wrong] = []
    kinds: set[str] = set()
    seen: dict[str, int] = {}
    with _Rows(file) as rows:
        left_out = rows.left_out
        for number, concept in rows:
            wrong += _faults(number, concept, seen)
            if match := URI.fullmatch(concept["uri"]):
                kinds.add(PARTS[match[1]])
            if len(wrong) >= SHOWN:
                break
        wrong += rows.wrong
    if len(kinds) > 1:
        way_out = "Split it: one part of ESCO per file."
        raise Unreadable(f"{file.name} holds several parts: {', '.join(sorted(kinds))}.", way_out=way_out, field="file")
    if not kinds:
        way_out = "Its addresses begin with http://data.europa.eu/esco/ and skill, occupation or isco."
        raise Unreadable(f"{file.name} holds no concept of ESCO.", way_out=way_out, field="file")
    return Part(file, kinds.pop(), language, release, len(seen), left_out, tuple(wrong))


async def send(part: Part, call: Call, *, trial: bool) -> AsyncIterator[list[str]]:
    """What became of the concepts, batch after batch: `new`, `changed` or `unchanged`, as often as there are such."""
    with _Rows(part.file) as rows:
        concepts = (concept for _, concept in rows)
        done = 0
        while batch := list(islice(concepts, BATCH)):
            done += len(batch)
            body: dict[str, Any] = {"release": part.release, "language": part.language, "kind": part.kind}
            body |= {"concepts": batch, "trial": trial, "complete": part.concepts if done >= part.concepts else None}
            answer = await call(body)
            yield [outcome for outcome in ("new", "changed", "unchanged") for _ in range(answer[outcome])]


class _Rows:
    """(row, concept) of a file, one after the other; `wrong` gathers what can't be read."""

    def __init__(self, file: Path) -> None:
        self._opened = file.open(encoding="utf-8-sig", errors="replace", newline="")
        self._reader = csv.reader(self._opened, strict=True)
        self._at = 1
        self.wrong: list[Wrong] = []
        try:
            headings = next(self._reader, [])
        except csv.Error:
            headings = []
        self._columns = [COLUMNS.get(heading.strip().lower(), "") for heading in headings]
        self.left_out = tuple(h for h, name in zip(headings, self._columns, strict=True) if not name)
        missing = [name for name in ("conceptUri", "preferredLabel") if COLUMNS[name.lower()] not in self._columns]
        if missing:
            self._opened.close()
            way_out = "Take the CSV files of ESCO's download as they are."
            raise Unreadable(f"{file.name} has no column {' and no '.join(missing)}.", way_out=way_out, field="file")

    def __enter__(self) -> "_Rows":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        while True:
            self._at += 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                what = "A quotation mark opens and never closes: what follows was not read."
                self.wrong.append(Wrong(self._at, "", what, "Download the file again: perhaps its end is missing."))
                return
            if len(cells) != len(self._columns):
                what = f"The row has {len(cells)} cells, the headings have {len(self._columns)}."
                self.wrong.append(Wrong(self._at, "", what, "Download the file again, or mend the row."))
                continue
            yield self._at, _concept(dict(zip(self._columns, cells, strict=True)))


def _concept(cells: dict[str, str]) -> dict[str, Any]:
    concept: dict[str, Any] = {name: text.strip() for name, text in cells.items() if name and text.strip()}
    others = [label.strip() for label in re.split(r"[\n|]", concept.pop("others", ""))]
    return {"uri": "", "preferred": "", **concept, "others": list(dict.fromkeys(filter(None, others)))}


def _faults(row: int, concept: dict[str, Any], seen: dict[str, int]) -> Iterator[Wrong]:
    uri, labels = concept["uri"], [concept["preferred"], *concept["others"]]
    if not URI.fullmatch(uri):
        yield Wrong(row, "conceptUri", "This is no address of a concept.", "Take it from ESCO's own file.")
    elif (before := seen.setdefault(uri, row)) != row:
        yield Wrong(row, "conceptUri", f"The same concept stands in row {before}.", "Leave one of the two out.")
    if not concept["preferred"]:
        yield Wrong(row, "preferredLabel", "The concept has no label.", "Take it from ESCO's own file.")
    if len(labels) > MOST_LABELS or any(len(label) > LONGEST_LABEL for label in labels):
        what = f"A label is longer than {LONGEST_LABEL} characters, or there are more than {MOST_LABELS}."
        yield Wrong(row, "altLabels", what, "A line break between them may be missing.")
    if any("\ufffd" in label for label in labels):
        yield Wrong(row, "preferredLabel", "A letter was broken when the file was saved.", "Save it as UTF-8.")
