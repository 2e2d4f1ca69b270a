"""Which column of a file means which field: proposed from the headings, or said in a mapping file."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from contracts.refusal import Invalid

OURS: Final = "lotse: "
"""What the headings of our own report begin with: a mended report is fed in again as it is."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field, and the headings by which it is known. `several`: more than one column may go into it."""

    name: str
    headings: tuple[str, ...]
    several: bool = False


Columns = Mapping[str, str]
"""Heading -> field."""


class Unmapped(Invalid):
    """The columns of a file can't be told."""

    slug = "columns-unmapped"


def proposed(headings: Iterable[str], fields: Iterable[Field]) -> Columns:
    """What the headings say; the first of several for one field. What is not recognised is left out."""
    known = {plain(heading): field for field in fields for heading in (field.name, *field.headings)}
    found: dict[str, str] = {}
    for heading in headings:
        field = known.get(plain(heading))
        if field is not None and (field.several or field.name not in found.values()):
            found[heading] = field.name
    return found


def read_mapping(file: Path, headings: Collection[str], fields: Collection[Field]) -> Columns:
    """`columns: {heading: field}` of a YAML file. Raises `Unmapped` with what to write."""
    names = [field.name for field in fields]
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
        columns = {str(heading): str(field) for heading, field in said["columns"].items()}
    except (OSError, UnicodeError, yaml.YAMLError, KeyError, TypeError, AttributeError) as unread:
        way_out = f"Write `columns:` and below it a line `heading: field` for each column; fields: {', '.join(names)}."
        raise Unmapped("The mapping can't be read.", way_out=way_out, field="map") from unread
    for heading, field in columns.items():
        if heading not in headings:
            way_out = f"The file has: {', '.join(headings)}."
            raise Unmapped(f"The mapping names a column {heading!r}, which is not there.", way_out=way_out, field="map")
        if field not in names:
            raise Unmapped(f"There is no field {field!r}.", way_out=f"Fields: {', '.join(names)}.", field="map")
    for one in fields:
        mapped = [heading for heading, field in columns.items() if field == one.name]
        if len(mapped) > 1 and not one.several:
            way_out = "Leave all but one of them out."
            raise Unmapped(f"{' and '.join(mapped)} are both {one.name}.", way_out=way_out, field="map")
    return columns


def as_mapping(columns: Columns) -> str:
    """The text of a mapping file."""
    said: str = yaml.safe_dump({"columns": dict(columns)}, allow_unicode=True, sort_keys=False)
    return said


def plain(heading: str) -> str:
    """Letters and digits only, in lower case, without marks: "Geb.-Datum" and "GEBDATUM" are one."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return re.sub(r"[\W_]", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))
