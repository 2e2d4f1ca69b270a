"""A placement's life: nothing but the listed steps, both sides before anything is confirmed, and a blind company."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.events.matching import PlacementOutcome
from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import OpportunityId, OpportunityKind, ParticipantId, PlacementId, Side, SkillLevel, StaffId
from services.matching import outgoing
from services.matching.placement import domain
from services.matching.placement.domain import (
    Answer,
    Decline,
    GivenHow,
    Matched,
    Placement,
    PlacementConfirmed,
    PlacementState,
)
from services.matching.placement.shapes import PlacementOut

NOW = datetime(2026, 9, 1, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 12, tzinfo=UTC)
TODAY = LATER.date()
AMAL = ParticipantId(UUID(int=0xA3A1))
JONAS = StaffId(UUID(int=0x70A5))
SERVE = "http://data.europa.eu/esco/skill/serve-food"
PROPOSED = Placement(
    id=PlacementId(UUID(int=1)),
    participant=AMAL,
    agency="job-centre",
    opportunity=OpportunityId(UUID(int=2)),
    employer="harbour-hotel",
    kind=OpportunityKind.INTERNSHIP,
    matched=Matched(must_skills=((SERVE, SkillLevel.BASIC),)),
    proposed_by=JONAS,
    proposed_at=NOW,
)


def answer(side: Side) -> Answer:
    return Answer(side, UUID(int=9), GivenHow.SPOKEN, NOW)


def accepted(placement: Placement, *sides: Side) -> Placement:
    for side in sides:
        placement = reduce(domain.evolve, domain.accept(placement, answer(side), now=NOW), placement)
    return placement


CONFIRMED = accepted(PROPOSED, Side.EMPLOYER, Side.PARTICIPANT)


@given(st.permutations(list(Side)))
def test_the_second_yes_confirms_whichever_it_is(order: list[Side]) -> None:
    first, second = order
    half = accepted(PROPOSED, first)
    assert half.state is PlacementState.PROPOSED
    events = domain.accept(half, answer(second), now=NOW)
    assert isinstance(events[-1], PlacementConfirmed)
    told = [fact for event in events for fact in outgoing.OUTGOING[type(event)](event)]
    assert [getattr(fact, "both", None) for fact in told] == [True, None]
    with pytest.raises(Conflict):
        domain.accept(half, answer(first), now=NOW)


def test_a_yes_can_become_a_no_until_it_is_confirmed() -> None:
    half = accepted(PROPOSED, Side.EMPLOYER)
    [event] = domain.decline(half, answer(Side.EMPLOYER), Decline.FILLED_OTHERWISE, now=NOW)
    assert domain.evolve(half, event).state is PlacementState.DECLINED
    with pytest.raises(Conflict):
        domain.decline(CONFIRMED, answer(Side.EMPLOYER), Decline.OTHER, now=NOW)


def test_what_never_started_was_not_completed() -> None:
    with pytest.raises(Invalid):
        domain.end(CONFIRMED, date(2026, 10, 1), "completed", now=LATER)
    [event] = domain.end(CONFIRMED, date(2026, 10, 1), "ended-by-participant", now=LATER)
    assert domain.evolve(CONFIRMED, event).state is PlacementState.ENDED


def test_it_does_not_end_before_it_began() -> None:
    [event] = domain.start(CONFIRMED, date(2026, 10, 1), now=LATER)
    with pytest.raises(Invalid) as refused:
        domain.end(domain.evolve(CONFIRMED, event), date(2026, 9, 30), "completed", now=LATER)
    assert (refused.value.field, "2026-10-01" in refused.value.way_out) == ("on", True)


@pytest.mark.parametrize("on", [TODAY + timedelta(days=2), date(2200, 12, 31), NOW.date() - timedelta(days=1)])
def test_nobody_writes_a_placement_ahead_or_before_its_proposal(on: date) -> None:
    """A company's rights to the person last as long as the placement: it must not prolong them by a far day."""
    with pytest.raises(Invalid) as first:
        domain.start(CONFIRMED, on, now=LATER)
    with pytest.raises(Invalid) as last:
        domain.end(CONFIRMED, on, "ended-by-company", now=LATER)
    assert {first.value.field, last.value.field} == {"on"}
    if on > TODAY:
        [started] = domain.start(CONFIRMED, TODAY, now=LATER)
        with pytest.raises(Invalid):
            domain.end(domain.evolve(CONFIRMED, started), on, "completed", now=LATER)


@pytest.mark.parametrize("on", [NOW.date(), TODAY, TODAY + timedelta(days=1)])
def test_from_the_day_of_the_proposal_until_tomorrow_it_may_start_and_end(on: date) -> None:
    [started] = domain.start(CONFIRMED, on, now=LATER)
    [ended] = domain.end(domain.evolve(CONFIRMED, started), on, "completed", now=LATER)
    assert domain.evolve(domain.evolve(CONFIRMED, started), ended).ended_on == on
    assert domain.end(CONFIRMED, on, "ended-by-company", now=LATER)


def test_only_open_places_and_only_once() -> None:
    for on_offer, again in ((False, False), (True, True)):
        with pytest.raises(Conflict):
            domain.propose(PROPOSED, on_offer=on_offer, again=again, now=NOW)


def test_the_company_hears_nothing_of_a_persons_other_placements() -> None:
    assert "placement" not in domain.not_twice(Side.EMPLOYER).detail


def test_the_company_cannot_tell_whether_the_person_found_something_or_withdrew() -> None:
    twice, withdrawn = domain.not_twice(Side.EMPLOYER), domain.not_any_more(Side.EMPLOYER)
    assert (twice.slug, twice.detail, twice.way_out) == (withdrawn.slug, withdrawn.detail, withdrawn.way_out)
    assert domain.not_twice(Side.PARTICIPANT).detail != domain.not_any_more(Side.PARTICIPANT).detail


class Life(RuleBasedStateMachine):
    """Any order of answers and days: the company never learns who it is before both said yes."""

    def __init__(self) -> None:
        super().__init__()
        self.placement = PROPOSED
        self.yes: set[Side] = set()

    def _apply(self, events: list[domain.Event]) -> None:
        self.placement = reduce(domain.evolve, events, self.placement)

    @rule(side=st.sampled_from(Side))
    def accept(self, side: Side) -> None:
        if self.placement.state is PlacementState.PROPOSED and side not in self.yes:
            self._apply(domain.accept(self.placement, answer(side), now=NOW))
            self.yes.add(side)
        else:
            with pytest.raises(Conflict):
                domain.accept(self.placement, answer(side), now=NOW)

    @rule(side=st.sampled_from(Side), reason=st.sampled_from(Decline))
    def decline(self, side: Side, reason: Decline) -> None:
        if self.placement.state is PlacementState.PROPOSED:
            self._apply(domain.decline(self.placement, answer(side), reason, now=NOW))
        else:
            with pytest.raises(Conflict):
                domain.decline(self.placement, answer(side), reason, now=NOW)

    @rule()
    def start(self) -> None:
        if self.placement.state is PlacementState.CONFIRMED:
            self._apply(domain.start(self.placement, date(2026, 10, 1), now=LATER))
        else:
            with pytest.raises(Conflict):
                domain.start(self.placement, date(2026, 10, 1), now=LATER)

    @precondition(lambda self: self.placement.state not in domain.ACTIVE)
    @rule(outcome=st.sampled_from(get_args(PlacementOutcome)))
    def end_nothing(self, outcome: PlacementOutcome) -> None:
        with pytest.raises(Conflict):
            domain.end(self.placement, TODAY, outcome, now=LATER)

    @precondition(lambda self: self.placement.state in domain.ACTIVE)
    @rule()
    def end(self) -> None:
        self._apply(domain.end(self.placement, TODAY, "ended-by-company", now=LATER))

    @invariant()
    def confirmed_means_both(self) -> None:
        assert self.placement.revealed <= (len(self.yes) == 2)

    @invariant()
    def the_company_is_blind_before(self) -> None:
        seen = PlacementOut.for_company(self.placement).model_dump_json()
        assert (str(AMAL) in seen) == (len(self.yes) == 2 and self.placement.revealed)
        assert str(JONAS) not in seen
        assert "job-centre" not in seen


TestLife = Life.TestCase
