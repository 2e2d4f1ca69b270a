"""Never more people than places, whatever happens in whatever order."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import Cefr, OpportunityId, OpportunityKind, SkillLevel
from services.matching.opportunity import domain
from services.matching.opportunity.domain import (
    LanguageNeed,
    Offer,
    Opportunity,
    OpportunityState,
    SkillNeed,
    SkillWish,
)

NOW = datetime(2026, 9, 1, tzinfo=UTC)
OFFER = Offer(
    kind=OpportunityKind.INTERNSHIP,
    title="Internship in service",
    occupation="http://data.europa.eu/esco/occupation/waiter",
    region="Harbour Region",
    capacity=2,
    starts_on=date(2026, 10, 1),
)
DRAFT = Opportunity(OpportunityId(UUID(int=1)), "harbour-hotel", OFFER)


def after(opportunity: Opportunity, event: domain.Event) -> Opportunity:
    return domain.evolve(opportunity, event)


def published(capacity: int) -> Opportunity:
    draft = replace(DRAFT, offer=replace(OFFER, capacity=capacity))
    return after(draft, *domain.publish(draft, now=NOW))


@given(st.integers(1, 4), st.lists(st.sampled_from(["take", "free", "close"]), max_size=25))
def test_taken_places_never_leave_the_bounds(capacity: int, acts: list[str]) -> None:
    opportunity = published(capacity)
    for act in acts:
        if act == "free" and opportunity.taken == 0:
            continue
        decide = {"take": domain.take_place, "free": domain.free_place, "close": domain.close}[act]
        try:
            [event] = decide(opportunity, now=NOW)
        except Conflict:
            continue
        opportunity = after(opportunity, event)
        assert 0 <= opportunity.taken <= capacity
        if opportunity.state is not OpportunityState.CLOSED:
            assert (opportunity.state is OpportunityState.FILLED) == (opportunity.taken == capacity)


def test_a_full_one_opens_again_when_somebody_leaves() -> None:
    full = after(published(1), *domain.take_place(published(1), now=NOW))
    with pytest.raises(domain.NoPlaceLeft):
        domain.take_place(full, now=NOW)
    assert after(full, *domain.free_place(full, now=NOW)).state is OpportunityState.OPEN


def test_what_is_published_stays_as_it_is() -> None:
    with pytest.raises(Conflict):
        domain.change(published(1), replace(OFFER, title="Another job"), now=NOW)


def test_a_closed_one_gives_no_place_and_keeps_closed() -> None:
    taken = after(published(2), *domain.take_place(published(2), now=NOW))
    closed = after(taken, *domain.close(taken, now=NOW))
    with pytest.raises(Conflict):
        domain.take_place(closed, now=NOW)
    assert after(closed, *domain.free_place(closed, now=NOW)).state is OpportunityState.CLOSED


def test_a_draft_takes_nobody_and_is_not_closed() -> None:
    for decide in (domain.take_place, domain.close):
        with pytest.raises(Conflict):
            decide(DRAFT, now=NOW)


def test_an_offer_does_not_contradict_itself() -> None:
    serve = "http://data.europa.eu/esco/skill/serve-food"
    must, wish = SkillNeed(serve, SkillLevel.BASIC), SkillWish(serve, SkillLevel.EXPERT)
    with pytest.raises(Invalid, match="twice"):
        replace(OFFER, must_skills=(must,), can_skills=(wish,))
    with pytest.raises(Invalid, match="twice"):
        replace(OFFER, language_needs=(LanguageNeed("de", Cefr.A2), LanguageNeed("de", Cefr.B1)))
    with pytest.raises(Invalid, match="at least one place"):
        replace(OFFER, capacity=0)
