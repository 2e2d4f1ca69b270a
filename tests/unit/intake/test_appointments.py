"""Appointments: what may follow what, when it is reminded of, and the file that calendars read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest

from contracts.refusal import Conflict
from contracts.vocabulary import ParticipantId, StaffId
from services.intake.appointment import domain
from services.intake.appointment.calendar import calendar
from services.intake.appointment.domain import Appointment, Kind, State, Terms

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEGINS = NOW + timedelta(days=3)


def an_appointment(begins: datetime = BEGINS, state: State = State.PLANNED) -> Appointment:
    terms = Terms(begins, 45, Kind.MEETING, "Harbour Street 3", "bring the permit")
    return Appointment(UUID(int=7), ParticipantId(uuid4()), "job-centre", StaffId(uuid4()), terms, state)


@pytest.mark.parametrize("outcome", [State.CAME, State.DID_NOT_COME])
def test_who_came_is_said_once_it_has_begun_and_can_be_put_right(outcome: State) -> None:
    planned = an_appointment()
    with pytest.raises(Conflict, match="not begun"):
        domain.decide(planned, outcome, NOW)
    done = domain.decide(planned, outcome, BEGINS)
    assert (done.state, done.version) == (outcome, 2)
    other = State.CAME if outcome is State.DID_NOT_COME else State.DID_NOT_COME
    assert domain.decide(done, other, BEGINS).state is other
    with pytest.raises(Conflict):
        domain.decide(done, State.CANCELLED, BEGINS)
    with pytest.raises(Conflict):
        domain.move(done, uuid4(), done.terms)


@pytest.mark.parametrize("state", [State.MOVED, State.CANCELLED])
def test_what_was_called_off_stays_so(state: State) -> None:
    gone = an_appointment(state=state)
    with pytest.raises(Conflict):
        domain.decide(gone, State.CAME, BEGINS)
    with pytest.raises(Conflict):
        domain.move(gone, uuid4(), gone.terms)


def test_a_moved_one_leads_to_the_new_one() -> None:
    planned, to = an_appointment(), uuid4()
    terms = replace(planned.terms, begins_at=BEGINS + timedelta(days=1))
    before, after = domain.move(planned, to, terms)
    assert (before.state, before.moved_to, before.terms) == (State.MOVED, to, planned.terms)
    assert (after.id, after.state, after.terms, after.version) == (to, State.PLANNED, terms, 1)


def test_both_sides_are_reminded_the_day_before_unless_it_is_nearer() -> None:
    assert domain.remind_at(an_appointment(), NOW) == BEGINS - timedelta(days=1)
    assert domain.remind_at(an_appointment(NOW + timedelta(hours=5)), NOW) is None
    assert domain.remind_at(an_appointment(state=State.CANCELLED), NOW) is None


def test_nobody_is_reminded_of_what_was_called_off_or_is_over() -> None:
    assert len(domain.near(an_appointment(), NOW)) == 1
    assert domain.near(an_appointment(state=State.MOVED), NOW) == []
    assert domain.near(an_appointment(NOW - timedelta(days=1)), NOW) == [], "the worker stood still for days"


def lines_of(text: str) -> list[str]:
    """A calendar's lines, put together again as a reader does (RFC 5545, 3.1)."""
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_a_calendar_can_be_read_and_names_nobody() -> None:
    berlin = timezone(timedelta(hours=1))
    one = an_appointment(BEGINS.astimezone(berlin))
    lines = lines_of(calendar([one], {one.id: "P-7KQ2-M4XH"}, language="de", now=NOW))
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    for expected in (
        "VERSION:2.0",
        "UID:00000000-0000-0000-0000-000000000007@lotse",
        "DTSTAMP:20260302T090000Z",
        "DTSTART:20260305T090000Z",
        "DTEND:20260305T094500Z",
        "SUMMARY:Termin P-7KQ2-M4XH",
        "STATUS:CONFIRMED",
    ):
        assert expected in lines
    assert "permit" not in "".join(lines), "what to bring stays in the record"


@pytest.mark.parametrize("state", [State.MOVED, State.CANCELLED])
def test_what_was_called_off_leaves_the_calendar(state: State) -> None:
    assert "STATUS:CANCELLED" in calendar([an_appointment(state=state)], {}, language="en", now=NOW)


def test_long_places_and_other_scripts_fit_into_lines() -> None:
    place = "شارع الميناء، الطابق الثالث; room 12, ring \\ twice\r\nBEGIN:VEVENT\n" * 3
    one = an_appointment()
    text = calendar([replace(one, terms=replace(one.terms, place=place))], {}, language="ar", now=NOW)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.count("\r\nBEGIN:VEVENT\r\n") == 1, "no place can smuggle in an event"
    [location] = [line for line in lines_of(text) if line.startswith("LOCATION:")]
    read = location.removeprefix("LOCATION:").replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";")
    assert read.replace("\\\\", "\\") == place.replace("\r\n", "\n")
