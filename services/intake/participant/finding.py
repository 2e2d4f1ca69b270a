"""By what a record is found, and what somebody looks for who types a line. Pure: no token is made here.

A line is words of the name in any order, script and spelling, beginnings of them, parts of the birth date, a telephone
number, a reference code. Every part of it must fit, in one way or another.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.refusal import Invalid
from services.intake.participant.domain import BirthDate, Participant
from services.intake.participant.reference import read_reference
from services.intake.participant.spelling import PARTICLES, latin, sounds, words

BEGINNINGS: Final = range(3, 13)
"""So many letters of a word find it: fewer fit everybody, more are the word."""
ENDINGS: Final = range(6, 9)
"""So many last digits of a telephone number find it. Eight are the same with and without the country's code."""
MOST_PARTS: Final = 8
"""Of one line; a longer one is nobody's name."""


class Of(StrEnum):
    """What a record is found by. Who may search it is who may read it."""

    NAME = "name"
    BEGINNING = "beginning"
    SOUND = "sound"
    BIRTH = "birth"
    REFERENCE = "reference"
    PHONE = "phone"


Mark = tuple[Of, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a line: what fits it, and what fits it to the letter."""

    fits: frozenset[Mark]
    exactly: frozenset[Mark]


def marks(participant: Participant) -> frozenset[Mark]:
    """All by which a record is found."""
    identity = participant.identity
    found: set[Mark] = set()
    for word in {*words(identity.given_name), *words(identity.family_name)}:
        found.add((Of.NAME, word))
        found |= {(Of.BEGINNING, word[:length]) for length in BEGINNINGS if length < len(word)}
        found |= {(Of.SOUND, sound) for sound in sounds(word)}
    found |= {(Of.BIRTH, text) for text in _of_birth(identity.birth)}
    found |= {(Of.REFERENCE, word) for word in (participant.reference, *words(participant.reference))}
    if not participant.protected:  # a number that finds somebody would tell who has it
        found |= {(Of.PHONE, ending) for ending in _endings(participant.contact.phone or "")}
    return frozenset(found)


def read(line: str) -> list[Part]:
    """What the line asks for; nothing for a line without a letter or digit."""
    text, parts = latin(line), list[Part]()
    for pattern, fitting in ((CODE, _code), (DATE, _date), (DIGITS, _digits)):
        kept, at = "", 0
        for hit in pattern.finditer(text):
            if fits := frozenset(fitting(hit)):
                parts.append(Part(fits, fits))
                kept, at = f"{kept}{text[at : hit.start()]} ", hit.end()
        text = kept + text[at:]
    said = words(text)
    telling = [word for word in said if word not in PARTICLES] or (said if not parts else [])
    return [*parts, *map(_word, telling)][:MOST_PARTS]


CODE: Final = re.compile(r"\bp[ -]?\w{4}[ -]?\w{4}\b|\b\w{4}-?\w{4}\b")
DATE: Final = re.compile(
    r"(?<![\w./+-])(?:"
    r"(?P<iso>(?:19|20)\d\d)-(?P<iso_month>\d\d?)(?:-(?P<iso_day>\d\d?))?"
    r"|(?P<one>\d\d?)(?P<mark>[./-])(?P<two>\d\d?)(?:(?P=mark)(?P<year>\d{4}|\d\d)|\.)?"
    r"|(?P<month>\d\d?)[./](?P<of_year>(?:19|20)\d\d)"
    r"|(?P<alone>(?:19|20)\d\d)"
    r")(?![\w/-]|\.\d| ?\d{2})"
)
DIGITS: Final = re.compile(r"(?<!\w)[+(]?\d[\d ()/.-]*\d(?!\w)")


def _code(hit: re.Match[str]) -> Iterator[Mark]:
    """A name of eight letters may look like a code: without its P a code has a digit or a hyphen."""
    text = hit.group()
    code = read_reference(text)
    if code and (len(re.sub(r"\W", "", text)) > 8 or re.search(r"[\d-]", text)):
        yield Of.REFERENCE, code


def _date(hit: re.Match[str]) -> Iterator[Mark]:
    """Every date that this may be: 03/04/1994 is read both ways, and 94 in both centuries."""
    said = {name: int(text) for name, text in hit.groupdict().items() if text and name != "mark"}
    if "alone" in said:
        yield Of.BIRTH, f"{said['alone']}"
        yield Of.REFERENCE, hit.group()
    elif "iso" in said:
        yield from _born(said["iso"], said["iso_month"], said.get("iso_day"))
    elif "of_year" in said:
        yield from _born(said["of_year"], said["month"], None)
    else:
        year = hit.group("year")
        years = (None,) if year is None else (int(year),) if len(year) == 4 else (1900 + int(year), 2000 + int(year))
        orders = {(said["one"], said["two"])} | ({(said["two"], said["one"])} if hit.group("mark") != "." else set())
        for day, month in sorted(orders):
            for one in years:
                yield from _born(one, month, day)


def _born(year: int | None, month: int, day: int | None) -> Iterator[Mark]:
    with suppress(Invalid):
        yield Of.BIRTH, _narrowest(BirthDate(year, month, day))


def _narrowest(birth: BirthDate) -> str:
    """All that is known of it, as one text."""
    return "-".join("" if part is None else str(part) for part in (birth.year, birth.month, birth.day))


def _of_birth(birth: BirthDate) -> frozenset[str]:
    """Every part of it that somebody may ask for: year, year and month, day and month, all."""
    found = {_narrowest(birth)}
    if birth.year:
        found.add(f"{birth.year}")
        found |= {_narrowest(BirthDate(birth.year, birth.month))} if birth.month else set()
    if birth.month and birth.day:
        found.add(_narrowest(BirthDate(None, birth.month, birth.day)))
    return frozenset(found - {"--"})


def _digits(hit: re.Match[str]) -> Iterator[Mark]:
    """A number as it may have been written: with the country's code, with a zero for it, or its end."""
    text = hit.group()
    number = _significant(text)
    if len(number) in ENDINGS or len(number) > ENDINGS[-1]:
        yield Of.PHONE, number[-ENDINGS[-1] :]
        if number != _digits_of(text).lstrip("0") or text.startswith(("+", "00")):
            for code in (1, 2, 3):  # a short number at home, asked for with the code of its country
                if len(number) - code in ENDINGS:
                    yield Of.PHONE, number[code:]


def _endings(phone: str) -> Iterator[str]:
    number = _significant(latin(phone))
    return (number[-length:] for length in ENDINGS if length <= len(number))


def _significant(phone: str) -> str:
    """The digits without what stands for a way to dial: +49 (0)30, 0049 30 and 030 end alike."""
    return _digits_of(phone.replace("(0)", "")).lstrip("0")


def _digits_of(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _word(word: str) -> Part:
    exactly = frozenset({(Of.NAME, word), (Of.REFERENCE, word)})
    alike = {(Of.SOUND, sound) for sound in sounds(word)} if len(word) >= BEGINNINGS[0] else set()
    return Part(exactly | alike | ({(Of.BEGINNING, word)} if len(word) in BEGINNINGS else set()), exactly)
