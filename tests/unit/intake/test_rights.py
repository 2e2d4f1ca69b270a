"""A request about the own data: terms, who may be answered, and what each answer needs."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import GrantId, ParticipantId, RightDecision, RightKind, StaffId
from services.intake.rights import domain
from services.intake.rights.domain import CheckedBy, Decide, How, Reason, Request, State

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
JONAS = StaffId(UUID(int=1))


def asked(kind: RightKind = RightKind.ERASURE, *, checked: bool = True, **more: object) -> Request:
    values: dict[str, object] = {
        "id": uuid4(),
        "participant": ParticipantId(uuid4()),
        "agency": "job-centre",
        "kind": kind,
        "how": How.ONLINE,
        "filed_at": NOW,
        "recorded_by": None,
        "words": "",
        "due_at": domain.months_after(NOW, 1),
        "checked": CheckedBy.OWN_LOGIN if checked else None,
        **more,
    }
    return Request(**values)  # type: ignore[arg-type]


def after(request: Request, *events: domain.Event) -> Request:
    for event in events:
        request = domain.evolve(request, event)
    return request


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (datetime(2026, 1, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2028, 1, 31, tzinfo=UTC), 1, datetime(2028, 2, 29, tzinfo=UTC)),
        (datetime(2026, 12, 15, tzinfo=UTC), 1, datetime(2027, 1, 15, tzinfo=UTC)),
        (datetime(2026, 11, 30, tzinfo=UTC), 3, datetime(2027, 2, 28, tzinfo=UTC)),
    ],
)
def test_a_month_is_a_month_of_the_calendar(day: datetime, months: int, then: datetime) -> None:
    assert domain.months_after(day, months) == then


def test_nothing_is_granted_to_somebody_unknown_but_it_can_be_refused_for_that() -> None:
    with pytest.raises(Conflict, match="certain"):
        domain.decide(asked(checked=False), Decide(RightDecision.GRANTED, JONAS), now=NOW)
    refusal = Decide(RightDecision.REFUSED, JONAS, "Please come by.", Reason.IDENTITY_NOT_PROVED)
    assert after(asked(checked=False), *domain.decide(asked(checked=False), refusal, now=NOW)).state is State.REFUSED


def test_a_refusal_says_why_in_words() -> None:
    for wrong in (
        Decide(RightDecision.REFUSED, JONAS),
        Decide(RightDecision.REFUSED, JONAS, "No."),
        Decide(RightDecision.REFUSED, JONAS, reason=Reason.UNFOUNDED),
    ):
        with pytest.raises(Invalid):
            domain.decide(asked(), wrong, now=NOW)


def test_an_erasure_is_put_off_for_a_norm_and_until_a_day_and_nothing_else_is() -> None:
    until = NOW + timedelta(days=900)
    good = Decide(RightDecision.RESTRICTED, JONAS, "", Reason.DUTY_TO_KEEP, "SGB X § 84", until)
    assert after(asked(), *domain.decide(asked(), good, now=NOW)).state is State.RESTRICTED
    with pytest.raises(Invalid):
        domain.decide(asked(RightKind.ACCESS), good, now=NOW)
    for wrong in (
        Decide(RightDecision.RESTRICTED, JONAS, "", Reason.UNFOUNDED, "SGB X § 84", until),
        Decide(RightDecision.RESTRICTED, JONAS, "", Reason.DUTY_TO_KEEP, None, until),
        Decide(RightDecision.RESTRICTED, JONAS, "", Reason.DUTY_TO_KEEP, "SGB X § 84", NOW),
        Decide(RightDecision.RESTRICTED, JONAS, "", Reason.DUTY_TO_KEEP, "SGB X § 84", NOW + timedelta(days=4000)),
    ):
        with pytest.raises(Invalid):
            domain.decide(asked(), wrong, now=NOW)


def test_it_takes_longer_only_if_the_person_is_told_within_the_first_month() -> None:
    longer = after(asked(), *domain.extend(asked(), "Four agencies", 2, now=NOW))
    assert longer.due_at == domain.months_after(NOW, 3)
    with pytest.raises(Conflict):
        domain.extend(asked(), "Too late", 2, now=NOW + timedelta(days=40))


def test_what_was_answered_is_not_answered_again_nor_taken_back() -> None:
    granted = after(asked(), *domain.decide(asked(), Decide(RightDecision.GRANTED, JONAS), now=NOW))
    assert granted.state is State.GRANTED
    with pytest.raises(Conflict):
        domain.decide(granted, Decide(RightDecision.GRANTED, JONAS), now=NOW)
    with pytest.raises(Conflict):
        domain.take_back(granted, now=NOW)
    done = after(granted, *domain.carry_out(granted, {"participant": 4}, now=NOW))
    assert (done.state, done.proof) == (State.DONE, {"participant": 4})


def test_an_objection_names_what_it_is_against_and_a_correction_what_is_wrong() -> None:
    with pytest.raises(Invalid):
        domain.file(asked(RightKind.OBJECTION))
    with pytest.raises(Invalid):
        domain.file(asked(RightKind.ERASURE, grant=GrantId(uuid4())))
    with pytest.raises(Invalid):
        domain.file(asked(RightKind.RECTIFICATION))
    domain.file(asked(RightKind.RECTIFICATION, words="1993, not 1994"))


def test_an_event_that_cannot_follow_is_a_fault() -> None:
    with pytest.raises(ValueError, match="follow"):
        domain.evolve(None, domain.TakenBack(uuid4(), NOW))
