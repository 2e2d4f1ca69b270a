"""The words of suggestions: what is known of a person, what a place asks for, and the codes of the reasons.

A person is known here by skills, languages, wishes, work rights and dates alone: no name, age, sex or origin, so that
none of them can weigh. Pure, like `domain.py`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.vocabulary import (
    Allowed,
    Cefr,
    ConceptUri,
    Evidence,
    LanguageCode,
    OpportunityId,
    OpportunityKind,
    SkillLevel,
)


class Bar(StrEnum):
    """What a rule puts in the way."""

    NOTHING = "nothing"
    LEARNABLE = "learnable"
    FIXED = "fixed"


class Code(StrEnum):
    """Why, why not, and what would help."""

    MUST_SKILL = "must-skill"
    CAN_SKILL = "can-skill"
    LANGUAGE = "language"
    OCCUPATION_WISHED = "occupation-wished"
    WORK_RIGHT = "work-right"
    WORK_RIGHT_UNKNOWN = "work-right-unknown"
    PERMISSION_NEEDED = "permission-needed"
    NOT_AVAILABLE = "not-available"
    NO_PLACE_LEFT = "no-place-left"
    LEARN_SKILL = "learn-skill"
    LEARN_LANGUAGE = "learn-language"
    PROVE_SKILL = "prove-skill"
    ASK_PERMISSION = "ask-permission"
    RECORD_RESIDENCE = "record-residence"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: `about` is an ESCO concept or a language, `level` the one that counts here."""

    code: Code
    about: str | None = None
    level: str | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class HeldSkill:
    """A skill that the person has, and how that is known."""

    concept: ConceptUri
    level: SkillLevel
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Rights:
    """What the person may do, on which days."""

    work: Allowed
    training: Allowed
    internship: Allowed
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a person for this purpose."""

    skills: tuple[HeldSkill, ...] = ()
    languages: tuple[tuple[LanguageCode, Cefr], ...] = ()
    occupations: frozenset[ConceptUri] = frozenset()
    available_from: date | None = None
    rights: Rights | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What an opportunity asks for: musts as (concept, level), wishes as (concept, level, weight)."""

    id: OpportunityId
    kind: OpportunityKind
    occupation: ConceptUri
    starts_on: date
    places_left: int
    must_skills: tuple[tuple[ConceptUri, SkillLevel], ...] = ()
    can_skills: tuple[tuple[ConceptUri, SkillLevel, float], ...] = ()
    languages: tuple[tuple[LanguageCode, Cefr], ...] = ()
