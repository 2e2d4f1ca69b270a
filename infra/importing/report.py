"""What became of a file: the rows to mend, to be fed in again as they are, and a list of all rows.

Both hold what the file held, so they lie where it lies, for this user only; nothing is ever written over.
"""

import csv
import json
import os
import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from infra.importing.columns import OURS
from infra.importing.rows import Became

ADDED: Final = tuple(OURS + name for name in ("row", "column", "what is wrong", "what to do"))
BETWEEN: Final = " | "


def write_to_mend(source: Path, headings: Sequence[str], became: Sequence[Became]) -> Path | None:
    """The rows that are not in, with what is wrong in each; None if all are. CSV, or NDJSON beside NDJSON."""
    own = _own(headings)
    rows = _rows_to_mend(own, became)
    if not rows:
        return None
    if source.suffix.lower() in (".ndjson", ".jsonl"):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return _write(_beside(source, source.suffix), text)
    return _write(_beside(source, ".csv"), _separated((*own, *ADDED), rows))


def to_mend(headings: Sequence[str], became: Sequence[Became]) -> bytes:
    """The same as CSV, for somebody who takes it away at once."""
    own = _own(headings)
    return _separated((*own, *ADDED), _rows_to_mend(own, became)).encode("utf-8", "surrogateescape")


def _own(headings: Sequence[str]) -> list[str]:
    return [heading for heading in headings if not heading.startswith(OURS)]


def _rows_to_mend(own: Sequence[str], became: Sequence[Became]) -> list[dict[str, str]]:
    broken = [one for one in became if one.to_mend]
    return [{heading: one.line.cells.get(heading, "") for heading in own} | _wrong(one) for one in broken]


def write_all(file: Path, became: Sequence[Became]) -> Path:
    """Every row: what became of it, and the code of the record."""
    headings = ("row", "outcome", "reference", "record", "possible match", "remarks")
    rows = [
        dict(
            zip(
                headings,
                (
                    str(one.line.row),
                    one.outcome,
                    one.reference or "",
                    one.record or "",
                    "yes" if one.possible_match else "",
                    BETWEEN.join([*(f"{w.column}: {w.what}" for w in one.wrong), *one.hints]),
                ),
                strict=True,
            )
        )
        for one in became
    ]
    return write_list(file, headings, rows)


def write_list(file: Path, headings: Sequence[str], rows: Sequence[dict[str, str]]) -> Path:
    """A new file of these rows."""
    return _write(file, _separated(headings, rows))


def _wrong(one: Became) -> dict[str, str]:
    parts = [(str(w.row), w.column, w.what, w.way_out) for w in one.wrong]
    joined = [BETWEEN.join(dict.fromkeys(part)) for part in zip(*parts, strict=True)]
    return dict(zip(ADDED, joined, strict=True))


def _separated(headings: Sequence[str], rows: Sequence[dict[str, str]]) -> str:
    made = StringIO(newline="")
    written = csv.DictWriter(made, headings)
    written.writeheader()
    written.writerows(rows)
    return "\ufeff" + made.getvalue()  # without the mark a spreadsheet takes it for another encoding


def _beside(source: Path, suffix: str) -> Path:
    """`people.to-mend.csv`; the next free number after it if there is one already."""
    stem = re.sub(r"\.to-mend(-\d+)?$", "", source.stem)
    number = 1
    while (file := source.with_name(f"{stem}.to-mend{'' if number == 1 else f'-{number}'}{suffix}")).exists():
        number += 1
    return file


def _write(file: Path, text: str) -> Path:
    """Readable by this user only. Raises FileExistsError instead of writing over something."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
        made.write(text.encode("utf-8", "surrogateescape"))
    return file
