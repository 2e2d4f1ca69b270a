"""Reads and checks the countries' files beside this one."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from contracts.work_rights.country import Country
from contracts.yaml_file import FileError, read

FOLDER: Final = Path(__file__).parent


class RulesError(FileError):
    """A file of work rights that can't be used; names file, line and field."""


def load(path: Path) -> Country:
    """One country's file. Raises `RulesError` for the first mistake, `OSError` when the file can't be read."""
    return read(path, Country, RulesError)


@cache
def _countries() -> Mapping[str, Country]:
    found: dict[str, Country] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        country = load(path)
        if country.country in found:
            raise RulesError(path.name, 1, "country", f"another file holds {country.country} already")
        found[country.country] = country
    return MappingProxyType(found)


def rules_of(country: str) -> Country | None:
    """The rules of a country (ISO 3166-1 alpha-2) of this release, if there are any; read once per process."""
    return _countries().get(country)


def countries() -> tuple[Country, ...]:
    """Every country that has rules, by its code."""
    return tuple(country for _, country in sorted(_countries().items()))


def status_codes() -> frozenset[str]:
    """The residence statuses of all countries."""
    return frozenset(status.code for country in _countries().values() for status in country.statuses)
