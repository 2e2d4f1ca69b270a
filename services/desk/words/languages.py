"""The languages of the desk: catalogues read at start, dates as each language writes them, which one somebody wants.

The texts in code and templates are English; `de.po` and `ar.po` beside this file hold the others. The files are
committed as they are: nothing has to be compiled.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

HERE: Final = Path(__file__).parent
SPOKEN: Final[Mapping[str, str]] = {"en": "English", "de": "Deutsch", "ar": "العربية"}
"""Code -> the language's own name."""
FALL_BACK: Final = "en"
_WRITTEN: Final[Mapping[str, str]] = {"en": "en_GB"}
"""Whose dates and names of countries a language uses, where it has several."""


@dataclass(frozen=True)
class Language:
    """One of them."""

    code: str
    locale: Locale
    catalogue: NullTranslations
    zone: ZoneInfo

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, as HTML wants it."""
        return self.locale.text_direction

    @property
    def comma(self) -> str:
        """Between the parts of a list."""
        return "، " if self.code == "ar" else ", "

    def isolated(self, name: str) -> str:
        """A name in Latin letters, so that it does not disturb the order of words that run from right to left."""
        return f"\u2068{name}\u2069" if self.direction == "rtl" else name

    def say(self, text: str) -> str:
        """The text in this language."""
        return self.catalogue.gettext(text) if text else ""

    def moment(self, at: datetime | None) -> str:
        """Day and time, short, in the region's time zone."""
        return format_datetime(at, "d MMM y, HH:mm", tzinfo=self.zone, locale=self.locale) if at else ""

    def day(self, on: date | datetime | None) -> str:
        """A day, without its time."""
        if isinstance(on, datetime):
            on = on.astimezone(self.zone).date()
        return format_date(on, "long", locale=self.locale) if on else ""

    def language(self, code: str) -> str:
        """A language's name."""
        base = code.split("-")[0]
        return self.locale.languages.get(code) or self.locale.languages.get(base) or code

    def of_languages(self, codes: Iterable[str]) -> list[tuple[str, str]]:
        """(code, name) of these languages, by name."""
        return sorted(((code, self.language(code)) for code in codes), key=lambda one: one[1].casefold())

    def country(self, code: str) -> str:
        """A country's name."""
        return self.locale.territories.get(code.upper()) or code


def languages(time_zone: str) -> Mapping[str, Language]:
    """All of them, by code."""
    zone = ZoneInfo(time_zone)
    return {code: Language(code, Locale.parse(_WRITTEN.get(code, code)), catalogue(code), zone) for code in SPOKEN}


@cache
def catalogue(code: str) -> NullTranslations:
    """What the `.po` file of a language says; English needs none."""
    file = HERE / f"{code}.po"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as source:
        read = read_po(source, locale=code)
    made = BytesIO()
    write_mo(made, read)
    made.seek(0)
    return Translations(made)


def wanted(accept_language: str) -> str:
    """The best of ours for a browser's `Accept-Language`."""
    wishes = []
    for place, part in enumerate(accept_language.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, tag.split("-")[0].lower()))
        except ValueError:
            continue
    return next((code for _, _, code in sorted(wishes) if code in SPOKEN), FALL_BACK)
