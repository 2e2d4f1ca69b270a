"""Two people's particulars side by side: how well each field agrees.

Names come in any order, script and spelling; birth dates have unknown parts; many papers say 1 January for "unknown".
The result is levels, no values: what is added up and kept holds nothing of the person.
"""

from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from services.intake.duplicates import names
from services.intake.duplicates.particulars import Day, Particulars
from services.intake.duplicates.weights import LEVELS, Field, Level, Pattern

_CODE: Final = {field: {level: number for number, level in enumerate(LEVELS[field])} for field in Field}
_BIRTH: Final = _CODE[Field.BIRTH]
_NAMES: Final = {
    levels: _CODE[Field.NAMES][level]
    for levels, level in {
        (0, 0): Level.BOTH_EXACT,
        (0, 1): Level.EXACT_AND_ALIKE,
        (1, 1): Level.BOTH_ALIKE,
        (0, 2): Level.EXACT_AND_SIMILAR,
        (1, 2): Level.ALIKE_AND_SIMILAR,
        (2, 2): Level.BOTH_SIMILAR,
        (0, 3): Level.ONE_ALIKE,
        (1, 3): Level.ONE_ALIKE,
        (2, 3): Level.ONE_SIMILAR,
        (3, 3): Level.NONE_ALIKE,
        (0,): Level.EXACT,
        (1,): Level.SOUNDS_ALIKE,
        (2,): Level.SIMILAR,
        (3,): Level.DIFFERENT,
    }.items()
}
EXACT: Final = 0
"""What agrees in full is the first level of every field that is no name or date."""
SIMILAR: Final = 1
SAME_PLACE, ELSEWHERE = 2, 3
UNKNOWN: Final = -1

STREET_ALIKE: Final = 80.0
PLACE_ALIKE: Final = 0.9


def compare(one: Particulars, other: Particulars) -> tuple[Pattern, tuple[str, ...]]:
    """A level per field, in the order of `Field`, -1 for unknown; and the sounds of the names that agree.

    The same whichever comes first, and whichever name is called the family's.
    """
    matched = names.pairs(one.words, other.words, 3)
    levels = tuple(level for level, _, _ in matched)
    agreeing = tuple(names.skeleton(min(a, b)) for level, a, b in matched if level <= names.Agreement.SOUNDS_ALIKE)
    pattern = (
        _NAMES.get(levels[:2], UNKNOWN),
        int(levels[2]) if len(levels) > 2 else UNKNOWN,
        births(one.birth, other.birth),
        _same(one.phone, other.phone),
        _same(one.mail, other.mail),
        _addresses(one, other),
        _numbers(one.number, other.number) if one.number and other.number else UNKNOWN,
    )
    return pattern, agreeing


@lru_cache(names.REMEMBERED)
def births(one: Day, other: Day) -> int:
    """The level of two dates of birth."""
    level = _births(one, other)
    return UNKNOWN if level is Level.UNKNOWN else _BIRTH[level]


def _births(one: Day, other: Day) -> Level:
    (year, month, day), (other_year, other_month, other_day) = one, other
    if year is None or other_year is None:
        return Level.UNKNOWN
    if one == other:
        return Level.SAME_DAY if day else Level.SAME_MONTH if month else Level.SAME_YEAR
    complete = bool(day and other_day)
    if complete and (year, month, day) == (other_year, other_day, other_month):
        return Level.DAY_AND_MONTH_SWAPPED
    if complete and (year == other_year) + (month == other_month) + (day == other_day) == 2:
        return Level.TWO_PARTS_SAME
    if year == other_year and not complete:
        if month is None or other_month is None:
            return Level.SAME_YEAR
        return Level.SAME_MONTH if month == other_month else Level.DIFFERENT
    return Level.YEAR_BESIDE if not complete and abs(year - other_year) == 1 else Level.DIFFERENT


def _same(one: str | None, other: str | None) -> int:
    if one is None or other is None:
        return UNKNOWN
    return EXACT if one == other else 1


def _addresses(one: Particulars, other: Particulars) -> int:
    """Street and place in one: whoever has moved differs in both, which is one observation and not two."""
    street = _streets(one.street, other.street) if one.street and other.street else None
    place = _same_place(one, other)
    if street is None and place is None:
        return UNKNOWN
    if street is None:
        return SAME_PLACE if place else ELSEWHERE
    if place is False:
        return SIMILAR if street == EXACT else ELSEWHERE
    return street if street != ELSEWHERE else SAME_PLACE if place else ELSEWHERE


@lru_cache(names.REMEMBERED)
def _streets(one: str, other: str) -> int:
    if one == other:
        return EXACT
    return SIMILAR if fuzz.token_set_ratio(*sorted((one, other))) >= STREET_ALIKE else ELSEWHERE


def _same_place(one: Particulars, other: Particulars) -> bool | None:
    """None: not known. Postcodes that are a slip apart are the same if nothing else speaks against it."""
    if one.postcode and one.postcode == other.postcode:
        return True
    if one.place and other.place:
        return one.place == other.place or JaroWinkler.normalized_similarity(one.place, other.place) >= PLACE_ALIKE
    if one.postcode and other.postcode:
        return OSA.distance(one.postcode, other.postcode) == 1
    return None


def _numbers(one: str, other: str) -> int:
    if one == other:
        return EXACT
    return SIMILAR if OSA.distance(one, other, score_cutoff=1) <= 1 else 2
