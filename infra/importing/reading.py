"""Which kind a file is: told by what is in it, not by its name, which people change."""

from pathlib import Path
from typing import Final

from infra.importing.objects import read_objects
from infra.importing.separated import read_separated
from infra.importing.sheet import read_sheet
from infra.importing.table import Table, checked, whole

SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How an archive (.xlsx, .ods) and an .xls begin."""


def read_file(file: Path, encoding: str | None = None) -> Table:
    """Raises `Unreadable` with what to do."""
    return read_bytes(whole(file), encoding)


def read_bytes(data: bytes, encoding: str | None = None) -> Table:
    """The same for a file that lies in memory. Raises `Unreadable`."""
    if data.startswith(SPREADSHEETS):
        return checked(read_sheet(data))
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return checked(read_objects(data, encoding))
    return checked(read_separated(data, encoding))
