"""What two records are compared by: a person's particulars in one normal form, whatever file or desk they come from.

Made once per record; no value of it is ever stored.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from anyascii import anyascii

from services.intake.duplicates import names
from services.intake.participant.domain import Contact, Identity

PHONE_DIGITS: Final = 8
"""The last digits of a number: the same with and without the country's code."""
NUMBER_FROM: Final = 5
"""Characters that an identity number has at least."""
_STREET: Final = (
    "str strasse street st road rd avenue ave av weg allee platz place lane ln drive dr circuit cct crescent"
)
STREET_ENDS: Final = frozenset(f"{_STREET} cres close cl court ct rue gasse ulitsa vul vulytsia sharia".split())
"""What one writes out, the next shortens and the third leaves out."""
_POSTCODE: Final = re.compile(r"(?<!\d)(\d{4,6})(?!\d)")

Day = tuple[int | None, int | None, int | None]
"""Year, month and day, each as far as it is known."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """One person in normal form. What is empty or None is unknown."""

    words: tuple[str, ...]
    birth: Day = (None, None, None)
    phone: str | None = None
    mail: str | None = None
    street: str = ""
    place: str = ""
    postcode: str = ""
    number: str = ""
    """An identity number (residence card, social security, client number of an authority)."""

    @classmethod
    def of(cls, identity: Identity, contact: Contact) -> Self:
        """A participant's record. Its address is one text, told apart at the postcode."""
        street, place, postcode = address(contact.address or "")
        birth = identity.birth
        return cls(
            words=names.words(identity.given_name, identity.family_name),
            birth=known_day(birth.year, birth.month, birth.day),
            phone=phone_digits(contact.phone),
            mail=(contact.email or "").strip().lower() or None,
            street=street,
            place=place,
            postcode=postcode,
        )

    @classmethod
    def from_columns(
        cls,
        *,
        given_name: str = "",
        family_name: str = "",
        birth: Day = (None, None, None),
        phone: str = "",
        mail: str = "",
        street: str = "",
        place: str = "",
        postcode: str = "",
        number: str = "",
    ) -> Self:
        """A record of a register that keeps its parts apart."""
        return cls(
            words=names.words(given_name, family_name),
            birth=known_day(*birth),
            phone=phone_digits(phone),
            mail=mail.strip().lower() or None,
            street=street_words(street),
            place=plain(place),
            postcode=postcode.strip(),
            number=identity_number(number),
        )


def known_day(year: int | None, month: int | None, day: int | None) -> Day:
    """1 January is what offices write when nobody knows."""
    return (year, None, None) if (month, day) == (1, 1) else (year, month, day if month else None)


def phone_digits(phone: str | None) -> str | None:
    """The digits that count of a telephone number, if there are enough."""
    digits = "".join(filter(str.isdigit, phone or ""))
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else None


def identity_number(text: str) -> str:
    """Letters and digits of an identity number; empty if it is too short to tell anybody apart."""
    bare = "".join(filter(str.isalnum, text)).upper()
    return bare if len(bare) >= NUMBER_FROM else ""


@lru_cache(names.REMEMBERED)
def plain(text: str) -> str:
    """Words in Latin letters and digits, lower case, one blank between them."""
    return " ".join(re.findall(r"[a-z0-9]+", anyascii(text).lower()))


@lru_cache(names.REMEMBERED)
def street_words(text: str) -> str:
    """A street with its number, without the word for "street"."""
    found = []
    for word in plain(text).split():
        bare = re.sub(r"(strasse|str)$", "", word)
        if bare and bare not in STREET_ENDS:
            found.append(bare)
    return " ".join(found)


def address(text: str) -> tuple[str, str, str]:
    """Street, place and postcode of an address in one text."""
    codes = list(_POSTCODE.finditer(text))
    if not codes:
        head, _, tail = text.partition(",")
        return street_words(head), plain(tail), ""
    found = codes[-1]  # a house may have a long number, too
    return street_words(text[: found.start()].rstrip(" ,")), plain(text[found.end() :]), found[1]
