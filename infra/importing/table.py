"""What a file holds, whatever its kind: headings, and rows of texts under the numbers that a spreadsheet shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.refusal import Invalid

LARGEST_FILE: Final = 50_000_000
"""Bytes."""
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 500
LONGEST_CELL: Final = 2000
"""Characters; the services take no more."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a row before anybody looks at what it says. `column` is the file's own heading, if one is."""

    row: int
    column: str
    what: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row: heading -> what stands there, and what is wrong with it."""

    row: int
    cells: Mapping[str, str]
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read. `how` says in words how it was understood."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    how: str


class Unreadable(Invalid):
    """The file as a whole can't be taken in."""

    slug = "file-unreadable"


def whole(file: Path) -> bytes:
    """All bytes of a file. Raises `Unreadable` for one that is not there, empty or too large."""
    if not file.is_file():
        raise Unreadable("There is no such file.", way_out="Check the name; quote it if it has spaces.", field="file")
    size = file.stat().st_size
    if size > LARGEST_FILE:
        way_out = f"Split it: at most {LARGEST_FILE // 1_000_000} MB and {MOST_ROWS:,} rows at a time."
        raise Unreadable(f"The file has {size // 1_000_000} MB.", way_out=way_out, field="file")
    if not size:
        raise Unreadable("The file is empty.", way_out="Save it again in the program it comes from.", field="file")
    return file.read_bytes()


def checked(table: Table) -> Table:
    """The table if it has rows, and not too many. Raises `Unreadable`."""
    if not table.lines:
        way_out = "The first row holds the headings; what comes in follows from the second on."
        raise Unreadable("The file has no rows.", way_out=way_out, field="file")
    if len(table.lines) > MOST_ROWS:
        way_out = f"Split it: at most {MOST_ROWS:,} rows at a time."
        raise Unreadable(f"The file has {len(table.lines):,} rows.", way_out=way_out, field="file")
    if len(table.headings) > MOST_COLUMNS:
        way_out = f"Remove what is not needed: at most {MOST_COLUMNS} columns."
        raise Unreadable(f"The file has {len(table.headings)} columns.", way_out=way_out, field="file")
    twice = sorted({heading for heading in table.headings if table.headings.count(heading) > 1})
    if twice:
        way_out = "Rename one of them, so that it is clear which is meant."
        raise Unreadable(f"Two columns are called {twice[0]!r}.", way_out=way_out, field="file")
    return table


def too_long(row: int, column: str, text: str) -> tuple[Wrong, ...]:
    """What is wrong with a cell that no service would take."""
    if len(text) <= LONGEST_CELL:
        return ()
    what = f"It is longer than {LONGEST_CELL} characters."
    return (Wrong(row, column, what, "Shorten it; perhaps a quotation mark is missing at its end."),)
