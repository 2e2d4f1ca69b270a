"""What others are told of a residence status: three answers, and how long they hold."""

from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import Allowed, ParticipantId
from contracts.work_rights import ResidenceFacts, answer
from services.intake.residence import domain
from services.intake.residence.domain import Told

NOW = datetime(2026, 9, 1, tzinfo=UTC)
AMAL = ParticipantId(UUID(int=1))
REFUGEE = ResidenceFacts(
    country="DE", status="recognised-refugee", since=date(2026, 3, 1), valid_until=date(2029, 2, 28)
)
APPLICANT = ResidenceFacts(
    country="DE",
    status="asylum-applicant",
    since=date(2026, 1, 15),
    applied_on=date(2026, 1, 20),
    in_reception_centre=False,
)


def test_a_refugee_may_work_until_the_document_ends() -> None:
    told = domain.to_tell(REFUGEE, date(2026, 9, 1))
    assert told == Told(Allowed.YES, Allowed.YES, Allowed.YES, date(2026, 3, 1), date(2029, 2, 28))


def test_the_end_of_a_course_claim_is_nobody_elses_business() -> None:
    before, after = date(2027, 3, 1), date(2027, 3, 2)
    assert answer(REFUGEE, before).integration_course is not answer(REFUGEE, after).integration_course
    assert domain.look_again(REFUGEE, before) == after
    assert domain.tell(AMAL, domain.to_tell(REFUGEE, before), domain.to_tell(REFUGEE, after), now=NOW) == []


def test_a_change_of_the_rights_is_said_on_its_day() -> None:
    waiting = domain.to_tell(APPLICANT, date(2026, 4, 15))
    assert (waiting.work, waiting.until) == (Allowed.NO, date(2026, 4, 15))
    allowed = domain.to_tell(APPLICANT, date(2026, 4, 16))
    [event] = domain.tell(AMAL, waiting, allowed, now=NOW)
    assert event.rights.work is Allowed.WITH_PERMISSION


def test_a_citizen_may_work_without_any_document() -> None:
    citizen = ResidenceFacts(country="DE", status="german-citizen", since=date(1990, 5, 5))
    told = domain.to_tell(citizen, date(2026, 9, 1))
    assert (told.work, told.until) == (Allowed.YES, None)


def test_without_a_recorded_status_the_answer_is_unknown_and_says_what_is_missing() -> None:
    rights = domain.rights_on(None, date(2026, 9, 1))
    assert (rights.work, rights.missing) == (Allowed.UNKNOWN, ("status",))


@given(st.sampled_from([REFUGEE, APPLICANT]), st.dates(date(2026, 1, 1), date(2031, 1, 1)))
def test_the_same_is_told_on_every_day_of_a_span(facts: ResidenceFacts, day: date) -> None:
    told = domain.to_tell(facts, day)
    assert told.since <= day
    assert told.until is None or day <= told.until
    for other in (told.since, told.until):
        if other is not None and other > date.min:
            assert domain.to_tell(facts, other) == told
