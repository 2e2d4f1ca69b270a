"""A placement's life: proposed, answered by both sides, confirmed, started, ended.

The employer knows nothing of who it is until both have accepted: `matched` holds what the place asks for and the person
meets, at the level asked for, and nothing that the place did not ask for.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.events.matching import PlacementOutcome
from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import (
    AgencyId,
    Cefr,
    ConceptUri,
    LanguageCode,
    OpportunityId,
    OpportunityKind,
    ParticipantId,
    PlacementId,
    Side,
    SkillLevel,
    StaffId,
)


class PlacementState(StrEnum):
    """Where a placement stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    STARTED = "started"
    ENDED = "ended"
    DECLINED = "declined"


ACTIVE = frozenset({PlacementState.CONFIRMED, PlacementState.STARTED})
REVEALED = frozenset({PlacementState.CONFIRMED, PlacementState.STARTED, PlacementState.ENDED})
"""Both sides have accepted: the employer knows who it is."""


class GivenHow(StrEnum):
    """How an answer was given."""

    ONLINE = "online"
    SPOKEN = "spoken"
    SIGNED = "signed"


class Decline(StrEnum):
    """Why not. Codes only: nothing about a person's life has to be explained here."""

    NOT_INTERESTED = "not-interested"
    OTHER_PLACE = "other-place"
    TOO_FAR = "too-far"
    WORKING_HOURS = "working-hours"
    STARTS_AT_A_BAD_TIME = "starts-at-a-bad-time"
    REQUIREMENTS_NOT_MET = "requirements-not-met"
    FILLED_OTHERWISE = "filled-otherwise"
    OPPORTUNITY_CLOSED = "opportunity-closed"
    GRANT_ENDED = "grant-ended"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Matched:
    """What the place asks for and the person meets, as the place asks for it."""

    must_skills: tuple[tuple[ConceptUri, SkillLevel], ...] = ()
    can_skills: tuple[tuple[ConceptUri, SkillLevel], ...] = ()
    languages: tuple[tuple[LanguageCode, Cefr], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A yes or (with a reason) a no of one side: who gave it, how and when. `by` is None for the platform."""

    side: Side
    by: UUID | None
    how: GivenHow
    at: datetime
    reason: Decline | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The state of a placement."""

    id: PlacementId
    """Random: not even when it was proposed shows in it."""
    participant: ParticipantId
    agency: AgencyId
    """Whose caseworker proposed."""
    opportunity: OpportunityId
    employer: AgencyId
    kind: OpportunityKind
    matched: Matched
    proposed_by: StaffId
    proposed_at: datetime
    state: PlacementState = PlacementState.PROPOSED
    answers: tuple[Answer, ...] = ()
    started_on: date | None = None
    ended_on: date | None = None
    outcome: PlacementOutcome | None = None
    version: int = 1

    @property
    def accepted_by(self) -> frozenset[Side]:
        """The sides that said yes."""
        return frozenset(answer.side for answer in self.answers if answer.reason is None)

    @property
    def revealed(self) -> bool:
        """Whether the employer knows who it is."""
        return self.state in REVEALED


@dataclass(frozen=True, slots=True)
class MatchProposed:
    placement: Placement
    at: datetime


@dataclass(frozen=True, slots=True)
class MatchAccepted:
    placement: Placement
    answer: Answer
    both: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class MatchDeclined:
    placement: Placement
    answer: Answer
    reason: Decline
    at: datetime


@dataclass(frozen=True, slots=True)
class PlacementConfirmed:
    placement: Placement
    at: datetime


@dataclass(frozen=True, slots=True)
class PlacementStarted:
    placement: Placement
    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class PlacementEnded:
    placement: Placement
    on: date
    outcome: PlacementOutcome
    at: datetime


@dataclass(frozen=True, slots=True)
class PlacementForgotten:
    """The person was erased while having the place."""

    placement: Placement
    at: datetime


Event = MatchProposed | MatchAccepted | MatchDeclined | PlacementConfirmed | PlacementStarted | PlacementEnded


def propose(placement: Placement, *, on_offer: bool, again: bool, now: datetime) -> list[Event]:
    """A caseworker proposes a person; `again` if this proposal is open or the place theirs. Raises `Conflict`."""
    if not on_offer:
        raise Conflict("This opportunity is not open.", way_out="Choose one of the open opportunities.")
    if again:
        raise Conflict(
            "This person is already proposed for, or placed in, this opportunity.",
            way_out="Look at the participant's placements.",
        )
    return [MatchProposed(placement, now)]


def accept(placement: Placement, answer: Answer, *, now: datetime) -> list[Event]:
    """One side says yes; if the other one has, the placement is confirmed. Raises `Conflict`."""
    _open(placement)
    if answer.side in placement.accepted_by:
        raise Conflict("This side has accepted already.", way_out="Wait for the other side's answer.")
    both = bool(placement.accepted_by)
    accepted = MatchAccepted(placement, answer, both, now)
    return [accepted, PlacementConfirmed(placement, now)] if both else [accepted]


def decline(placement: Placement, answer: Answer, reason: Decline, *, now: datetime) -> list[Event]:
    """One side says no, also after its yes, as long as the placement is not confirmed. Raises `Conflict`."""
    _open(placement)
    return [MatchDeclined(placement, replace(answer, reason=reason), reason, now)]


def start(placement: Placement, on: date, *, now: datetime) -> list[Event]:
    """The first day: not before it was proposed, and tomorrow at the latest. Raises `Conflict`, `Invalid`."""
    if placement.state is not PlacementState.CONFIRMED:
        raise Conflict(
            f"This placement is {placement.state.value}; only a confirmed one starts.",
            way_out="Look at its state; both sides have to accept first.",
        )
    _not_to_come(on, now)
    _not_before_the_proposal(placement, on)
    return [PlacementStarted(placement, on, now)]


def end(placement: Placement, on: date, outcome: PlacementOutcome, *, now: datetime) -> list[Event]:
    """The last day, tomorrow at the latest; also of a placement that never started, when one side gave it up.

    Raises `Conflict`, `Invalid`.
    """
    if placement.state not in ACTIVE:
        raise Conflict(
            f"This placement is {placement.state.value}; there is nothing to end.",
            way_out="A proposal is declined, not ended.",
        )
    if placement.started_on is None and outcome in ("completed", "taken-on"):
        raise Invalid(
            "What never started can't be completed.",
            way_out="Record the start first, or say who gave it up.",
            field="outcome",
        )
    _not_to_come(on, now)
    if placement.started_on is None:
        _not_before_the_proposal(placement, on)
    elif on < placement.started_on:
        raise Invalid(
            "It can't end before it started.",
            way_out=f"It started on {placement.started_on}; correct the day.",
            field="on",
        )
    return [PlacementEnded(placement, on, outcome, now)]


def evolve(placement: Placement, event: Event) -> Placement:
    """The state after the event. Raises ValueError for an event that can't follow."""
    after = replace(placement, version=placement.version + 1)
    match placement.state, event:
        case PlacementState.PROPOSED, MatchAccepted():
            return replace(after, answers=(*placement.answers, event.answer))
        case PlacementState.PROPOSED, MatchDeclined():
            return replace(after, answers=(*placement.answers, event.answer), state=PlacementState.DECLINED)
        case PlacementState.PROPOSED, PlacementConfirmed() if len(placement.accepted_by) == 2:
            return replace(after, state=PlacementState.CONFIRMED)
        case PlacementState.CONFIRMED, PlacementStarted():
            return replace(after, state=PlacementState.STARTED, started_on=event.on)
        case ((PlacementState.CONFIRMED | PlacementState.STARTED), PlacementEnded()):
            return replace(after, state=PlacementState.ENDED, ended_on=event.on, outcome=event.outcome)
    raise ValueError(f"{type(event).__name__} can't follow on {placement.state.value}")


def not_any_more(side: Side) -> Conflict:
    """The person takes no more part in matching. What the company hears is the same as for `not_twice`."""
    return _over() if side is Side.EMPLOYER else _not_matched()


def not_twice(side: Side) -> Conflict:
    """The person is active in a placement of this kind. What the company hears tells nothing of the person."""
    if side is Side.EMPLOYER:
        return _over()
    return Conflict(
        "This person already has an active placement of this kind; the answer was not recorded.",
        way_out="End that placement first, or decline this proposal.",
    )


def _over() -> Conflict:
    return Conflict(
        "This proposal can't be confirmed any more; your answer was not recorded.",
        way_out="Decline it, or ask the proposing agency.",
    )


def _not_matched() -> Conflict:
    return Conflict(
        "The participant is no longer matched; the answer was not recorded.", way_out="A caseworker can propose again."
    )


def _open(placement: Placement) -> None:
    if placement.state is not PlacementState.PROPOSED:
        raise Conflict(
            f"This proposal is {placement.state.value}; it takes no more answers.",
            way_out="A confirmed placement is ended, not declined.",
        )


def _not_to_come(on: date, now: datetime) -> None:
    """Rights to the person follow from these days, so nobody writes them ahead; tomorrow has begun in some places."""
    if on > now.date() + timedelta(days=1):
        raise Invalid("This day is still to come.", way_out="Record it when the day has come.", field="on")


def _not_before_the_proposal(placement: Placement, on: date) -> None:
    proposed_on = placement.proposed_at.date()
    if on < proposed_on:
        raise Invalid("This day lies before the proposal.", way_out=f"Give a day from {proposed_on} on.", field="on")
