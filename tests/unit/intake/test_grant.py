"""Who may end or narrow a grant, and how long one lives that came with a placement."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce
from uuid import UUID, uuid4

import pytest

from contracts.refusal import Conflict, NotAllowed
from contracts.vocabulary import Basis, Category, GrantEnd, GrantId, ParticipantId, PlacementId
from services.intake.grant.domain import (
    By,
    Grant,
    GrantEnded,
    Recorded,
    TermShortened,
    began,
    end,
    evolve,
    narrow,
    placement_over,
)

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
BOTH = frozenset({Category.IDENTITY, Category.CONTACT})


def a_grant(basis: Basis = Basis.CONSENT, *, started_on: date | None = None) -> Grant:
    """Name and contact, for two years."""
    return Grant(
        id=GrantId(UUID(int=1)),
        participant=ParticipantId(uuid4()),
        recipient="harbour-hotel",
        categories=BOTH,
        basis=basis,
        purpose="placement:job",
        valid_from=NOW,
        valid_until=NOW + timedelta(days=730),
        recorded_by=None,
        recorded_how=Recorded.ACCEPTED_PROPOSAL,
        text_version="proposal-1",
        language="en",
        placement=PlacementId(uuid4()),
        started_on=started_on,
    )


@pytest.mark.parametrize(
    ("by", "basis", "why"),
    [
        (By.PARTICIPANT, Basis.CONSENT, GrantEnd.WITHDRAWN),
        (By.PARTICIPANT, Basis.STATUTORY_TASK, GrantEnd.OBJECTED),
        (By.PARTICIPANT, Basis.VITAL_INTEREST, GrantEnd.OBJECTED),
        (By.HOME_AGENCY, Basis.CONSENT, GrantEnd.WITHDRAWN),
        (By.HOME_AGENCY, Basis.CONSENT, GrantEnd.REVOKED),
        (By.HOME_AGENCY, Basis.STATUTORY_TASK, GrantEnd.OBJECTED),
        (By.HOME_AGENCY, Basis.CONTRACT, GrantEnd.REVOKED),
        (By.PLATFORM, Basis.CONTRACT, GrantEnd.EXPIRED),
    ],
)
def test_each_ends_what_is_theirs_to_end(by: By, basis: Basis, why: GrantEnd) -> None:
    [event] = end(a_grant(basis), why, by=by, now=NOW)
    assert isinstance(event, GrantEnded)
    assert event.why is why


@pytest.mark.parametrize("basis", list(Basis))
def test_a_participant_revokes_nothing(basis: Basis) -> None:
    with pytest.raises(NotAllowed) as refused:
        end(a_grant(basis), GrantEnd.REVOKED, by=By.PARTICIPANT, now=NOW)
    ways = {
        Basis.CONSENT: "It can end as: withdrawn.",
        Basis.STATUTORY_TASK: "It can end as: objected.",
        Basis.VITAL_INTEREST: "It can end as: objected.",
        Basis.CONTRACT: "Ask the responsible agency to end it.",
    }
    assert refused.value.way_out == ways[basis]


def test_consent_is_withdrawn_and_not_objected_to() -> None:
    with pytest.raises(Conflict) as refused:
        end(a_grant(), GrantEnd.OBJECTED, by=By.PARTICIPANT, now=NOW)
    assert refused.value.way_out == "It can end as: withdrawn."


def test_an_agency_does_not_pretend_that_time_was_up() -> None:
    with pytest.raises(NotAllowed):
        end(a_grant(), GrantEnd.EXPIRED, by=By.HOME_AGENCY, now=NOW)


def test_a_participant_narrows_consent_only() -> None:
    keep = frozenset({Category.IDENTITY})
    assert narrow(a_grant(), keep, by=By.PARTICIPANT, now=NOW)
    assert narrow(a_grant(Basis.STATUTORY_TASK), keep, by=By.HOME_AGENCY, now=NOW)
    with pytest.raises(NotAllowed) as refused:
        narrow(a_grant(Basis.STATUTORY_TASK), keep, by=By.PARTICIPANT, now=NOW)
    assert "objected" in refused.value.way_out


def test_what_never_began_is_closed_at_once() -> None:
    [event] = placement_over(a_grant(), date(2026, 12, 1), now=NOW)
    assert isinstance(event, GrantEnded)
    assert (event.why, event.categories) == (GrantEnd.EXPIRED, BOTH)


def test_after_the_last_day_a_company_sees_whom_it_had_for_thirty_days() -> None:
    grant = reduce(evolve, began(a_grant(), date(2026, 11, 1)), a_grant())
    [event] = placement_over(grant, date(2026, 11, 30), now=NOW)
    assert isinstance(event, TermShortened)
    after = evolve(grant, event)
    assert (after.valid_until, after.ended) == (datetime(2026, 12, 31, tzinfo=UTC), None)


def test_a_last_day_that_is_told_late_closes_at_once() -> None:
    [event] = placement_over(a_grant(started_on=date(2026, 1, 1)), date(2026, 10, 1), now=NOW)
    assert isinstance(event, GrantEnded)


@pytest.mark.parametrize("last_day", [date(2028, 11, 20), date(9999, 12, 31)])
def test_a_term_never_becomes_longer(last_day: date) -> None:
    assert placement_over(a_grant(started_on=date(2026, 11, 1)), last_day, now=NOW) == []


def test_what_is_over_stays_as_it_ended() -> None:
    over = reduce(evolve, end(a_grant(), GrantEnd.WITHDRAWN, by=By.PARTICIPANT, now=NOW), a_grant())
    assert began(over, date(2026, 12, 1)) == placement_over(over, date(2026, 12, 1), now=NOW) == []
