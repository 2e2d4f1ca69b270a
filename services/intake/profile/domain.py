"""A person's profile: its sections follow the EU Skills Profile Tool, its skills and occupations are ESCO concepts.

A profile has no life cycle: it is written as a whole, or section by section. Words lie as the person says them; the
same words in other languages lie beside them as versions, each with who translated it. Pure: no I/O, no clock, no ids
made here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from contracts.refusal import Invalid
from contracts.vocabulary import Cefr, ConceptUri, Evidence, LanguageCode, ParticipantId, SkillLevel

ORDER: Final = {level: place for place, level in enumerate(Cefr)}


class Translator(StrEnum):
    """Who put words into another language: it decides how far they can be relied on."""

    PERSON = "person"
    INTERPRETER = "interpreter"
    CASEWORKER = "caseworker"
    MACHINE = "machine"


class Daytime(StrEnum):
    """When somebody can work."""

    MORNINGS = "mornings"
    AFTERNOONS = "afternoons"
    EVENINGS = "evenings"
    NIGHTS = "nights"
    WEEKENDS = "weekends"


class Licence(StrEnum):
    """Categories of driving licences (Directive 2006/126/EC, and the German classes L and T)."""

    AM = "AM"
    A1 = "A1"
    A2 = "A2"
    A = "A"
    B = "B"
    BE = "BE"
    C1 = "C1"
    C1E = "C1E"
    C = "C"
    CE = "CE"
    D1 = "D1"
    D1E = "D1E"
    D = "D"
    DE = "DE"
    L = "L"
    T = "T"


@dataclass(frozen=True, slots=True)
class Version:
    """The words of one part of an entry in another language."""

    part: str
    """The field that holds the words as they were said, such as `title`."""
    language: LanguageCode
    text: str
    by: Translator


class Entry(Protocol):
    """Something with words that may be there in several languages."""

    @property
    def versions(self) -> tuple[Version, ...]: ...


@dataclass(frozen=True, slots=True)
class Skill:
    """An ESCO skill; `label` is what the person calls it, `proof` says what the evidence is."""

    concept: ConceptUri
    label: str
    level: SkillLevel
    evidence: Evidence
    proof: str = ""
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """A language by the skills of the self-assessment grid; None: not assessed. `spoken` is spoken production."""

    language: LanguageCode
    listening: Cefr | None = None
    reading: Cefr | None = None
    spoken: Cefr | None = None
    written: Cefr | None = None
    interaction: Cefr | None = None
    mother_tongue: bool = False
    certificate: str = ""

    @property
    def level(self) -> Cefr | None:
        """The lowest of the levels that were assessed; None if none was."""
        every = (self.listening, self.reading, self.interaction, self.spoken, self.written)
        assessed = [level for level in every if level is not None]
        return min(assessed, key=ORDER.__getitem__, default=None)


@dataclass(frozen=True, slots=True)
class Education:
    """A school, a training, a degree; `recognised` is None while nobody has asked the recognition office.

    `year` is that of the end; `eqf` the level of the European Qualifications Framework.
    """

    title: str
    country: str | None = None
    year: int | None = None
    recognised: bool | None = None
    institution: str = ""
    subject: str = ""
    from_year: int | None = None
    eqf: int | None = None
    completed: bool | None = None
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkExperience:
    """A job that was done; parts of its dates may be unknown. `current`: it lasts."""

    title: str
    from_year: int | None = None
    to_year: int | None = None
    from_month: int | None = None
    from_day: int | None = None
    to_month: int | None = None
    to_day: int | None = None
    current: bool = False
    occupation: ConceptUri | None = None
    employer: str = ""
    country: str | None = None
    tasks: str = ""
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class DrivingLicence:
    """`exchanged`: whether the region's country has exchanged or recognised it; None if nobody knows."""

    category: Licence
    country: str | None = None
    valid_until: date | None = None
    exchanged: bool | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything; the empty one is that of somebody whose interview is still to come."""

    skills: tuple[Skill, ...] = ()
    languages: tuple[Language, ...] = ()
    occupations: tuple[ConceptUri, ...] = ()
    """Wanted."""
    education: tuple[Education, ...] = ()
    work_experience: tuple[WorkExperience, ...] = ()
    expectations: str = ""
    available_from: date | None = None
    mobility_km: int | None = None
    said_in: LanguageCode | None = None
    """The language of all words that are not versions."""
    versions: tuple[Version, ...] = ()
    """Of the expectations."""
    driving_licences: tuple[DrivingLicence, ...] = ()
    hours_per_week: int | None = None
    daytimes: tuple[Daytime, ...] = ()
    own_vehicle: bool | None = None
    would_move: bool | None = None

    @property
    def levels(self) -> Mapping[LanguageCode, Cefr]:
        """The overall level of each language that was assessed."""
        return {one.language: one.level for one in self.languages if one.level is not None}

    @property
    def known_occupations(self) -> frozenset[ConceptUri]:
        """Those that the person wants, and those that the person has worked in."""
        return frozenset(self.occupations) | {job.occupation for job in self.work_experience if job.occupation}


WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "skills": ("label", "proof"),
    "education": ("title", "institution", "subject"),
    "work_experience": ("title", "employer", "tasks"),
}
"""Section -> the fields of its entries that hold words, and may be there in other languages."""


@dataclass(frozen=True, slots=True)
class ProfileUpdated:
    participant: ParticipantId
    profile: Profile
    at: datetime


def write(participant: ParticipantId, before: Profile, after: Profile, *, now: datetime) -> list[ProfileUpdated]:
    """The profile is `after` from now on; nothing happened if it was already. Raises `Invalid`."""
    _once("skills", [skill.concept for skill in after.skills])
    _once("languages", [language.language.lower() for language in after.languages])
    _once("occupations", list(after.occupations))
    _once("driving_licences", [licence.category for licence in after.driving_licences])
    _once("daytimes", list(after.daytimes))
    for number, job in enumerate(after.work_experience):
        _dates(job, f"work_experience.{number}")
    for number, school in enumerate(after.education):
        if school.from_year is not None and school.year is not None and school.year < school.from_year:
            raise Invalid(
                "This education ends before it begins.",
                way_out="Correct the years, or leave out the one that is unknown.",
                field=f"education.{number}.year",
            )
    for place, entry, parts in _entries(after):
        _versions(place, entry.versions, parts, after.said_in)
    return [] if before == after else [ProfileUpdated(participant, after, now)]


def _entries(profile: Profile) -> Iterator[tuple[str, Entry, tuple[str, ...]]]:
    """(where, entry, its parts with words)"""
    yield "versions", profile, ("expectations",)
    for section, parts in WORDS.items():
        for number, entry in enumerate(getattr(profile, section)):
            yield f"{section}.{number}.versions", entry, parts


def _dates(job: WorkExperience, where: str) -> None:
    """Raises `Invalid` for days that are none, and for an end before the begin as far as both are known."""
    begin, end = (job.from_year, job.from_month, job.from_day), (job.to_year, job.to_month, job.to_day)
    for name, (year, month, day) in (("from", begin), ("to", end)):
        _is_there(year, month, day, f"{where}.{name}")
    for first, last in zip(begin, end, strict=True):
        if first is None or last is None or first < last:
            break
        if last < first:
            raise Invalid(
                "This job ends before it begins.",
                way_out="Correct the years, or leave out the one that is unknown.",
                field=f"{where}.to_year",
            )
    if job.current and end != (None, None, None):
        raise Invalid(
            "A job that lasts has no end.", way_out="Leave out the end, or `current`.", field=f"{where}.current"
        )


def _is_there(year: int | None, month: int | None, day: int | None, where: str) -> None:
    if (month is not None and year is None) or (day is not None and month is None):
        raise Invalid(
            "A month without its year, or a day without its month, says nothing.",
            way_out="Give the larger part, too, or leave out the smaller one.",
            field=f"{where}_year" if year is None else f"{where}_month",
        )
    try:
        date(year or 2000, month or 1, day or 1)
    except ValueError as error:
        raise Invalid(
            "This date does not exist.", way_out="Leave out the parts that are unknown.", field=f"{where}_day"
        ) from error


def _versions(where: str, versions: Sequence[Version], parts: tuple[str, ...], said_in: LanguageCode | None) -> None:
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(versions):
        if one.part not in parts:
            raise Invalid(
                "There are no such words here.",
                way_out=f"A version is of {', '.join(parts)}.",
                field=f"{where}.{number}.part",
            )
        if said_in is None or one.language.lower() == said_in.lower():
            raise Invalid(
                "A version is in another language than the words themselves.",
                way_out="Say in `said_in` which language the words are in, and give versions in others.",
                field=f"{where}.{number}.language",
            )
        if (one.part, one.language.lower()) in seen:
            raise Invalid(
                "These words are there twice in the same language.",
                way_out="Keep one of the two.",
                field=f"{where}.{number}.language",
            )
        seen.add((one.part, one.language.lower()))


def _once(section: str, names: Sequence[str]) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise Invalid("This is in the profile twice.", way_out="Keep one of the two.", field=f"{section}.{number}")
