"""CSV: the delimiter is found, quoted line breaks are kept, and a row that is broken is named."""

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Final

from infra.importing.encoding import BROKEN, decoded, readable
from infra.importing.table import LARGEST_FILE, Line, Table, Unreadable, Wrong, too_long

DELIMITERS: Final = ";,\t|"
NAMES: Final = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}
LOOKED_AT: Final = 50
"""Rows by which the delimiter is found."""
SAYS_IT: Final = "sep="
"""How a first row begins that tells spreadsheets the delimiter."""


def read_separated(data: bytes, encoding: str | None = None) -> Table:
    """Raises `Unreadable` for what is no text or has no heading."""
    csv.field_size_limit(LARGEST_FILE)  # a torn quotation mark swallows what follows; it shall be named, not feared
    text, encoding = decoded(data, encoding)
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    headings: tuple[str, ...] = ()
    lines = []
    for row, cells, wrong in rows:
        if wrong is not None:
            lines.append(Line(row, dict(zip(headings, cells, strict=False)), (wrong,)))
        elif not any(cell.strip() for cell in cells) or (not headings and cells[0].startswith(SAYS_IT)):
            continue
        elif not headings:
            headings = tuple(readable(cell).strip() or f"column {number}" for number, cell in enumerate(cells, 1))
        else:
            lines.append(_line(row, cells, headings))
    if not headings:
        way_out = "The first row holds the headings, such as given name, family name, birth date."
        raise Unreadable("The file has no headings.", way_out=way_out, field="file")
    return Table(headings, tuple(lines), f"CSV, {encoding}, separated by {NAMES[delimiter]}")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str], Wrong | None]]:
    """(number, cells, fault) of each row; after a quotation mark that never closes nothing can be told apart."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    while True:
        row += 1
        line = reader.line_num + 1
        try:
            yield row, next(reader), None
        except StopIteration:
            return
        except csv.Error:
            if reader.line_num <= line and "\n" in text.rstrip("\r\n"):
                what, way_out = "A quotation mark stands in the middle.", "Double it, or put the cell into quotes."
            else:
                what = "A quotation mark opens and never closes: what follows was not read."
                way_out = f"Close it on line {line} of the file, and feed the file in again."
            yield row, [], Wrong(row, "", what, way_out)


def _line(row: int, cells: list[str], headings: tuple[str, ...]) -> Line:
    there = dict(zip(headings, cells, strict=False))
    wrong: list[Wrong] = []
    more = [cell for cell in cells[len(headings) :] if cell.strip()]
    if more or len(cells) < len(headings) - 1:
        what = f"The row has {len(cells)} cells, the headings have {len(headings)}."
        wrong.append(Wrong(row, "", what, "Put a cell that holds a separator into quotes; add what is missing."))
    for column, text in there.items():
        if BROKEN.search(text):
            way_out = "Write the cell anew, or save the file as UTF-8 in the program it comes from."
            wrong.append(Wrong(row, column, "A letter was broken when the file was saved.", way_out))
        wrong += too_long(row, column, text)
    return Line(row, there, tuple(wrong))


def _delimiter(text: str) -> str:
    """The one that cuts most of the first rows into the same number of cells, more than one."""
    best, most = ",", 0
    head = "".join(text.splitlines(keepends=True)[:LOOKED_AT])
    for delimiter in DELIMITERS:
        widths = Counter(
            len(cells) for cells in csv.reader(StringIO(head, newline=""), delimiter=delimiter) if len(cells) > 1
        )
        (width, times), *_ = widths.most_common(1) or [(0, 0)]
        if times * min(width, 50) > most:
            best, most = delimiter, times * min(width, 50)
    return best
