"""Birth dates as offices write them: parts unknown, day or month first, zeros and crosses for what nobody knows.

Pure. What is written is kept: 1 January stays 1 January, although it often stands for "unknown"; whoever compares two
people knows that (`duplicates/comparison.py`), and what a paper says must not be lost.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Final

from contracts.refusal import Invalid
from services.intake.participant.domain import BirthDate


class DateOrder(StrEnum):
    """What stands first in dates such as 03/04/1994."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


MIDNIGHT: Final = re.compile(r"[T ]00:00(:00(\.0+)?)?Z?$")
UNKNOWN: Final = re.compile(r"0{1,4}|x{1,4}|\?{1,4}|_{1,4}", re.IGNORECASE)
AROUND: Final = re.compile(r"\s*([./-])\s*")
PARTS: Final = re.compile(r"(?P<a>[^./\s-]+)(?:(?P<by>[./-])(?P<b>[^./\s-]+)(?:(?P=by)(?P<c>[^./\s-]+))?)?")
YEAR: Final = re.compile(r"\d{4}")
SMALL: Final = re.compile(r"\d{1,2}")
OLDEST: Final = 1900
FIELD: Final = "birth"
WAYS: Final = "Write 1994, 1994-05, 1994-05-17 or 17.05.1994; leave out what is unknown."


def read_birth(text: str, order: DateOrder | None, *, today: date) -> BirthDate:
    """The date of a text; nothing known for an empty one. Raises `Invalid` with what to do."""
    text = MIDNIGHT.sub("", text.strip()).replace("--", "??")
    if not text:
        return BirthDate()
    found = PARTS.fullmatch(AROUND.sub(r"\1", text))
    if found is None:
        raise _invalid("This is no date.")
    parts = [part for part in found.group("a", "b", "c") if part is not None]
    year, month, day = _in_order(parts, found["by"], order)
    birth = BirthDate(_year(year, today), _small(month), _small(day))
    if date(birth.year or OLDEST, birth.month or 1, birth.day or 1) > today:
        raise _invalid("This day is still to come.")
    return birth


def _in_order(parts: list[str], by: str | None, order: DateOrder | None) -> tuple[str, str, str]:
    """Year, month and day as they are written; `??` for what is not there."""
    match parts:
        case [year]:
            if YEAR.fullmatch(year) is None and year.isdecimal() and len(year) > 4:
                raise _invalid("This is a spreadsheet's number for a day.", "Format the column as date and save again.")
            return year, "??", "??"
        case [year, month] if YEAR.fullmatch(year):
            return year, month, "??"
        case [month, year]:
            return year, month, "??"
        case [year, month, day] if YEAR.fullmatch(year):
            return year, month, day
        case [first, second, year]:
            month_first = by != "." and _month_first(first, second, order)
            return (year, first, second) if month_first else (year, second, first)
    raise _invalid("This is no date.")


def _month_first(first: str, second: str, order: DateOrder | None) -> bool:
    """Whether the month stands first. Raises `Invalid` if nobody can know."""
    a, b = _small(first), _small(second)
    if a is None or b is None:
        return b is None  # a day without its month would say nothing: what is known is the month
    if a > 12 or b > 12:
        return b > 12
    if order is None and a != b:
        raise _invalid(
            "Day and month can't be told apart.", "Say for the whole file whether days or months stand first."
        )
    return order is DateOrder.MONTH_FIRST


def _year(text: str, today: date) -> int | None:
    if UNKNOWN.fullmatch(text):
        return None
    if not YEAR.fullmatch(text):
        raise _invalid("The year has no four digits.")
    if not OLDEST <= int(text) <= today.year:
        raise _invalid(f"The year is not between {OLDEST} and this year.")
    return int(text)


def _small(text: str) -> int | None:
    if UNKNOWN.fullmatch(text):
        return None
    if not SMALL.fullmatch(text):
        raise _invalid("This is no date.")
    return int(text)


def _invalid(what: str, way_out: str = WAYS) -> Invalid:
    return Invalid(what, way_out=way_out, field=FIELD)
