"""Whether a row says who somebody is: what it must hold, what is wrong with it, and what looks odd.

Pure. A row is as somebody wrote it, all texts. Nothing is guessed and nothing "corrected": what can't be read is a
fault of the row, what can be read but looks odd is a hint. Neither ever repeats a value.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from contracts.refusal import Invalid
from contracts.vocabulary import LanguageCode
from services.intake.imports.birth import DateOrder, read_birth
from services.intake.participant.domain import EMAIL, LONGEST_LINE, PHONE, BirthDate, Contact, Identity

LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
NO_NAME: Final = re.compile(r"[\d@]")
POWERS: Final = re.compile(r"[\d.,]+E\+?\d+", re.IGNORECASE)
"""How a spreadsheet writes a long number that it took for one to calculate with."""
LONGEST_NUMBER: Final = 60


class Outcome(StrEnum):
    """What became of a row."""

    NEW = "new"
    """A trial run: the person would be registered."""
    REGISTERED = "registered"
    ALREADY_IN = "already-in"
    """This row, or its exact like, was taken in before."""
    KNOWN_OTHERWISE = "known-otherwise"
    """Under the agency's own number somebody was taken in before, and the row said something else then."""
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was written. `name` is for files that have the whole name in one column."""

    row: int
    own_number: str = ""
    name: str = ""
    given_name: str = ""
    family_name: str = ""
    birth: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one column, and what to do."""

    column: str
    what: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Hint:
    """What looks odd in one column and was taken over as it is."""

    column: str
    what: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A row after reading: who it is about as far as it could be read; with any fault it is not taken in."""

    row: int
    own_number: str
    identity: Identity
    contact: Contact
    language: LanguageCode | None
    faults: tuple[Fault, ...] = ()
    hints: tuple[Hint, ...] = ()

    @property
    def content(self) -> str:
        """All that it says of the person: equal for two rows that say the same, however they are written."""
        return repr((self.identity, self.contact, self.language))

    @property
    def key(self) -> str:
        """What makes it this row and no other within an agency: the agency's own number, else all that it says."""
        return f"number {self.own_number}" if self.own_number else f"content {self.content}"


ODD_NAME: Final = Hint("name", "One column holds the whole name, so it was taken over as the family name.")
NEW_YEAR: Final = Hint("birth", "1 January often stands for an unknown day; if so, write the year alone.")


def read(row: Row, order: DateOrder | None, *, today: date) -> Reading:
    """The row with everything that is wrong with it, not only the first."""
    faults: list[Fault] = []
    clean = _tidy(row, faults)
    given, family, hints = _names(clean, faults)
    birth = BirthDate()
    try:
        birth = read_birth(clean.birth, order, today=today)
    except Invalid as wrong:
        faults.append(Fault("birth", wrong.detail, wrong.way_out))
    if (birth.month, birth.day) == (1, 1):
        hints = (*hints, NEW_YEAR)
    return Reading(
        row=row.row,
        own_number=clean.own_number,
        identity=Identity(given, family, birth),
        contact=_contact(clean, faults),
        language=_language(clean, faults),
        faults=tuple(faults),
        hints=hints,
    )


COLUMNS: Final = ("own_number", "name", "given_name", "family_name", "birth", "phone", "email", "address", "language")


def _tidy(row: Row, faults: list[Fault]) -> Row:
    """The row with single spaces; what no line of text may hold is a fault."""
    clean = {}
    for column in COLUMNS:
        text = " ".join(getattr(row, column).split())
        longest = LONGEST_NUMBER if column == "own_number" else LONGEST_LINE
        if not all(letter.isprintable() or letter in JOINERS for letter in text):
            faults.append(
                Fault(column, "It holds a character that can't be shown.", "Write it anew, letter by letter.")
            )
        elif len(text) > longest:
            faults.append(Fault(column, f"It is longer than {longest} characters.", "Shorten it."))
        clean[column] = text
    return Row(row.row, **clean)


JOINERS: Final = "\u200c\u200d\u200e\u200f\u00ad"
"""Marks that Arabic and Persian writing needs between letters and at borders of direction."""


def _names(row: Row, faults: list[Fault]) -> tuple[str, str, tuple[Hint, ...]]:
    """Given name, family name, and what is odd about them."""
    for column in ("name", "given_name", "family_name"):
        if NO_NAME.search(getattr(row, column)):
            faults.append(Fault(column, "This is no name.", "See whether the row has moved by a column."))
    if row.given_name or row.family_name:
        return row.given_name, row.family_name, ()
    if not row.name:
        faults.append(Fault("family_name", "There is no name.", "Write the name; one word is enough."))
    family, comma, given = row.name.partition(",")
    if comma and given.strip():
        return given.strip(), family.strip(), ()
    return "", row.name, (ODD_NAME,) if " " in row.name else ()


def _contact(row: Row, faults: list[Fault]) -> Contact:
    if POWERS.fullmatch(row.phone):
        way_out = "Format the column as text and write the number again: its last digits are lost."
        faults.append(Fault("phone", "A spreadsheet has rounded this number.", way_out))
    elif row.phone and not re.fullmatch(PHONE, row.phone):
        faults.append(Fault("phone", "This is no telephone number.", "Write one number, such as +49 30 5550101."))
    if row.email and not re.fullmatch(EMAIL, row.email):
        faults.append(Fault("email", "This is no e-mail address.", "Write one address, such as name@place.example."))
    return Contact(row.phone or None, row.email or None, row.address or None)


def _language(row: Row, faults: list[Fault]) -> LanguageCode | None:
    code = row.language.partition("-")
    text = code[0].lower() + code[1] + code[2]
    if text and not LANGUAGE.fullmatch(text):
        faults.append(Fault("language", "This is no code of a language.", "Write its code, such as ar for Arabic."))
    return text or None
