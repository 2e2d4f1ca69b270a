"""How long an answer may take: working days of the region, and a clock that stands still on hold."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.transitions import Action, Party, ReferralStatus
from services.referrals.referral.sla import SlaClock
from services.referrals.referral.working_days import WorkingDays
from tests.support.referrals import NOW, a_referral, after, an_act

BERLIN = ZoneInfo("Europe/Berlin")
GERMANY = WorkingDays.of_germany(None, "Europe/Berlin")


def last_day(sent: datetime, days: int, calendar: WorkingDays = GERMANY) -> date:
    """The last day on which an answer is in time."""
    end = calendar.end_after(sent, days).astimezone(BERLIN)
    assert (end.hour, end.minute) == (0, 0), "a day counts to its end"
    return end.date() - timedelta(days=1)


def in_berlin(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BERLIN).astimezone(UTC)


def test_a_week_without_holidays_has_five_working_days() -> None:
    assert last_day(in_berlin(2026, 3, 2), 5) == date(2026, 3, 9)


def test_easter_2026_takes_friday_and_monday() -> None:
    assert last_day(in_berlin(2026, 4, 1), 5) == date(2026, 4, 10), "Wednesday; Good Friday 3 April, Easter Monday 6"
    assert last_day(in_berlin(2026, 4, 2), 1) == date(2026, 4, 7), "Maundy Thursday to the Tuesday after Easter"


def test_christmas_and_new_year_are_crossed() -> None:
    assert last_day(in_berlin(2026, 12, 23), 5) == date(2026, 12, 31), "25 and 26 December are closed, the 24th is not"
    assert last_day(in_berlin(2026, 12, 28), 5) == date(2027, 1, 5), "29, 30, 31 December, 4 and 5 January"
    assert last_day(in_berlin(2026, 12, 31), 1) == date(2027, 1, 4), "Thursday; Friday is New Year's Day"


def test_a_state_has_holidays_of_its_own() -> None:
    bavaria = WorkingDays.of_germany("BY", "Europe/Berlin")
    assert last_day(in_berlin(2026, 1, 5), 1) == date(2026, 1, 6)
    assert last_day(in_berlin(2026, 1, 5), 1, bavaria) == date(2026, 1, 7), "Epiphany"


def test_the_day_is_the_regions_and_not_that_of_utc() -> None:
    just_after_midnight = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert last_day(just_after_midnight, 1) == date(2026, 3, 4), "in Berlin it is Tuesday already"


def test_summer_time_begins_within_the_limit() -> None:
    end = GERMANY.end_after(in_berlin(2026, 3, 27), 1)
    assert end == datetime(2026, 3, 30, 22, tzinfo=UTC), "midnight of summer time"


def test_weekends_do_not_count() -> None:
    assert last_day(in_berlin(2026, 3, 7), 1) == date(2026, 3, 9), "sent on a Saturday"


def test_a_pause_moves_the_moment_by_its_length() -> None:
    clock = SlaClock(NOW + timedelta(days=7))
    paused = clock.pause(NOW + timedelta(days=2))
    assert not paused.runs
    assert paused.pause(NOW + timedelta(days=3)) == paused, "a second pause does not shorten the first"
    resumed = paused.resume(NOW + timedelta(days=12))
    assert (resumed.runs, resumed.due_at) == (True, NOW + timedelta(days=17))


def test_resuming_what_runs_changes_nothing() -> None:
    clock = SlaClock(NOW)
    assert clock.resume(NOW + timedelta(days=1)) == clock


def test_a_stopped_clock_neither_pauses_nor_runs() -> None:
    stopped = SlaClock(NOW).stop()
    assert not stopped.runs
    assert stopped.pause(NOW) == stopped


def test_the_referral_pauses_on_hold_and_first_contact_stops_its_clock() -> None:
    accepted = a_referral(ReferralStatus.ACCEPTED)
    assert accepted.clock
    held = after(accepted, an_act(Action.HOLD, Party.RECEIVER), NOW + timedelta(days=1))
    assert held.clock
    assert not held.clock.runs
    going_on = after(held, an_act(Action.RESUME, Party.RECEIVER), NOW + timedelta(days=4))
    assert going_on.clock == SlaClock(accepted.clock.due_at + timedelta(days=3))
    started = after(accepted, an_act(Action.START, Party.RECEIVER))
    assert started.clock
    assert started.clock.stopped


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(KeyError):
        WorkingDays.of_germany(None, "Europe/Nowhere")
