"""Notes: what a caseworker wants to remember of a talk, for as few readers as its author chose.

Nothing is ever overwritten: a correction is another version, and the earlier ones stay to be seen by those who could
see them when they were written. Pure: no I/O, no clock, no ids made here.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.refusal import Invalid
from contracts.vocabulary import AgencyId, ParticipantId, StaffId

LONGEST: Final = 8000
"""Characters: a long talk, written down well."""


class Level(StrEnum):
    """Who may read it, from the fewest to the most. What each word means is decided by `contracts/policy`."""

    OWN = "own"
    """The author, and the supervisors of the author's agency."""
    TEAM = "team"
    """Those of the author's agency who work on cases."""
    AGENCY = "agency"
    """All of the author's agency who work with people: coaches, too."""
    SHARED = "shared"
    """The responsible agency, and agencies that were granted the category `notes`."""


@dataclass(frozen=True, slots=True)
class Version:
    """The note as it was written at one time."""

    number: int
    text: str
    level: Level
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A note with all that it ever said, oldest first."""

    id: UUID
    participant: ParticipantId
    agency: AgencyId
    author: StaffId
    versions: tuple[Version, ...]

    @property
    def now(self) -> Version:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class NoteWritten:
    note: Note


@dataclass(frozen=True, slots=True)
class NoteCorrected:
    note: UUID
    version: Version


Event = NoteWritten | NoteCorrected


def write(note: Note) -> list[Event]:
    """Somebody wrote it down. Raises `Invalid` for an empty one."""
    _says_something(note.now.text)
    return [NoteWritten(note)]


def correct(note: Note, *, text: str | None, level: Level | None, now: datetime) -> list[Event]:
    """It should have said something else, or to others; None leaves a part as it is. Raises `Invalid`."""
    if text is None and level is None:
        raise Invalid("Nothing was given to correct.", way_out="Send `text`, `level` or both.")
    before = note.now
    after = Version(before.number + 1, before.text if text is None else text, level or before.level, now)
    _says_something(after.text)
    return [] if (after.text, after.level) == (before.text, before.level) else [NoteCorrected(note.id, after)]


def evolve(note: Note | None, event: Event) -> Note:
    """The state after the event. Raises ValueError for an event that can't follow."""
    match note, event:
        case None, NoteWritten():
            return event.note
        case Note(), NoteCorrected():
            return replace(note, versions=(*note.versions, event.version))
    raise ValueError(f"{type(event).__name__} can't follow here")


def _says_something(text: str) -> None:
    if not text.strip():
        raise Invalid(
            "A note says something.",
            way_out="Write a sentence. If the whole note was a mistake, correct it to say so.",
            field="text",
        )
