"""A person's profile: its sections follow the EU Skills Profile Tool, its skills and occupations are ESCO concepts.

A profile has no life cycle: it is written as a whole. Pure: no I/O, no clock, no ids made here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from contracts.refusal import Invalid
from contracts.vocabulary import Cefr, ConceptUri, Evidence, LanguageCode, ParticipantId, SkillLevel

ORDER: Final = {level: place for place, level in enumerate(Cefr)}


@dataclass(frozen=True, slots=True)
class Skill:
    """An ESCO skill; `label` is what the person calls it."""

    concept: ConceptUri
    label: str
    level: SkillLevel
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Language:
    """A language by the four skills of the self-assessment grid; None: not assessed."""

    language: LanguageCode
    listening: Cefr | None = None
    reading: Cefr | None = None
    spoken: Cefr | None = None
    written: Cefr | None = None

    @property
    def level(self) -> Cefr | None:
        """The lowest of the levels that were assessed; None if none was."""
        assessed = [level for level in (self.listening, self.reading, self.spoken, self.written) if level is not None]
        return min(assessed, key=ORDER.__getitem__, default=None)


@dataclass(frozen=True, slots=True)
class Education:
    """A school, a training, a degree; `recognised` is None while nobody has asked the recognition office."""

    title: str
    country: str | None = None
    year: int | None = None
    recognised: bool | None = None


@dataclass(frozen=True, slots=True)
class WorkExperience:
    """A job that was done; `to_year` is None while it lasts or is unknown."""

    title: str
    from_year: int | None = None
    to_year: int | None = None


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

    @property
    def levels(self) -> Mapping[LanguageCode, Cefr]:
        """The overall level of each language that was assessed."""
        return {one.language: one.level for one in self.languages if one.level is not None}


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
    for number, job in enumerate(after.work_experience):
        if job.from_year is not None and job.to_year is not None and job.to_year < job.from_year:
            raise Invalid(
                "This job ends before it begins.",
                way_out="Correct the years, or leave out the one that is unknown.",
                field=f"work_experience.{number}.to_year",
            )
    return [] if before == after else [ProfileUpdated(participant, after, now)]


def _once(section: str, names: list[str]) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise Invalid("This is in the profile twice.", way_out="Keep one of the two.", field=f"{section}.{number}")
