"""What others are told of a residence status: three answers, and how long they hold."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusal import Invalid, NotFound
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
    assert domain.look_again(REFUGEE, date(2026, 9, 1)) == date(2027, 1, 19), "six weeks before"
    assert domain.to_announce(REFUGEE, date(2027, 1, 18)) is None
    assert domain.to_announce(REFUGEE, date(2027, 1, 19)) == after
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


FIRST_YEAR = ResidenceFacts(
    country="DE", status="asylum-applicant", since=date(2023, 2, 1), applied_on=date(2023, 2, 10)
)
TOLERATED = ResidenceFacts(country="DE", status="toleration", since=date(2024, 2, 1), in_reception_centre=False)


def test_a_status_that_follows_without_a_gap_inherits_the_stay() -> None:
    alone = answer(TOLERATED, date(2024, 2, 1))
    one_day_before = FIRST_YEAR.model_copy(update={"ended_on": date(2024, 1, 31)})
    after_a_gap = FIRST_YEAR.model_copy(update={"ended_on": date(2024, 1, 30)})
    assert (alone.work, alone.missing) == (Allowed.UNKNOWN, ("stay_since",))
    assert domain.rights_on((one_day_before, TOLERATED), date(2024, 2, 1)).work is Allowed.WITH_PERMISSION
    assert domain.rights_on((after_a_gap, TOLERATED), date(2024, 2, 1)).work is Allowed.UNKNOWN


def test_the_status_of_a_day_is_the_last_that_began_and_none_in_a_gap() -> None:
    history = (FIRST_YEAR.model_copy(update={"ended_on": date(2023, 12, 31)}), TOLERATED)
    assert domain.status_on(history, date(2023, 1, 31)) is None
    assert domain.status_on(history, date(2023, 12, 31)) == "asylum-applicant"
    assert domain.status_on(history, date(2024, 1, 1)) is None
    assert domain.status_on(history, date(2024, 2, 1)) == "toleration"


def test_a_new_status_begins_after_the_one_before() -> None:
    assert domain.followed((FIRST_YEAR,), TOLERATED) == (FIRST_YEAR, TOLERATED)
    with pytest.raises(Invalid):
        domain.followed((TOLERATED,), FIRST_YEAR)
    with pytest.raises(Invalid):
        domain.corrected((FIRST_YEAR, TOLERATED), TOLERATED.model_copy(update={"since": date(2023, 1, 1)}))
    with pytest.raises(NotFound):
        domain.without((FIRST_YEAR,), date(2020, 1, 1))


def test_what_is_told_ahead_is_a_change_of_an_answer_and_no_new_paragraph() -> None:
    assert domain.next_change((REFUGEE,), date(2026, 9, 1)) == date(2027, 3, 2), "the claim to a course ends"
    assert domain.next_change((REFUGEE,), date(2027, 3, 2)) == date(2029, 3, 1), "the document ends"
    assert domain.next_change((), date(2026, 9, 1)) is None
