"""Which places fit a person: hard rules first, then a score, with the reasons. The same facts give the same answer.

A suggestion proposes; a caseworker decides. The single rules are in `rules.py`, the words in `terms.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.vocabulary import Allowed, OpportunityId, OpportunityKind
from services.matching.suggestion import rules
from services.matching.suggestion.terms import Bar, Candidate, Place, Reason


@dataclass(frozen=True, slots=True)
class Fit:
    """How a person and a place go together. `score` says nothing unless `bar` is nothing."""

    place: OpportunityId
    bar: Bar
    score: float
    why: tuple[Reason, ...]
    why_not: tuple[Reason, ...]
    would_help: tuple[Reason, ...]


MUST_SHARE, CAN_SHARE, WISH_SHARE, RIGHT_SHARE = 0.4, 0.3, 0.2, 0.1
"""How much each part weighs in the score; together 1. Ours: to be compared with outcomes region by region."""


def suggest(candidate: Candidate, places: Iterable[Place], *, today: date, limit: int) -> list[Fit]:
    """The best places that no hard rule speaks against; equal ones by date and id: always the same order."""
    return [fit for fit in _ranked(candidate, places, today) if fit.bar is Bar.NOTHING][:limit]


def nearly(candidate: Candidate, places: Iterable[Place], *, today: date, limit: int) -> list[Fit]:
    """Places out of reach for now, but only for something that can be learnt."""
    return [fit for fit in _ranked(candidate, places, today) if fit.bar is Bar.LEARNABLE][:limit]


def kinds_open_to(candidate: Candidate) -> frozenset[OpportunityKind]:
    """The kinds that the person's work rights do not rule out on every day."""
    possible = (Allowed.YES, Allowed.WITH_PERMISSION)
    return frozenset(kind for kind in OpportunityKind if rules.answer_for(candidate.rights, kind) in possible)


def assess(candidate: Candidate, place: Place, *, today: date) -> Fit:
    """Hard rules and score, in [0, 1], of one place."""
    first_day = max(place.starts_on, today)
    musts = [rules.must(candidate, concept, level) for concept, level in place.must_skills]
    cans = [(weight, rules.can(candidate, concept, level)) for concept, level, weight in place.can_skills]
    law = rules.right(candidate.rights, place.kind, first_day)
    wish = rules.wish(candidate, place.occupation)
    score = (
        MUST_SHARE * _mean([(1.0, must) for must in musts])
        + CAN_SHARE * _mean(cans)
        + WISH_SHARE * wish.credit
        + RIGHT_SHARE * law.credit
    )
    findings = [
        *musts,
        *(rules.language(candidate, language, level) for language, level in place.languages),
        law,
        rules.dates(candidate, first_day),
        rules.places(place),
        *(can for _, can in cans),
        wish,
    ]
    bars = {finding.bar for finding in findings}
    return Fit(
        place=place.id,
        bar=next(bar for bar in (Bar.FIXED, Bar.LEARNABLE, Bar.NOTHING) if bar in bars),
        score=round(score, 4),
        why=tuple(reason for finding in findings for reason in finding.why),
        why_not=tuple(reason for finding in findings for reason in finding.why_not),
        would_help=tuple(reason for finding in findings for reason in finding.would_help),
    )


def _ranked(candidate: Candidate, places: Iterable[Place], today: date) -> list[Fit]:
    in_order = sorted(places, key=lambda place: (place.starts_on, place.id))
    return sorted((assess(candidate, place, today=today) for place in in_order), key=lambda fit: -fit.score)


def _mean(findings: Sequence[tuple[float, rules.Finding]]) -> float:
    """The weighted mean of the credits; 1 if nothing was asked for."""
    if not findings:
        return 1.0
    return sum(weight * found.credit for weight, found in findings) / sum(weight for weight, _ in findings)
