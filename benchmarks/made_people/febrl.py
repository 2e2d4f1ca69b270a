"""Errors as the FEBRL generator makes them (Christen 2008): so many changes per row, anywhere, of every kind.

Letters inserted, left out, changed, swapped; a field emptied; two fields swapped. Our own
implementation of the published mix: 1 to 3 changes per row, at most two of one field.
"""

import random
from dataclasses import replace
from typing import Any, Final

from benchmarks.made_people.people import Record, region, typo
from services.intake.duplicates.particulars import Day

FIELDS: Final = ("given_name", "family_name", "birth", "street", "place", "postcode", "number")
CHANGED: Final = (0.2, 0.2, 0.15, 0.15, 0.1, 0.1, 0.1)
"""How often each field is the one that is changed."""


def changed(source: random.Random, person: Record) -> Record:
    """The same person with 1 to 3 errors."""
    for _ in range(source.randint(1, 3)):
        person = _once(source, person)
    return person


def _once(source: random.Random, person: Record) -> Record:
    [what] = source.choices(FIELDS, CHANGED)
    if source.random() < 0.08:
        return replace(person, given_name=person.family_name, family_name=person.given_name)
    if what == "birth":
        return replace(person, birth=_birth(source, person.birth))
    text = getattr(person, what)
    changes: dict[str, Any] = {what: "" if source.random() < 0.15 else typo(source, text)}
    return replace(person, **changes)


def _birth(source: random.Random, birth: Day) -> Day:
    year, month, day = birth
    if year is None or month is None or day is None or source.random() < 0.15:
        return None, None, None
    match source.randrange(4):
        case 0:
            return year, month, source.randint(1, 28)
        case 1:
            return year, source.randint(1, 12), day
        case 2:
            return year + source.choice((-10, -1, 1, 10)), month, day
        case _:
            return (year, day, month) if day <= 12 else (year, month, 1)


def register(seed: int, many: int, again: float = 0.1) -> tuple[list[Record], set[tuple[int, int]]]:
    """As `people.register`, with these errors instead. Every person has an address and an identity number."""
    source = random.Random(seed)
    first = int(many * (1 - again))
    rows = [
        replace(person, number=person.number or f"{source.randrange(10**8):08}", phone="", mail="")
        for person, _ in region(source, first)
    ]
    truth = set()
    for number, of in enumerate(source.sample(range(first), many - first)):
        rows.append(changed(source, rows[of]))
        truth.add((of, first + number))
    return rows, truth
