"""Opening a record in an emergency: little, briefly, with a reason, and never the own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from contracts.refusal import Invalid
from contracts.vocabulary import Basis, Category, GrantEnd, GrantId, ParticipantId, StaffId
from services.intake.grant import domain
from services.intake.grant.domain import BreakGlass, By, GlassBroken, GrantGiven

NOW = datetime(2026, 5, 4, 3, tzinfo=UTC)
COMMAND = BreakGlass(
    id=GrantId(uuid4()),
    participant=ParticipantId(uuid4()),
    by="family-advice",
    staff=StaffId(uuid4()),
    categories=frozenset({Category.IDENTITY, Category.CONTACT}),
    reason="Found unconscious at the station; whom to call?",
    hours=4,
    language="en",
)


def test_it_is_a_vital_interest_and_ends_by_itself() -> None:
    given, broken = domain.break_glass(COMMAND, home="job-centre", now=NOW)
    assert isinstance(given, GrantGiven)
    assert isinstance(broken, GlassBroken)
    assert given.grant.basis is Basis.VITAL_INTEREST
    assert given.grant.valid_until == broken.valid_until == NOW + timedelta(hours=4)
    assert domain.end(given.grant, GrantEnd.REVOKED, by=By.HOME_AGENCY, now=NOW), "the owner may end it at once"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(COMMAND, by="job-centre"),
        replace(COMMAND, categories=frozenset({Category.IDENTITY, Category.PROFILE})),
        replace(COMMAND, categories=frozenset()),
        replace(COMMAND, reason="urgent"),
        replace(COMMAND, hours=25),
        replace(COMMAND, hours=0),
    ],
)
def test_what_it_is_not_for(wrong: BreakGlass) -> None:
    with pytest.raises(Invalid):
        domain.break_glass(wrong, home="job-centre", now=NOW)
