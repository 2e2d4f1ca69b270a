"""Load, decide: which open places fit a person. Only while a live grant opens the profile to regional matching."""

from collections.abc import Sequence
from typing import Final

from contracts.refusal import NotAllowed
from contracts.vocabulary import REGIONAL_MATCHING, Category, OpportunityKind, ParticipantId
from infra.chassis import access
from infra.chassis.db import Tx
from services.matching.opportunity import use_cases as opportunity
from services.matching.opportunity.domain import Opportunity
from services.matching.suggestion import domain, store
from services.matching.suggestion.domain import Fit
from services.matching.suggestion.terms import Candidate, Place

MOST_LOADED: Final = 500
"""Open places that are weighed for one person: those that start first. Narrow by kind where a region has more."""

Suggested = tuple[Fit, Opportunity]


class MatchingNotGranted(NotAllowed):
    """The person has not agreed to be matched, or no longer does."""

    slug = "matching-not-granted"

    def __init__(self) -> None:
        super().__init__(
            "There is no live grant that opens this participant's profile to regional matching.",
            way_out="Ask the participant, then record a grant for regional-matching with the category profile.",
            category=Category.PROFILE,
            recipient=REGIONAL_MATCHING,
        )


async def candidate(tx: Tx, participant: ParticipantId) -> Candidate:
    """What may be used of a person for matching. Raises `MatchingNotGranted`."""
    if not await granted(tx, participant):
        raise MatchingNotGranted
    return await store.load(tx, participant)


async def granted(tx: Tx, participant: ParticipantId) -> bool:
    """Whether the profile may be used for matching now. Raises `GrantsStale` where that can't be known."""
    standing = await access.standing(tx, participant, REGIONAL_MATCHING)
    return standing.demand(Category.PROFILE)


async def suggest(
    tx: Tx, participant: ParticipantId, kind: OpportunityKind | None, limit: int
) -> tuple[list[Suggested], list[Suggested]]:
    """(what fits, what nearly fits among the occupations that the person wishes for). Raises `MatchingNotGranted`."""
    person = await candidate(tx, participant)
    kinds = domain.kinds_open_to(person) & ({kind} if kind else frozenset(OpportunityKind))
    today = tx.now.date()
    available = person.available_from
    not_before = available if available is not None and available > today else None
    fitting = await opportunity.on_offer(
        tx,
        kinds,
        not_before=not_before,
        holding={skill.concept for skill in person.skills},
        speaking={language for language, _ in person.languages},
        limit=MOST_LOADED,
    )
    wished = await opportunity.on_offer(
        tx, kinds, not_before=not_before, occupations=person.occupations, limit=MOST_LOADED
    )
    return (
        _with(fitting, domain.suggest(person, map(as_place, fitting), today=today, limit=limit)),
        _with(wished, domain.nearly(person, map(as_place, wished), today=today, limit=limit)),
    )


def as_place(opportunity: Opportunity) -> Place:
    """What the rules look at."""
    offer = opportunity.offer
    return Place(
        id=opportunity.id,
        kind=offer.kind,
        occupation=offer.occupation,
        starts_on=offer.starts_on,
        places_left=offer.capacity - opportunity.taken,
        must_skills=tuple((need.concept, need.level) for need in offer.must_skills),
        can_skills=tuple((wish.concept, wish.level, wish.weight) for wish in offer.can_skills),
        languages=tuple((need.language, need.level) for need in offer.language_needs),
    )


def _with(opportunities: Sequence[Opportunity], fits: Sequence[Fit]) -> list[Suggested]:
    by_id = {one.id: one for one in opportunities}
    return [(fit, by_id[fit.place]) for fit in fits]
