"""Reads the story's table from `docs/story.md`: what must happen, who must be told, what others must see."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parents[2] / "docs" / "story.md"
NOTHING: Final = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One step. `events` maps a fact's short name to how often it flows."""

    number: int
    who: str
    does: str
    events: dict[str, int]
    told: frozenset[str]
    sees: tuple[str, ...]


def rows(path: Path = FILE) -> tuple[Row, ...]:
    """The steps in order. Raises ValueError for a line that is no row of the table."""
    lines = [line for line in path.read_text().splitlines() if line.startswith("| ") and line[2].isdigit()]
    found = tuple(_row(line) for line in lines)
    if [row.number for row in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{path.name}: the steps are not numbered 1, 2, 3 ...")
    return found


def _row(line: str) -> Row:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if len(cells) != 6:
        raise ValueError(f"{FILE.name}: a row needs six cells: {line}")
    number, who, does, events, told, sees = cells
    return Row(
        number=int(number),
        who=who,
        does=does,
        events=dict(_counted(event) for event in _parts(events, ",")),
        told=frozenset(_parts(told, ",")),
        sees=_parts(sees, ";"),
    )


def _parts(cell: str, separator: str) -> tuple[str, ...]:
    return () if cell == NOTHING else tuple(part.strip() for part in cell.split(separator))


def _counted(event: str) -> tuple[str, int]:
    name, _, times = event.partition(" x")
    return name, int(times or 1)
