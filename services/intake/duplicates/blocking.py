"""Under which keys a record is filed. Two records are compared only if they share one.

Each key joins two things that rarely agree by chance, so that no block grows with the region, and together they leave a
way to each other for two records that differ in any two of them: a name, the date, the address, a number.
"""

from collections.abc import Iterator
from itertools import combinations, permutations

from services.intake.duplicates.names import sounds
from services.intake.duplicates.particulars import Particulars


def keys(person: Particulars) -> frozenset[str]:
    """All keys of a record."""
    return frozenset(_keys(person))


def keys_beside(person: Particulars) -> frozenset[str]:
    """More keys to look under: an estimated year may be one off, and may be missing in the other record."""
    year = person.birth[0]
    if year is None:
        return frozenset()
    own = sounds(person.words)
    found = {key for near in (year - 1, year + 1) for key in _by_year(own, near)}
    if len(own) == 1:
        found.add(f"a {own[0]}")
    return frozenset(found)


def _keys(person: Particulars) -> Iterator[str]:
    own = sounds(person.words)
    for a, b in combinations(own, 2):
        yield f"n {a} {b}"
    year, month, day = person.birth
    if year is not None:
        yield from _by_year(own, year)
        if month and day:
            yield f"d {year} {min(month, day)} {max(month, day)}"
    elif len(own) == 1:
        yield f"a {own[0]}"
    for sound in own:
        if month and day:
            yield f"m {sound} {min(month, day)} {max(month, day)}"
        if person.postcode:
            yield f"p {sound} {person.postcode}"
    if person.phone:
        yield f"t {person.phone}"
    if person.mail:
        yield f"e {person.mail}"
    if person.number:
        yield f"i {person.number}"
    if person.street and person.place:
        yield f"s {person.street} {person.place}"


def _by_year(own: list[str], year: int) -> Iterator[str]:
    """A name, the year, and how another name begins; of somebody with one name, that alone."""
    if len(own) == 1:
        yield f"y {own[0]} {year}"
    for a, b in permutations(own, 2):
        yield f"y {a} {year} {b[0]}"
