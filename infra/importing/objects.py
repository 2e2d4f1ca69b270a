"""NDJSON: one object per line, its keys are the headings. A line that is none is named, the others are taken."""

import json
from typing import Any

from infra.importing.encoding import BROKEN, decoded, readable
from infra.importing.table import Line, Table, Wrong, too_long


def read_objects(data: bytes, encoding: str | None = None) -> Table:
    """Raises `Unreadable` for what is no text."""
    text, encoding = decoded(data, encoding)
    headings: dict[str, None] = {}
    lines = []
    for row, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            there = _cells(json.loads(line))
        except (ValueError, TypeError, RecursionError):
            what = "This line is no JSON object of texts and numbers."
            lines.append(Line(row, {}, (Wrong(row, "", what, "Write one object per line, such as {...}."),)))
            continue
        wrong = [fault for column, cell in there.items() for fault in too_long(row, column, cell)]
        if BROKEN.search(line) or any("\0" in cell for cell in there.values()):
            wrong.append(Wrong(row, "", "A letter was broken when the file was saved.", "Write the line anew."))
        headings |= dict.fromkeys(there)
        lines.append(Line(row, there, tuple(wrong)))
    return Table(tuple(headings), tuple(lines), f"NDJSON, {encoding}")


def _cells(value: Any) -> dict[str, str]:
    """Raises TypeError for anything but an object of plain values."""
    if not isinstance(value, dict) or any(isinstance(cell, dict | list) for cell in value.values()):
        raise TypeError("no object of plain values")
    return {readable(str(key)).strip(): _text(cell) for key, cell in value.items()}


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return readable(str(cell).lower() if isinstance(cell, bool) else str(cell))
