"""A letter: what it said, in which languages, to whom and from whom. Once written it never changes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from string import Formatter
from typing import Final
from uuid import UUID

from contracts.refusal import Invalid
from contracts.vocabulary import AgencyId, LanguageCode, ParticipantId, StaffId

FIELDS: Final = frozenset({"name", "reference", "author", "words", "when", "place"})
"""What a template can ask for."""
MONTHS: Final[Mapping[str, Sequence[str]]] = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "ar": [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
}
WHEN: Final = {"en": "{day} {month} {year} at {time}", "de": "{day}. {month} {year} um {time} Uhr"}
OTHERWISE: Final = "{day} {month} {year}، {time}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The letter in one language."""

    language: LanguageCode
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """As it was written. `recipient` and `address` as they were on that day."""

    id: UUID
    participant: ParticipantId
    agency: AgencyId
    author: StaffId
    template: str
    version: int
    recipient: str
    address: str
    sheets: tuple[Sheet, ...]
    written_at: datetime


def fields_of(paragraphs: Iterable[str]) -> frozenset[str]:
    """The fields in braces. Raises ValueError for braces that do not match."""
    return frozenset(name for text in paragraphs for _, name, _, _ in Formatter().parse(text) if name is not None)


def sheet(language: LanguageCode, title: str, paragraphs: Iterable[str], values: Mapping[str, str]) -> Sheet:
    """The texts with the values in them; a paragraph that is nothing but an empty field is left out."""
    filled = (text.format_map(values).strip() for text in paragraphs)
    return Sheet(language, title, tuple(text for text in filled if text))


def languages(offered: Iterable[str], agency: LanguageCode, person: LanguageCode | None) -> tuple[LanguageCode, ...]:
    """The agency's and, beside it, the person's, where the template has it; else English, so that there are two.

    Raises `Invalid` for an agency's language that the template lacks.
    """
    known = tuple(offered)
    if agency not in known:
        raise Invalid(
            f"There is no such letter in {agency!r}.", way_out=f"Choose one of {', '.join(known)}.", field="language"
        )
    wanted = (person or "").partition("-")[0]
    beside = wanted if wanted in known else "en"
    return (agency,) if beside == agency or beside not in known else (agency, beside)


def when(at: datetime, language: LanguageCode, zone: tzinfo) -> str:
    """A day and a time as a letter says it, where the region is."""
    local = at.astimezone(zone)
    month = MONTHS.get(language, MONTHS["en"])[local.month - 1]
    pattern = WHEN.get(language, OTHERWISE)
    return pattern.format(day=local.day, month=month, year=local.year, time=f"{local:%H:%M}")
