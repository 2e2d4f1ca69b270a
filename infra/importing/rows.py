"""Rows on their way to a service, and what became of them: the same for people and for opportunities."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from infra.importing.columns import OURS, Columns
from infra.importing.table import Line, Table, Wrong

Call = Callable[[dict[str, Any]], Awaitable[Any]]
"""Sends a batch to the service and gives the body of its answer."""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a row; `outcome` is the service's word, or `unreadable` for what could not be sent."""

    line: Line
    outcome: str
    reference: str | None = None
    record: str | None = None
    """Id of what the row is now."""
    possible_match: bool = False
    wrong: tuple[Wrong, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def to_mend(self) -> bool:
        return bool(self.wrong)


def sent_of(line: Line, columns: Columns) -> Line:
    """The line with the faults that matter: what is wrong with a column that nobody sends is nobody's concern."""
    return replace(line, wrong=tuple(one for one in line.wrong if not one.column or one.column in columns))


def row_of(line: Line, columns: Columns) -> dict[str, str]:
    """Field -> what stands there; several columns of one field are joined."""
    row: dict[str, str] = {}
    for heading, name in columns.items():
        if text := line.cells.get(heading, "").strip():
            row[name] = f"{row[name]}, {text}" if name in row else text
    return row


def faults_of(line: Line, answer: dict[str, Any], columns: Columns) -> list[Wrong]:
    """What the service found wrong, with the file's own headings."""
    headings = {name: heading for heading, name in columns.items()}
    return [
        Wrong(line.row, headings.get(one["column"], one["column"]), one["what"], one["way_out"])
        for one in answer["faults"]
    ]


def left_out(table: Table, columns: Columns) -> Sequence[str]:
    """Headings of which nothing is sent."""
    return [heading for heading in table.headings if heading not in columns and not heading.startswith(OURS)]
