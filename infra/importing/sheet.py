"""Spreadsheets (.xlsx, .xls, .ods): the first sheet that has rows, cells as the texts that they show."""

import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from infra.importing.table import LARGEST_FILE, Line, Table, Unreadable, too_long

LARGEST_UNPACKED: Final = 10 * LARGEST_FILE
"""Bytes of an .xlsx after unpacking: a small file can be made to fill a machine."""

Cell = int | float | str | bool | time | date | datetime | timedelta


def read_sheet(data: bytes) -> Table:
    """Raises `Unreadable` for what is no spreadsheet, is protected by a password, or too large."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        size = 0  # an .xls is no archive
    if size > LARGEST_UNPACKED:
        way_out = "Save the sheet as CSV (UTF-8), or split it."
        raise Unreadable("The spreadsheet is too large.", way_out=way_out, field="file")
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            for name in book.sheet_names:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                if len(rows) > 1:
                    return _table(name, rows)
    except (CalamineError, OSError, ValueError) as broken:
        way_out = "Open it in the program it comes from and save it again, without a password; or save it as CSV."
        raise Unreadable("The spreadsheet can't be opened.", way_out=way_out, field="file") from broken
    raise Unreadable("The spreadsheet has no rows.", way_out="The first row holds the headings.", field="file")


def _table(sheet: str, rows: list[list[Cell]]) -> Table:
    headings: tuple[str, ...] = ()
    lines = []
    for number, row in enumerate(rows, 1):
        cells = [shown(cell) for cell in row]
        if not any(cells):
            continue
        if not headings:
            headings = tuple(cell or f"column {place}" for place, cell in enumerate(cells, 1))
            continue
        there = dict(zip(headings, cells, strict=False))
        wrong = [fault for column, text in there.items() for fault in too_long(number, column, text)]
        lines.append(Line(number, there, tuple(wrong)))
    return Table(headings, tuple(lines), f"spreadsheet, sheet {sheet!r}")


def shown(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, days as 1994-05-17."""
    match cell:
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell).strip()
