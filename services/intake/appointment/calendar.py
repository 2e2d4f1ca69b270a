"""Appointments as a calendar file (iCalendar, RFC 5545). Neutral: a calendar is read by phones and whoever holds them.

Times are in UTC, which every calendar shows in its owner's time zone. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from services.intake.appointment.domain import Appointment, State

MEDIA: Final = "text/calendar; charset=utf-8"
WIDEST: Final = 75
"""Bytes of a line; longer ones go on in the next after a blank."""
SUMMARY: Final = {"en": "Appointment", "de": "Termin", "ar": "موعد"}


def calendar(appointments: Iterable[Appointment], names: Mapping[UUID, str], *, language: str, now: datetime) -> str:
    """A file with these appointments; `names` say behind the summary whom each is about: a code, never a name."""
    word = SUMMARY.get(language, SUMMARY["en"])
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lotse//Appointments//EN", "CALSCALE:GREGORIAN"]
    for one in appointments:
        lines += _event(one, " ".join(filter(None, (word, names.get(one.id, "")))), now)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(one: Appointment, summary: str, now: datetime) -> list[str]:
    gone = one.state in (State.MOVED, State.CANCELLED)
    return [
        "BEGIN:VEVENT",
        f"UID:{one.id}@lotse",
        f"SEQUENCE:{one.version}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(one.terms.begins_at)}",
        f"DTEND:{_utc(one.terms.ends_at)}",
        f"SUMMARY:{_escaped(summary)}",
        *([f"LOCATION:{_escaped(one.terms.place)}"] if one.terms.place else []),
        f"STATUS:{'CANCELLED' if gone else 'CONFIRMED'}",
        "CLASS:PRIVATE",
        "END:VEVENT",
    ]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for letter in "\\;,":
        text = text.replace(letter, f"\\{letter}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> Iterator[str]:
    """No line is longer than 75 bytes, and no letter is cut in two."""
    part, room = "", WIDEST
    for letter in line:
        size = len(letter.encode())
        if size > room:
            yield part
            part, room = " ", WIDEST - 1
        part += letter
        room -= size
    yield part
