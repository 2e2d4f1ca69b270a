"""The invented people, and the files in which two agencies bring them: as dirty as such files are.

Everything follows from the seed. Nobody of this is real; telephone numbers are of a range that nobody has.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import yaml

NAMES: Final = Path(__file__).parent / "names.yaml"


@dataclass(frozen=True, slots=True)
class Invented:
    """Somebody, as an office knows the person."""

    number: str
    given: str
    family: str
    own_script: tuple[str, str] | None
    """Both names in the script of the language."""
    year: int
    month: int
    day: int
    phone: str
    language: str


def invent(dice: Random, count: int) -> list[Invented]:
    """People from several countries, grown up; no two with both names the same."""
    origins: list[dict[str, Any]] = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    pairs = [(origin, given, family) for origin in origins for given in origin["given"] for family in origin["family"]]
    chosen = dice.sample(pairs, count)
    return [_person(dice, number, *names) for number, names in enumerate(chosen, 1)]


def _person(dice: Random, number: int, origin: dict[str, Any], given: Any, family: Any) -> Invented:
    both = isinstance(given, list)
    return Invented(
        number=f"K-{number:04}",
        given=given[0] if both else given,
        family=family[0] if both else family,
        own_script=(given[1], family[1]) if both else None,
        year=dice.randint(1968, 2005),
        month=dice.randint(1, 12),
        day=dice.randint(1, 28),
        phone=f"+49 30 5550{dice.randrange(1000):03}{number:03}",
        language=origin["language"],
    )


def birth_as_written(dice: Random, person: Invented) -> str:
    """One of the ways in which offices write what they know of it."""
    year, month, day = person.year, person.month, person.day
    ways = [
        f"{day:02}.{month:02}.{year}",
        f"{day}.{month}.{year}",
        f"{year}-{month:02}-{day:02}",
        f"{year}",
        f"{year}-{month:02}",
        f"00.{month:02}.{year}",
        f"00.00.{year}",
        f"01.01.{year}",
    ]
    return dice.choice(ways)


def file_of_job_centre(dice: Random, people: list[Invented]) -> bytes:
    """Windows' western encoding, semicolons, German headings. Letters that it does not have become others."""
    head = "Kundennummer;Vorname;Nachname;Geb.-Datum;Telefon;Muttersprache;Sachbearbeitung"
    words = {"ar": "Arabisch", "fa": "Persisch", "uk": "Ukrainisch", "tr": "Türkisch", "en": "Englisch", "so": "Somali"}
    rows = []
    for person in people:
        given, family = person.given, person.family
        if dice.random() < 0.05:
            given, family = family, given  # swapped, as at so many counters
        birth, language = birth_as_written(dice, person), words.get(person.language, person.language)
        rows.append(f"{person.number};{given};{family};{birth};{person.phone};{language};Team 2")
    _spoil(dice, rows, separator=";")
    return "\r\n".join([head, *rows, ""]).encode("cp1252", "replace").replace(b"?", b"i")


def file_of_migration_advice(dice: Random, people: list[Invented]) -> bytes:
    """UTF-16 with tabs, as a spreadsheet saves "Unicode text"; names in their own script where they have one."""
    rows = []
    for person in people:
        given, family = person.own_script or (person.given, person.family)
        if dice.random() < 0.2:
            given, family = family, given
        rows.append(f"{given}\t{family}\t{birth_as_written(dice, person)}\t{person.phone}\t{person.language}")
    _spoil(dice, rows, separator="\t")
    return "\r\n".join(["First name\tLast name\tDate of birth\tPhone\tLanguage", *rows, ""]).encode("utf-16")


def _spoil(dice: Random, rows: list[str], separator: str) -> None:
    """Rows that can't be taken in, and one that is there twice; all others stay as they are."""
    sample = rows[0].split(separator)
    birth = len(sample) - 3 if separator == "\t" else 3
    for wrong in ("31.02.1990", "2094", "summer 1988"):
        broken = list(sample)
        broken[birth] = wrong
        if separator == ";":
            broken[0] = f"X-{dice.randrange(10_000):04}"
        rows.insert(dice.randint(1, len(rows)), separator.join(broken))
    rows.append(rows[0])
