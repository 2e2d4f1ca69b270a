"""The single rules: each looks at one thing and says how well it is met, why, and what would help. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from contracts.vocabulary import (
    Allowed,
    Cefr,
    ConceptUri,
    Evidence,
    LanguageCode,
    OpportunityKind,
    SkillLevel,
)
from services.matching.suggestion.terms import Bar, Candidate, Code, HeldSkill, Place, Reason, Rights


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found: how well it is met (0 to 1), why, and what is missing."""

    credit: float = 1.0
    bar: Bar = Bar.NOTHING
    why: tuple[Reason, ...] = ()
    why_not: tuple[Reason, ...] = ()
    would_help: tuple[Reason, ...] = ()


RIGHT_FOR: Final[Mapping[OpportunityKind, str]] = {
    OpportunityKind.JOB: "work",
    OpportunityKind.APPRENTICESHIP: "training",
    OpportunityKind.TRAINING: "training",
    OpportunityKind.INTERNSHIP: "internship",
    OpportunityKind.JOB_SAMPLING: "internship",
}
"""The work right that a kind needs; a course, a mentor and volunteering need none."""

EVIDENCE_COUNTS: Final[Mapping[Evidence, float]] = {
    Evidence.CERTIFICATE: 1.0,
    Evidence.TESTED: 1.0,
    Evidence.DEMONSTRATED: 0.9,
    Evidence.SELF_DECLARED: 0.75,
}
BELOW_LEVEL_COUNTS: Final = 0.5


def holds(candidate: Candidate, concept: ConceptUri, level: SkillLevel) -> bool:
    """Whether the person has the skill at this level or a higher one."""
    best = _best(candidate, concept, level)
    return best is not None and _reaches(best.level, level, SkillLevel)


def speaks(candidate: Candidate, language: LanguageCode, level: Cefr) -> bool:
    """Whether the person has the language at this level or a higher one."""
    return any(code == language and _reaches(held, level, Cefr) for code, held in candidate.languages)


def must(candidate: Candidate, concept: ConceptUri, level: SkillLevel) -> Finding:
    best = _best(candidate, concept, level)
    if best is None or not _reaches(best.level, level, SkillLevel):
        return Finding(
            credit=0.0,
            bar=Bar.LEARNABLE,
            why_not=(Reason(Code.MUST_SKILL, concept, level),),
            would_help=(Reason(Code.LEARN_SKILL, concept, level),),
        )
    unproven = best.evidence is Evidence.SELF_DECLARED
    return Finding(
        credit=_credit(best, level),
        why=(Reason(Code.MUST_SKILL, concept, best.level, best.evidence),),
        would_help=(Reason(Code.PROVE_SKILL, concept, level),) if unproven else (),
    )


def can(candidate: Candidate, concept: ConceptUri, level: SkillLevel) -> Finding:
    best = _best(candidate, concept, level)
    credit = 0.0 if best is None else _credit(best, level)
    if best is not None and _reaches(best.level, level, SkillLevel):
        return Finding(credit, why=(Reason(Code.CAN_SKILL, concept, best.level, best.evidence),))
    return Finding(
        credit,
        why_not=(Reason(Code.CAN_SKILL, concept, level),),
        would_help=(Reason(Code.LEARN_SKILL, concept, level),),
    )


def language(candidate: Candidate, language: LanguageCode, level: Cefr) -> Finding:
    if speaks(candidate, language, level):
        return Finding(why=(Reason(Code.LANGUAGE, language, level),))
    return Finding(
        bar=Bar.LEARNABLE,
        why_not=(Reason(Code.LANGUAGE, language, level),),
        would_help=(Reason(Code.LEARN_LANGUAGE, language, level),),
    )


def right(rights: Rights | None, kind: OpportunityKind, day: date) -> Finding:
    """What the law says for the first day. Beyond the days for which the answer was given, nobody knows."""
    answer = answer_for(rights, kind)
    if kind in RIGHT_FOR and rights is not None and not rights.since <= day <= (rights.until or date.max):
        answer = Allowed.UNKNOWN
    match answer:
        case Allowed.YES:
            return Finding(why=(Reason(Code.WORK_RIGHT),))
        case Allowed.WITH_PERMISSION:
            return Finding(0.5, why_not=(Reason(Code.PERMISSION_NEEDED),), would_help=(Reason(Code.ASK_PERMISSION),))
        case Allowed.NO:
            return Finding(0.0, Bar.FIXED, why_not=(Reason(Code.WORK_RIGHT),))
        case Allowed.UNKNOWN:
            unknown = (Reason(Code.WORK_RIGHT_UNKNOWN),)
            return Finding(0.0, Bar.FIXED, why_not=unknown, would_help=(Reason(Code.RECORD_RESIDENCE),))


def dates(candidate: Candidate, first_day: date) -> Finding:
    if candidate.available_from is None or candidate.available_from <= first_day:
        return Finding()
    return Finding(bar=Bar.FIXED, why_not=(Reason(Code.NOT_AVAILABLE),))


def places(place: Place) -> Finding:
    return Finding() if place.places_left > 0 else Finding(bar=Bar.FIXED, why_not=(Reason(Code.NO_PLACE_LEFT),))


def wish(candidate: Candidate, occupation: ConceptUri) -> Finding:
    """Somebody without wishes is open to everything, but half as eager."""
    if occupation in candidate.occupations:
        return Finding(why=(Reason(Code.OCCUPATION_WISHED, occupation),))
    return Finding(0.0 if candidate.occupations else 0.5)


def answer_for(rights: Rights | None, kind: OpportunityKind) -> Allowed:
    needed = RIGHT_FOR.get(kind)
    if needed is None:
        return Allowed.YES
    return (
        {
            "work": rights.work,
            "training": rights.training,
            "internship": rights.internship,
        }[needed]
        if rights
        else Allowed.UNKNOWN
    )


def _reaches(held: StrEnum, asked: StrEnum, scale: type[StrEnum]) -> bool:
    order = list(scale)
    return order.index(held) >= order.index(asked)


def _credit(skill: HeldSkill, level: SkillLevel) -> float:
    """1 for a proven skill at the level; less if it is only said to be there, or lies below."""
    reached = 1.0 if _reaches(skill.level, level, SkillLevel) else BELOW_LEVEL_COUNTS
    return reached * EVIDENCE_COUNTS[skill.evidence]


def _best(candidate: Candidate, concept: ConceptUri, level: SkillLevel) -> HeldSkill | None:
    held = [skill for skill in candidate.skills if skill.concept == concept]
    return max(held, key=lambda skill: _credit(skill, level), default=None)
