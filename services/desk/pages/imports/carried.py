"""The file on its way through the steps: the browser carries it from form to form, and nothing of it stays here.

So no step needs the one before, no process needs another's memory, and who closes the page has taken the file along.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra.importing.columns import Columns
from infra.importing.participants import FIELDS, NAMES, proposal
from infra.importing.reading import read_bytes
from infra.importing.table import Table, Unreadable
from services.desk.door import Form
from services.desk.pages.imports.file_door import LARGEST_FILE
from services.desk.words.marking import N_

MOST_ROWS: Final = 5_000
ORDERS: Final = ("", "day-first", "month-first")
LABELS: Final[Mapping[str, str]] = {
    "": N_("Leave this column out"),
    "own_number": N_("Our own number of the person"),
    "name": N_("Whole name"),
    "given_name": N_("Given name"),
    "family_name": N_("Family name"),
    "birth": N_("Birth date"),
    "phone": N_("Telephone"),
    "email": N_("E-mail"),
    "address": N_("Address"),
    "language": N_("Mother tongue"),
}
SEVERAL: Final = frozenset(field.name for field in FIELDS if field.several)


@dataclass(frozen=True, slots=True)
class Carried:
    """What the forms carry: the file, what its columns are, and how it shall be taken in."""

    name: str
    text: str
    """The file's bytes in letters, as a hidden field holds them."""
    table: Table
    columns: Columns
    dates: str = ""
    mine: bool = False

    @property
    def wrong(self) -> str:
        """What keeps it from being tried out; empty if nothing does."""
        named = [name for name in self.columns.values() if name not in SEVERAL]
        if NAMES.isdisjoint(named):
            return N_("Say of at least one column that it holds a name.")
        return N_("Two columns hold the same. Leave one of them out.") if len(set(named)) < len(named) else ""


async def chosen(form: Form) -> tuple[str, bytes]:
    """(name, bytes) of the file that was chosen. Raises `Unreadable`."""
    file = form.file("upload")
    data = await file.read(LARGEST_FILE + 1) if file else b""
    if not file or not data:
        raise Unreadable(
            "No file was chosen, or it is empty.", way_out="Choose a file with people in it.", field="file"
        )
    if len(data) > LARGEST_FILE:
        way_out = "Split it, or have it imported from the command line."
        raise Unreadable(f"The file is larger than {LARGEST_FILE // 1_000_000} MB.", way_out=way_out, field="file")
    return (file.filename or "")[-120:], data


def fresh(name: str, data: bytes) -> Carried:
    """A file that was just chosen, with what its headings say. Raises `Unreadable`."""
    table = _read(data)
    return Carried(name, urlsafe_b64encode(data).decode(), table, proposal(table))


def carried(form: Form) -> Carried:
    """A file that comes along with what somebody said of its columns. Raises `Unreadable`."""
    text = form.whole("file")
    try:
        table = _read(urlsafe_b64decode(text.encode()))
    except ValueError as broken:
        raise Unreadable("The file was lost on the way.", way_out="Choose it again.", field="file") from broken
    known = {heading: form[f"column-{number}"] for number, heading in enumerate(table.headings)}
    columns = {heading: name for heading, name in known.items() if name and name in LABELS}
    dates = form["dates"] if form["dates"] in ORDERS else ""
    return Carried(form["name"][:120], text, table, columns, dates, form["mine"] == "yes")


def _read(data: bytes) -> Table:
    table = read_bytes(data)
    if len(table.lines) > MOST_ROWS:
        way_out = f"Split it: at most {MOST_ROWS:,} rows here. The command line takes more."
        raise Unreadable(f"The file has {len(table.lines):,} rows.", way_out=way_out, field="file")
    return table
