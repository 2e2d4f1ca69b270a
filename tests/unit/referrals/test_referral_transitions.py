"""A referral obeys the table, all of the table and nothing but the table."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.refusal import Refused
from contracts.transitions import REFERRAL, Action, Party, ReasonCode, ReferralStatus
from services.referrals.referral import domain
from services.referrals.referral.domain import UNDER_WAY
from services.referrals.referral.events import SupportClosed, SupportOpened
from services.referrals.referral.refusals import AlreadyClaimed, Missing, NotPossible, NotYourSide
from tests.support.referrals import NOW, STEP, a_draft, a_referral, after, an_act

ROWS = [
    (status, action, party)
    for (status, action), row in REFERRAL.items()
    for party in sorted(row.parties)
    if action is not Action.CLAIM  # of its own: only an open referral is claimed
]
NO_ROWS = [(status, action) for status in ReferralStatus for action in Action if (status, action) not in REFERRAL]
WRONG_SIDES = [
    (status, action, party) for (status, action), row in REFERRAL.items() for party in Party if party not in row.parties
]


@pytest.mark.parametrize(("status", "action", "party"), ROWS)
def test_each_row_leads_where_the_table_says(status: ReferralStatus, action: Action, party: Party) -> None:
    before = a_referral(status)
    assert before.status is status
    assert after(before, an_act(action, party)).status is REFERRAL[status, action].to


@pytest.mark.parametrize(("status", "action", "party"), ROWS)
def test_each_field_that_a_row_asks_for_is_missed(status: ReferralStatus, action: Action, party: Party) -> None:
    for field in REFERRAL[status, action].required:
        with pytest.raises(Missing) as refused:
            domain.decide(a_referral(status), an_act(action, party, without=frozenset({field})), now=NOW)
        assert [error["field"] for error in _errors(refused.value)] == [field]


@pytest.mark.parametrize(("status", "action"), NO_ROWS)
@pytest.mark.parametrize("party", list(Party))
def test_what_is_not_in_the_table_is_not_possible(status: ReferralStatus, action: Action, party: Party) -> None:
    with pytest.raises((NotPossible, AlreadyClaimed)):
        domain.decide(a_referral(status), an_act(action, party), now=NOW)


@pytest.mark.parametrize(("status", "action", "party"), WRONG_SIDES)
def test_the_other_side_may_not_do_it(status: ReferralStatus, action: Action, party: Party) -> None:
    with pytest.raises(NotYourSide):
        domain.decide(a_referral(status), an_act(action, party), now=NOW)


def test_a_refusal_names_what_is_possible_instead() -> None:
    with pytest.raises(NotPossible) as refused:
        domain.decide(a_referral(ReferralStatus.REQUESTED), an_act(Action.START, Party.RECEIVER), now=NOW)
    assert "accept" in refused.value.way_out
    assert "reject" in refused.value.way_out
    assert "cancel" not in refused.value.way_out, "that is the sender's"


def test_an_open_referral_is_claimed_once_and_before_anything_else() -> None:
    waiting = after(a_draft(receiver=None), an_act(Action.SEND, Party.SENDER))
    assert domain.actions(waiting, Party.RECEIVER) == (Action.CLAIM,)
    with pytest.raises(NotPossible):
        domain.decide(waiting, an_act(Action.ACCEPT, Party.RECEIVER), now=NOW)
    claimed = after(waiting, an_act(Action.CLAIM, Party.RECEIVER))
    assert claimed.receiver == "family-advice"
    with pytest.raises(AlreadyClaimed):
        domain.decide(claimed, an_act(Action.CLAIM, Party.RECEIVER, by="migration-advice"), now=NOW)


def test_it_is_received_once() -> None:
    received = after(a_referral(ReferralStatus.REQUESTED), an_act(Action.RECEIVE, Party.RECEIVER))
    assert received.received_at == NOW
    with pytest.raises(NotPossible):
        domain.decide(received, an_act(Action.RECEIVE, Party.RECEIVER), now=NOW)


@pytest.mark.parametrize("ending", [Action.COMPLETE, Action.FAIL, Action.CANCEL])
def test_a_support_step_is_open_from_acceptance_to_the_end(ending: Action) -> None:
    requested = a_referral(ReferralStatus.REQUESTED)
    [_, opened] = domain.decide(requested, an_act(Action.ACCEPT, Party.RECEIVER), now=NOW)
    assert opened == SupportOpened(STEP, requested.participant, NOW)
    [_, closed] = domain.decide(a_referral(ReferralStatus.ACCEPTED), an_act(ending, Party.RECEIVER), now=NOW)
    assert closed == SupportClosed(STEP, requested.participant, NOW)


def test_the_end_of_the_grant_cancels_what_nobody_has_accepted() -> None:
    requested = a_referral(ReferralStatus.REQUESTED)
    for event in domain.grant_ended(requested, now=NOW):
        requested = domain.evolve(requested, event)
    assert (requested.status, requested.reason_code) == (ReferralStatus.CANCELLED, ReasonCode.GRANT_ENDED)
    assert not requested.shared


@pytest.mark.parametrize("status", sorted(UNDER_WAY))
def test_the_end_of_the_grant_stops_the_sharing_and_not_the_help(status: ReferralStatus) -> None:
    running = a_referral(status)
    [event] = domain.grant_ended(running, now=NOW)
    stopped = domain.evolve(running, event)
    assert (stopped.status, stopped.shared) == (status, False)
    assert domain.grant_ended(stopped, now=NOW) == [], "said once"


def test_it_is_overdue_once_and_never_on_hold() -> None:
    late = NOW + timedelta(days=8)
    waiting = a_referral(ReferralStatus.ACCEPTED)
    assert domain.become_overdue(waiting, now=NOW) == []
    [event] = domain.become_overdue(waiting, now=late)
    assert domain.become_overdue(domain.evolve(waiting, event), now=late) == []
    assert domain.become_overdue(a_referral(ReferralStatus.ON_HOLD), now=late) == []
    assert domain.become_overdue(a_referral(ReferralStatus.IN_PROGRESS), now=late) == []


class AnyLife(RuleBasedStateMachine):
    """Whatever the two sides, the clock and the grant do in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.referral = a_draft()
        self.now = NOW
        self.steps: list[str] = []

    @rule(
        action=st.sampled_from(Action),
        party=st.sampled_from(Party),
        without=st.sets(st.sampled_from(["reason_code", "reason_text", "outcome"])),
        hours=st.integers(0, 72),
    )
    def somebody_acts(self, action: Action, party: Party, without: set[str], hours: int) -> None:
        self.now += timedelta(hours=hours)
        before = self.referral
        try:
            events = domain.decide(before, an_act(action, party, without=frozenset(without)), now=self.now)
        except Refused:
            assert action not in domain.actions(before, party) or REFERRAL[before.status, action].required & without
            return
        row = REFERRAL[before.status, action]
        assert party in row.parties
        assert not row.required & without
        self._go(events)
        assert self.referral.status is row.to

    @rule()
    def the_grant_ends(self) -> None:
        self._go(domain.grant_ended(self.referral, now=self.now))

    @rule()
    def time_is_up(self) -> None:
        self._go(domain.become_overdue(self.referral, now=self.now))

    def _go(self, events: list[Any]) -> None:
        for event in events:
            self.steps += [type(event).__name__] if isinstance(event, SupportOpened | SupportClosed) else []
            self.referral = domain.evolve(self.referral, event)

    @invariant()
    def support_is_open_exactly_while_help_is_under_way(self) -> None:
        assert (self.referral.support_step is not None) == (self.referral.status in UNDER_WAY)
        assert self.steps in ([], ["SupportOpened"], ["SupportOpened", "SupportClosed"])

    @invariant()
    def nothing_is_expected_of_what_has_ended(self) -> None:
        if self.referral.clock and self.referral.status not in {*UNDER_WAY, ReferralStatus.REQUESTED}:
            assert self.referral.clock.stopped


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)


def _errors(refused: Refused) -> list[dict[str, str]]:
    errors: Any = refused.more["errors"]
    return list(errors)
