"""Present or absent on a day, as one agency saw it, and the rules that call somebody to look. Pure.

A warning is raised once and stays until a human has dealt with it; what that human knew of counts no more. Nothing here
decides about the person: a rule only asks for attention.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

from contracts.events.matching import PlacementOutcome
from contracts.programmes.parts import Absences, EarlyWarningRule, MissedFeedback, PlacementTrouble
from contracts.programmes.template import Stage
from contracts.refusal import Conflict, Invalid
from contracts.seat import Seat
from contracts.vocabulary import AgencyId, OpportunityKind, PlacementId, Rater, StaffId

FIRST_ZONE: Final = timezone(timedelta(hours=14))
"""Where a day begins first: a day that has begun nowhere is in the future."""
BEFORE_ITS_TIME: Final[frozenset[PlacementOutcome]] = frozenset({"ended-by-company", "ended-by-participant"})
"""How a placement ends that was broken off."""
ANNOUNCED: Final = timedelta(days=14)
"""How far ahead an absence can be recorded, e.g. with a doctor's note for the coming days."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one agency saw on one day."""

    on: date
    present: bool
    recorded_by: AgencyId
    placement: PlacementId | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """A rule that fired."""

    rule: str
    raised_at: datetime
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AttendanceRecorded:
    seat: Seat
    entry: Entry

    @property
    def at(self) -> datetime:
        return self.entry.recorded_at


@dataclass(frozen=True, slots=True)
class AttentionRaised:
    seat: Seat
    rule: str
    responsible: StaffId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class AttentionCleared:
    seat: Seat
    rule: str
    responsible: StaffId | None
    at: datetime


Event = AttendanceRecorded | AttentionRaised | AttentionCleared


def record(
    seat: Seat,
    entry: Entry,
    before: Entry | None,
    *,
    started_on: date,
    ended: bool,
    placements: Collection[PlacementId],
) -> list[AttendanceRecorded]:
    """An agency saw somebody, or missed somebody.

    `before` is what it recorded for that day already: the same again changes nothing, another value corrects it.
    `started_on` and `ended` tell of the journey, `placements` are the participant's. Raises `Conflict` after the end,
    `Invalid` for a day or a placement that can't be.
    """
    if ended:
        raise Conflict("This journey has ended.", way_out="Nothing is recorded after the end.")
    latest = entry.recorded_at.astimezone(FIRST_ZONE).date() + (timedelta(0) if entry.present else ANNOUNCED)
    if entry.on > latest:
        raise Invalid(
            "This day is still to come.",
            way_out=f"Record a day that has begun, or an absence at most {ANNOUNCED.days} days ahead.",
            field="on",
        )
    if entry.on < started_on - timedelta(days=1):
        raise Invalid("The journey had not begun on this day.", way_out="Record a later day.", field="on")
    if entry.placement is not None and entry.placement not in placements:
        raise Invalid(
            "This participant has no such placement.", way_out="Name one of theirs, or none.", field="placement"
        )
    if before is not None and (before.present, before.placement) == (entry.present, entry.placement):
        return []
    return [AttendanceRecorded(seat, entry)]


def watch(
    seat: Seat,
    rules: Iterable[EarlyWarningRule],
    entries: Sequence[Entry],
    warnings: Sequence[EarlyWarning],
    *,
    on: date,
    responsible: StaffId | None,
    now: datetime,
) -> list[AttentionRaised]:
    """Which rules fire because of what was recorded for the day `on`.

    Absences recorded before a warning of the rule was cleared are dealt with. A day counts once, however many agencies
    missed the participant on it.
    """
    raised = []
    for rule in rules:
        if not isinstance(rule, Absences):
            continue
        of_rule = [warning for warning in warnings if warning.rule == rule.id]
        if any(warning.cleared_at is None for warning in of_rule):
            continue
        cleared = max((warning.cleared_at for warning in of_rule if warning.cleared_at), default=None)
        absent = {one.on for one in entries if not one.present and (cleared is None or one.recorded_at > cleared)}
        # A late entry can complete a window that ends on a later day.
        ends = (day for day in absent if on <= day < on + timedelta(days=rule.within_days))
        if on in absent and any(rule.fires(absent, end) for end in ends):
            raised.append(AttentionRaised(seat, rule.id, responsible, now))
    return raised


def feedback_due(
    rules: Iterable[EarlyWarningRule], stage: Stage, entered_at: datetime
) -> list[tuple[MissedFeedback, Rater, datetime]]:
    """(rule, corner, when feedback of this corner on this stage counts as missed)"""
    return [
        (rule, point.rater, entered_at + timedelta(days=point.due_after_days + rule.overdue_days))
        for rule in rules
        if isinstance(rule, MissedFeedback)
        for point in stage.feedback
    ]


def broken_off(
    rules: Iterable[EarlyWarningRule], kind: OpportunityKind, outcome: PlacementOutcome
) -> list[PlacementTrouble]:
    """The rules that fire because a placement of this kind ended so."""
    if outcome not in BEFORE_ITS_TIME:
        return []
    return [rule for rule in rules if isinstance(rule, PlacementTrouble) and kind in rule.placements]


def raise_attention(
    seat: Seat, rule: str, warnings: Sequence[EarlyWarning], *, responsible: StaffId | None, now: datetime
) -> list[AttentionRaised]:
    """A rule fired: somebody shall look, unless one of this rule is open already."""
    if any(warning.rule == rule and warning.cleared_at is None for warning in warnings):
        return []
    return [AttentionRaised(seat, rule, responsible, now)]


def clear(
    seat: Seat, rule: str, warnings: Sequence[EarlyWarning], *, responsible: StaffId | None, now: datetime
) -> list[AttentionCleared]:
    """A human looked at the warning and dealt with it. Raises `Conflict` if none of this rule is open."""
    if not any(warning.rule == rule and warning.cleared_at is None for warning in warnings):
        raise Conflict("No warning of this rule is open.", way_out="Read the journey's warnings for what is open.")
    return [AttentionCleared(seat, rule, responsible, now)]
