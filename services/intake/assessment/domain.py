"""Barriers: needs that stand between a person and work, by domain and severity; open until somebody says otherwise.

The note says in words what only those may read who may see the domain. Pure: no I/O, no clock, no ids made here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.refusal import Invalid
from contracts.vocabulary import NeedDomain, ParticipantId


class Severity(StrEnum):
    """How much it blocks: `high` stops the way into work, `low` slows it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Barrier:
    """One need; `version` counts its changes."""

    id: UUID
    participant: ParticipantId
    domain: NeedDomain
    severity: Severity
    note: str
    recorded_at: datetime
    open: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class BarrierRecorded:
    barrier: Barrier
    at: datetime


@dataclass(frozen=True, slots=True)
class BarrierChanged:
    barrier: UUID
    severity: Severity
    open: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class BarriersUpdated:
    """What others learn: all barriers of the person as they are now."""

    participant: ParticipantId
    barriers: tuple[Barrier, ...]
    at: datetime


Event = BarrierRecorded | BarrierChanged


def record(barrier: Barrier) -> list[Event]:
    """A need was found."""
    return [BarrierRecorded(barrier, barrier.recorded_at)]


def change(barrier: Barrier, *, severity: Severity | None, is_open: bool | None, now: datetime) -> list[Event]:
    """It weighs more or less, is over, or is back; None leaves a part as it is. Raises `Invalid` if all is None."""
    if severity is None and is_open is None:
        raise Invalid("Nothing was given to change.", way_out="Send `severity`, `open` or both.")
    event = BarrierChanged(barrier.id, severity or barrier.severity, barrier.open if is_open is None else is_open, now)
    return [] if (event.severity, event.open) == (barrier.severity, barrier.open) else [event]


def evolve(barrier: Barrier | None, event: Event) -> Barrier:
    """The state after the event. Raises ValueError for an event that can't follow."""
    match barrier, event:
        case None, BarrierRecorded():
            return event.barrier
        case Barrier(), BarrierChanged():
            return replace(barrier, severity=event.severity, open=event.open, version=barrier.version + 1)
    raise ValueError(f"{type(event).__name__} can't follow here")


def whole_state(participant: ParticipantId, barriers: Sequence[Barrier], *, now: datetime) -> BarriersUpdated:
    """All barriers of the person, in the order in which they were found."""
    ordered = sorted(barriers, key=lambda one: (one.recorded_at, one.id))
    return BarriersUpdated(participant, tuple(ordered), now)
