"""What calls for somebody to look, and what doesn't: absences, feedback that is missing, a placement broken off."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import get_args
from uuid import UUID

import pytest

from contracts.events.matching import PlacementOutcome
from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import OpportunityKind, PlacementId, Rater, StaffId
from services.referrals.attendance import domain
from services.referrals.attendance.domain import AttendanceRecorded, AttentionRaised, EarlyWarning, Entry
from tests.support.programmes import FAST_TRACK, NOW, SEAT, TODAY, absent, day, present

JONAS = StaffId(UUID(int=7))
RULE = "repeated-absence"
INTERNSHIP = PlacementId(UUID(int=8))


def watch(entries: Sequence[Entry], on: date, warnings: Sequence[EarlyWarning] = ()) -> list[AttentionRaised]:
    return domain.watch(SEAT, FAST_TRACK.early_warning, entries, warnings, on=on, responsible=JONAS, now=NOW)


def record(entry: Entry, before: Entry | None = None, *, ended: bool = False) -> list[AttendanceRecorded]:
    return domain.record(SEAT, entry, before, started_on=TODAY, ended=ended, placements={INTERNSHIP})


@pytest.mark.parametrize(("apart", "fires"), [(1, True), (13, True), (14, False), (30, False)])
def test_two_absences_count_within_fourteen_days_both_ends_included(apart: int, fires: bool) -> None:
    raised = watch([absent(0), absent(apart)], on=day(apart))
    assert bool(raised) is fires
    if fires:
        assert raised == [AttentionRaised(SEAT, RULE, JONAS, NOW)]


def test_one_absence_is_no_pattern() -> None:
    assert watch([absent(3), present(4)], on=day(3)) == []


def test_being_there_raises_nothing() -> None:
    assert watch([absent(0), absent(1), present(2)], on=day(2)) == []


def test_one_day_counts_once_however_many_missed_somebody() -> None:
    assert watch([absent(3), absent(3, by="harbour-hotel")], on=day(3)) == []


def test_course_and_company_count_together() -> None:
    assert watch([absent(3), absent(4, by="harbour-hotel")], on=day(4)) != []


def test_an_absence_entered_late_counts_with_those_after_it() -> None:
    late = absent(2, recorded_at=NOW + timedelta(days=9))
    assert watch([late, absent(8)], on=day(2)) != []


def test_an_open_warning_is_not_raised_again() -> None:
    open_one = EarlyWarning(RULE, NOW)
    assert watch([absent(0), absent(1), absent(2)], on=day(2), warnings=[open_one]) == []


def test_what_was_known_when_it_was_cleared_counts_no_more() -> None:
    cleared = EarlyWarning(RULE, NOW + timedelta(days=1), cleared_at=NOW + timedelta(days=1, hours=1))
    known = [absent(0), absent(1)]
    assert watch([*known, absent(2)], on=day(2), warnings=[cleared]) == []
    assert watch([*known, absent(2), absent(3)], on=day(3), warnings=[cleared]) != []


def test_only_an_open_warning_can_be_cleared() -> None:
    open_one = EarlyWarning(RULE, NOW)
    [event] = domain.clear(SEAT, RULE, [open_one], responsible=JONAS, now=NOW)
    assert event.rule == RULE
    for warnings in ([], [EarlyWarning(RULE, NOW, cleared_at=NOW)], [EarlyWarning("another", NOW)]):
        with pytest.raises(Conflict):
            domain.clear(SEAT, RULE, warnings, responsible=JONAS, now=NOW)


def test_the_same_again_changes_nothing_and_another_value_corrects() -> None:
    assert record(absent(0), before=absent(0)) == []
    [corrected] = record(present(0), before=absent(0))
    assert corrected.entry.present


def test_a_day_to_come_is_only_for_an_announced_absence() -> None:
    now = NOW
    assert record(absent(14, recorded_at=now)) != []
    with pytest.raises(Invalid):
        record(absent(15, recorded_at=now))
    with pytest.raises(Invalid):
        record(Entry(day(2), True, "adult-education", None, now))


def test_where_the_day_begins_first_it_has_begun() -> None:
    late_evening = NOW.replace(hour=23)
    assert record(Entry(day(1), True, "adult-education", None, late_evening)) != []


def test_a_day_before_the_journey_and_a_placement_of_nobody_are_refused() -> None:
    assert record(absent(-1)) != []
    with pytest.raises(Invalid):
        record(absent(-2))
    with pytest.raises(Invalid):
        record(Entry(TODAY, True, "adult-education", PlacementId(UUID(int=99)), NOW))
    assert record(Entry(TODAY, True, "adult-education", INTERNSHIP, NOW)) != []


def test_nothing_is_recorded_after_the_end() -> None:
    with pytest.raises(Conflict):
        record(absent(0), ended=True)


def test_feedback_is_missed_a_week_after_it_was_due_from_each_corner() -> None:
    due = domain.feedback_due(FAST_TRACK.early_warning, FAST_TRACK.stage("preparation"), NOW)
    assert [(rule.id, rater, (at - NOW).days) for rule, rater, at in due] == [
        ("missed-feedback", rater, 70 + 7) for rater in (Rater.COMPANY, Rater.COACH, Rater.PARTICIPANT)
    ]


def test_a_programme_without_the_rule_expects_nothing() -> None:
    assert domain.feedback_due((), FAST_TRACK.stage("preparation"), NOW) == []
    assert domain.broken_off((), OpportunityKind.JOB, "ended-by-company") == []


@pytest.mark.parametrize("kind", OpportunityKind)
@pytest.mark.parametrize("outcome", get_args(PlacementOutcome))
def test_a_placement_of_the_programme_that_is_broken_off_is_trouble(
    kind: OpportunityKind, outcome: PlacementOutcome
) -> None:
    rules = domain.broken_off(FAST_TRACK.early_warning, kind, outcome)
    trouble = kind in (OpportunityKind.INTERNSHIP, OpportunityKind.JOB) and outcome.startswith("ended-by")
    assert [rule.id for rule in rules] == (["placement-trouble"] if trouble else [])


def test_one_of_a_rule_is_open_at_a_time() -> None:
    open_one, dealt_with = EarlyWarning(RULE, NOW), EarlyWarning(RULE, NOW, NOW)
    for known, raised in (([], 1), ([open_one], 0), ([dealt_with], 1), ([dealt_with, open_one], 0)):
        assert len(domain.raise_attention(SEAT, RULE, known, responsible=JONAS, now=NOW)) == raised
    other = domain.raise_attention(SEAT, "placement-trouble", [open_one], responsible=JONAS, now=NOW)
    assert other == [AttentionRaised(SEAT, "placement-trouble", JONAS, NOW)]
