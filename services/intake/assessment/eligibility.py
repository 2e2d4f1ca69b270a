"""May this person take part in this programme on this date? Yes, or no with reason codes. Pure.

The conditions are data of the programme template; the answer names the condition that failed, never the value that
failed it, so that no other service learns age, status or language. Unknown months and days of birth are read in the
person's favour.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from contracts.programmes.eligibility import AgeRange, Eligibility, EligibilityReason, LanguageNeed, WorkRightNeed
from contracts.vocabulary import Allowed, Cefr, ConceptUri, EnrolmentId, LanguageCode, ParticipantId, ProgrammeRef
from contracts.work_rights import WorkRights

_ORDER: Final = {level: place for place, level in enumerate(Cefr)}


@dataclass(frozen=True, slots=True)
class Person:
    """What intake knows that a programme can ask for."""

    birth_year: int | None
    birth_month: int | None
    birth_day: int | None
    rights: WorkRights
    """On the date in question."""
    residence_status: str | None
    languages: Mapping[LanguageCode, Cefr]
    occupations: Set[ConceptUri]
    qualifications: Set[str] = frozenset()
    target_groups: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EligibilityDecided:
    enrolment: EnrolmentId
    participant: ParticipantId
    programme: ProgrammeRef
    reasons: tuple[EligibilityReason, ...]
    """Empty: may take part."""
    at: datetime

    @property
    def eligible(self) -> bool:
        return not self.reasons


def reasons_against(asked: Eligibility, person: Person, on: date) -> tuple[EligibilityReason, ...]:
    """Why not, in the order of the template's conditions; empty if the person may take part."""
    return tuple(_reasons(asked, person, on))


def _reasons(asked: Eligibility, person: Person, on: date) -> Iterator[EligibilityReason]:
    if asked.age:
        yield from _age(asked.age, person, on)
    if asked.work_right:
        yield from _work_right(asked.work_right, person.rights)
    if asked.residence_statuses and person.residence_status not in asked.residence_statuses:
        yield EligibilityReason.STATUS_NOT_COVERED
    if asked.language:
        yield from _language(asked.language, person.languages)
    if asked.occupations and not person.occupations & set(asked.occupations):
        yield EligibilityReason.OCCUPATION_NOT_COVERED
    if not person.qualifications >= set(asked.qualifications):
        yield EligibilityReason.QUALIFICATION_MISSING
    if asked.target_groups and not person.target_groups & set(asked.target_groups):
        yield EligibilityReason.NOT_IN_TARGET_GROUP


def _age(asked: AgeRange, person: Person, on: date) -> Iterator[EligibilityReason]:
    """A programme with an age needs at least the year; what else is unknown counts for the person."""
    if person.birth_year is None:
        yield EligibilityReason.AGE_UNKNOWN
        return
    earliest = person.birth_month or 1, person.birth_day or 1
    latest = person.birth_month or 12, person.birth_day or 31
    years, today = on.year - person.birth_year, (on.month, on.day)
    if asked.minimum is not None and years - (today < earliest) < asked.minimum:
        yield EligibilityReason.TOO_YOUNG
    if asked.maximum is not None and years - (today < latest) > asked.maximum:
        yield EligibilityReason.TOO_OLD


def _work_right(asked: WorkRightNeed, rights: WorkRights) -> Iterator[EligibilityReason]:
    found: Allowed = getattr(rights, asked.right)
    if found in asked.accepts:
        return
    unknown = found is Allowed.UNKNOWN
    yield EligibilityReason.WORK_RIGHT_UNKNOWN if unknown else EligibilityReason.WORK_RIGHT_MISSING


def _language(asked: LanguageNeed, languages: Mapping[LanguageCode, Cefr]) -> Iterator[EligibilityReason]:
    """`de` is met by `de-CH`, too: the need names the language, not where it is spoken."""
    levels = [level for code, level in languages.items() if _same_language(code, asked.language)]
    if not levels:
        yield EligibilityReason.LANGUAGE_UNKNOWN
    elif max(_ORDER[level] for level in levels) < _ORDER[asked.level]:
        yield EligibilityReason.LANGUAGE_BELOW_MINIMUM


def _same_language(code: LanguageCode, asked: LanguageCode) -> bool:
    return code.lower() == asked.lower() or code.lower().startswith(f"{asked.lower()}-")
