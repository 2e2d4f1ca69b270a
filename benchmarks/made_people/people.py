"""A region of invented people: families at one address, twins, shared telephones, dates that nobody knows exactly."""

import random
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.made_people import names
from services.intake.duplicates.particulars import Day

CULTURES: Final = ("arabic", "ukrainian", "tigrinya", "dari")
_STREETS: Final = "Linden Garten Schul Berg Wald Bahn Mühlen Kirch Markt Feld Ring Rosen Birken See Brücken Hafen Anger"
_WAYS: Final = ("straße", "weg", "allee", " platz", "gasse", "ufer", "damm", "steig")
STREETS: Final = tuple(name + way for name in _STREETS.split() for way in _WAYS)
_PLACES: Final = ("burg", "dorf", "stadt", "hausen", "feld", "bach", "walde", "heim")
PLACES: Final = tuple(a + b for a in "Neu Alt Ober Unter Groß Klein Hohen Nieder".split() for b in _PLACES)  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a register. Empty: not known."""

    given_name: str
    family_name: str
    birth: Day
    phone: str = ""
    mail: str = ""
    street: str = ""
    place: str = ""
    postcode: str = ""
    number: str = ""


def region(source: random.Random, many: int) -> list[tuple[Record, tuple[str, str]]]:
    """So many people as they are; with each the names as keys of `names.spellings`."""
    found: list[tuple[Record, tuple[str, str]]] = []
    while len(found) < many:
        found.extend(_household(source))
    return found[:many]


def _household(source: random.Random) -> list[tuple[Record, tuple[str, str]]]:
    culture = source.choice(CULTURES)
    size = source.choice((1, 1, 1, 1, 2, 2, 3, 4, 5))
    family = names.drawn(source, names.FAMILY[culture], culture, 0.5)
    place = source.randrange(len(PLACES) * 8)
    shelter = source.random() < 0.1
    street = f"{source.choice(STREETS)} {1 if shelter else source.randint(1, 180)}"
    home = {"street": street, "place": PLACES[place % len(PLACES)], "postcode": f"{10000 + place * 97}"}
    shared = _phone(source)
    taken: set[str] = set()
    people: list[tuple[Record, tuple[str, str]]] = []
    for child in range(size):
        given = names.drawn(source, source.choice(names.GIVEN[culture]), culture, 0.35)
        if given in taken:
            continue
        taken.add(given)
        twin = child > 1 and source.random() < 0.04
        birth = people[-1][0].birth if twin else _birth(source, child)
        people.append(
            (
                Record(
                    given_name=names.spellings(given)[0],
                    family_name=names.spellings(family)[0],
                    birth=birth,
                    phone=(shared if source.random() < 0.5 else _phone(source)) if source.random() < 0.75 else "",
                    mail=f"{given[:3].lower()}{source.randrange(10**7)}@mail.example" if source.random() < 0.3 else "",
                    number=f"{source.randrange(10**8):08}" if source.random() < 0.35 else "",
                    **home if source.random() < 0.8 else {},
                ),
                (given, family),
            )
        )
    return people


def _phone(source: random.Random) -> str:
    return f"+49 {source.choice((151, 157, 160, 176))} {source.randint(1000000, 99999999)}"


def _birth(source: random.Random, child: int) -> Day:
    year = source.randint(1955, 2000) if child < 2 else source.randint(1985, 2008)
    if source.random() < 0.18:
        return year, 1, 1
    return year, source.randint(1, 12), source.randint(1, 28)


def second_register(source: random.Random, person: Record, of: tuple[str, str]) -> Record:
    """The same person at another office: spelt by ear or from another paper, with less or other knowledge."""
    given, family = (_written(source, name) for name in of)
    if source.random() < 0.12:
        given, family = family, given
    if source.random() < 0.05:
        given = f"{given} {_written(source, source.choice(of))}"
    if source.random() < 0.04:  # married since, or known by the father's name
        family = names.drawn(source, names.FAMILY["arabic"], "arabic", 0.5).split()[0]
    moved = source.random() < 0.35
    kept: dict[str, str] = {}
    if moved:
        place, street = source.choice(PLACES), f"{source.choice(STREETS)} {source.randint(1, 180)}"
        kept = {"street": street, "place": place, "postcode": f"{10000 + source.randrange(512) * 97}"}
    if source.random() < 0.3:
        kept = {"street": "", "place": "", "postcode": ""}
    return replace(
        person,
        given_name=given,
        family_name=family,
        birth=_dirty(source, person.birth),
        phone=person.phone if source.random() < 0.55 else _phone(source) if source.random() < 0.5 else "",
        mail=person.mail if source.random() < 0.6 else "",
        number=person.number if source.random() < 0.6 else "",
        **kept,
    )


def _written(source: random.Random, name: str) -> str:
    ways = names.spellings(name)
    chosen = ways[0] if source.random() < 0.45 else source.choice(ways)
    return typo(source, chosen) if source.random() < 0.08 else chosen


def _dirty(source: random.Random, birth: Day) -> Day:
    year, month, day = birth
    if year is None or month is None or day is None:
        return birth
    chance = source.random()
    if chance < 0.68:
        return birth
    if chance < 0.76:
        return year, 1, 1
    if chance < 0.81:
        return year, month, None
    if chance < 0.85:
        return year, None, None
    if chance < 0.90:
        return (year, day, month) if day <= 12 else (year, month, 1)
    if chance < 0.94:
        return year, month, source.randint(1, 28)
    if chance < 0.97:
        return year + source.choice((-1, 1)), month, day
    return (None, None, None) if chance < 0.99 else (year + source.choice((-10, 10)), month, day)


def typo(source: random.Random, word: str) -> str:
    """One letter dropped, doubled, changed, or two neighbours swapped."""
    if len(word) < 3:
        return word
    place = source.randrange(1, len(word) - 1)
    match source.randrange(4):
        case 0:
            return word[:place] + word[place + 1 :]
        case 1:
            return word[:place] + word[place] + word[place:]
        case 2:
            return word[:place] + source.choice("aeioulnrst") + word[place + 1 :]
        case _:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def register(seed: int, many: int, again: float = 0.1) -> tuple[list[Record], set[tuple[int, int]]]:
    """A register of `many` rows, a share `again` of them second rows of somebody; and which rows are one person."""
    source = random.Random(seed)
    first = int(many * (1 - again))
    people = region(source, first)
    rows = [person for person, _ in people]
    truth: set[tuple[int, int]] = set()
    for number, of in enumerate(source.sample(range(first), many - first)):
        rows.append(second_register(source, *people[of]))
        truth.add((of, first + number))
    return rows, truth
