"""Cohorts, placements, feedback and follow-ups: the small rules around a journey."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import (
    CohortId,
    EnrolmentId,
    JourneyId,
    OpportunityKind,
    ParticipantId,
    PlacementId,
    Rater,
    StaffId,
)
from services.referrals.cohort import domain as cohorts
from services.referrals.cohort.domain import GRANT_ENDED, Admitted, Cohort, Enrolment, EnrolmentState, Refused
from services.referrals.feedback import domain as feedback
from services.referrals.feedback.domain import Feedback
from services.referrals.follow_up import domain as follow_ups
from services.referrals.follow_up.domain import FollowUp
from services.referrals.placements.domain import Placement, companies, of_company
from tests.support.programmes import FAST_TRACK, NOW, SEAT

BINDINGS = {
    "selects": "job-centre",
    "teaches": "adult-education",
    "coaches": "adult-education",
    "mentors-in-company": "harbour-hotel",
}
COHORT = Cohort(
    CohortId(UUID(int=3)), FAST_TRACK.ref, "Winter", date(2026, 4, 1), "adult-education", StaffId(UUID(int=4)), BINDINGS
)
ASKED = Enrolment(
    EnrolmentId(UUID(int=5)), COHORT.id, ParticipantId(UUID(int=2)), StaffId(UUID(int=7)), "job-centre", NOW
)


def answered(*, eligible: bool, lawful: bool = True, reasons: tuple[str, ...] = ()) -> Enrolment:
    events = cohorts.answer(
        ASKED,
        COHORT,
        reasons=reasons,
        eligible=eligible,
        leads_lawfully=lawful,
        journey=JourneyId(UUID(int=1)),
        now=NOW,
    )
    [event] = events
    assert isinstance(event, Admitted | Refused)
    return cohorts.evolve(ASKED, event)


def test_every_required_function_needs_an_agency() -> None:
    cohorts.bind(FAST_TRACK, BINDINGS)
    with pytest.raises(Invalid) as refused:
        cohorts.bind(FAST_TRACK, {"selects": "job-centre", "coaches": "adult-education"})
    assert refused.value.more["missing"] == ["teaches", "mentors-in-company"]
    with pytest.raises(Invalid) as refused:
        cohorts.bind(FAST_TRACK, {**BINDINGS, "cooks": "harbour-hotel"})
    assert refused.value.field is not None
    assert "cooks" not in refused.value.detail, "what was sent is not echoed"


def test_a_yes_gives_a_seat_on_the_cohorts_version_of_the_programme() -> None:
    enrolled = answered(eligible=True)
    assert (enrolled.state, enrolled.journey) == (EnrolmentState.ENROLLED, UUID(int=1))


def test_a_no_keeps_its_reasons_and_a_lost_right_is_one() -> None:
    assert answered(eligible=False, reasons=("too-young",)).reasons == ("too-young",)
    assert answered(eligible=True, lawful=False).reasons == (GRANT_ENDED,)
    assert answered(eligible=True, lawful=False).state is EnrolmentState.REFUSED


def test_an_enrolment_is_answered_once() -> None:
    again = cohorts.answer(
        answered(eligible=True),
        COHORT,
        reasons=(),
        eligible=False,
        leads_lawfully=True,
        journey=JourneyId(UUID(int=9)),
        now=NOW,
    )
    assert again == []


def test_a_place_is_asked_for_once_unless_it_was_refused() -> None:
    def ask(earlier: Sequence[Enrolment], *, lawful: bool = True) -> list[cohorts.Event]:
        return cohorts.request(ASKED, COHORT, leads_lawfully=lawful, earlier=earlier)

    assert ask([]) != []
    assert ask([answered(eligible=False)]) != []
    for earlier in (ASKED, answered(eligible=True)):
        with pytest.raises(Conflict):
            ask([earlier])
    with pytest.raises(Conflict) as refused:
        ask([], lawful=False)
    assert "adult-education" in refused.value.way_out


def a_placement(first: int | None, last: int | None = None, at: str = "harbour-hotel") -> Placement:
    def of(number: int | None) -> date | None:
        return date(2026, 3, number) if number else None

    return Placement(PlacementId(UUID(int=8)), OpportunityKind.INTERNSHIP, at, of(first), of(last))


@pytest.mark.parametrize(("number", "runs"), [(9, False), (10, True), (20, True), (21, False)])
def test_a_placement_runs_from_its_first_to_its_last_day(number: int, runs: bool) -> None:
    assert a_placement(10, 20).runs_on(date(2026, 3, number)) is runs


def test_a_placement_that_has_not_started_runs_on_no_day() -> None:
    waiting = a_placement(None)
    assert waiting.agreed
    assert not waiting.runs_on(date(2026, 3, 10))
    assert companies([waiting], date(2026, 3, 1), None) == frozenset()


def test_companies_before_and_after_a_journey_have_no_part_in_it() -> None:
    first, last = date(2026, 3, 5), date(2026, 3, 15)
    before, during, after = a_placement(1, 4, "before"), a_placement(4, 5, "during"), a_placement(16, None, "after")
    assert companies([before, during, after], first, last) == {"during"}
    assert companies([before, during, after], first, None) == {"during", "after"}


def test_a_company_records_days_of_its_own_placement_only() -> None:
    placement = a_placement(10, 20)
    assert of_company([placement], "harbour-hotel", date(2026, 3, 10), None) == placement.id
    for company, number, named in (
        ("harbour-hotel", 21, None),
        ("another", 10, None),
        ("harbour-hotel", 10, PlacementId(UUID(int=99))),
    ):
        with pytest.raises(Invalid):
            of_company([placement], company, date(2026, 3, number), named)


def test_each_corner_rates_a_stage_once_and_only_stages_that_began() -> None:
    said = Feedback("preparation", Rater.COMPANY, "harbour-hotel", {"guest service": 4}, "Well done.", NOW)
    [given] = feedback.give(
        SEAT, said, entered=("preparation",), earlier={("preparation", Rater.COACH, "adult-education")}
    )
    assert (given.rater, given.company) == (Rater.COMPANY, "harbour-hotel")
    with pytest.raises(Conflict):
        feedback.give(SEAT, said, entered=("preparation",), earlier={("preparation", Rater.COMPANY, said.agency)})
    with pytest.raises(Conflict):
        feedback.give(SEAT, said, entered=(), earlier=set())
    elsewhere = {("preparation", Rater.COMPANY, "city-laundry")}
    assert feedback.give(SEAT, said, entered=("preparation",), earlier=elsewhere), (
        "each company has a corner of its own"
    )


@pytest.mark.parametrize(
    ("end", "months", "due"),
    [
        ((2026, 11, 30), 3, (2027, 2, 28)),
        ((2027, 11, 30), 3, (2028, 2, 29)),
        ((2026, 10, 15), 3, (2027, 1, 15)),
        ((2026, 12, 31), 12, (2027, 12, 31)),
        ((2026, 8, 31), 24, (2028, 8, 31)),
    ],
)
def test_a_follow_up_is_due_on_the_same_day_of_a_later_month(
    end: tuple[int, int, int], months: int, due: tuple[int, int, int]
) -> None:
    assert follow_ups.months_after(datetime(*end, 10, tzinfo=UTC), months) == datetime(*due, 10, tzinfo=UTC)


def test_a_follow_up_is_recorded_once_and_not_before_its_time() -> None:
    planned = FollowUp(UUID(int=6), 3, NOW)
    with pytest.raises(Conflict):
        follow_ups.record(SEAT, planned, "looking", now=NOW - timedelta(seconds=1))
    [recorded] = follow_ups.record(SEAT, planned, "looking", now=NOW)
    assert (recorded.months, recorded.outcome) == (3, "looking")
    with pytest.raises(Conflict):
        follow_ups.record(SEAT, FollowUp(UUID(int=6), 3, NOW, outcome="looking"), "other-job", now=NOW)
