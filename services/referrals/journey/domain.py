"""A journey's life: stage after stage in the order of the programme, and an end that leads somewhere.

No stage is entered twice and none is skipped; nobody leaves without a destination. What keeps the gate of a stage shut
is found in `gates.py` and handed in. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from contracts.programmes.template import Programme
from contracts.refusal import Conflict, Invalid
from contracts.seat import Seat
from contracts.vocabulary import Destination, PlacementId


class Why(StrEnum):
    """How a journey ends."""

    COMPLETED = "completed"
    DROPPED_OUT = "dropped-out"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that was entered."""

    id: str
    entered_at: datetime
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """Where the way led."""

    why: Why
    destination: Destination
    placement: PlacementId | None
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Journey:
    """The state of a journey. `stages` are those entered so far, in order; the last one is where it stands."""

    seat: Seat
    started_at: datetime
    stages: tuple[Stage, ...] = ()
    ending: Ending | None = None

    @property
    def stage(self) -> Stage:
        return self.stages[-1]

    @property
    def completed(self) -> frozenset[str]:
        return frozenset(stage.id for stage in self.stages if stage.completed_at is not None)

    @property
    def entered(self) -> tuple[str, ...]:
        return tuple(stage.id for stage in self.stages)

    @property
    def ended_at(self) -> datetime | None:
        return self.ending.at if self.ending else None


@dataclass(frozen=True, slots=True)
class Transition:
    """Where a participant goes from here. A journey that ends early needs the reason in words."""

    destination: Destination
    placement: PlacementId | None = None
    why: Why = Why.COMPLETED
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class JourneyStarted:
    seat: Seat
    at: datetime


@dataclass(frozen=True, slots=True)
class StageEntered:
    seat: Seat
    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StageCompleted:
    seat: Seat
    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TransitionDecided:
    seat: Seat
    destination: Destination
    at: datetime


@dataclass(frozen=True, slots=True)
class JourneyEnded:
    seat: Seat
    ending: Ending
    at: datetime


Event = JourneyStarted | StageEntered | StageCompleted | TransitionDecided | JourneyEnded


class GateShut(Conflict):
    """The next stage can't be entered yet; names what is missing."""

    slug = "gate-shut"


def start(seat: Seat, programme: Programme, *, now: datetime) -> list[Event]:
    """The participant is in the class, and its first stage begins."""
    return [JourneyStarted(seat, now), StageEntered(seat, programme.first_stage.id, now)]


def complete_stage(
    journey: Journey, stage: str, programme: Programme, *, shut: Sequence[str], now: datetime
) -> list[Event]:
    """The current stage is done and the next one begins; after the last stage only the transition is left.

    `shut` says in words what keeps the next stage's gate shut: then nothing happens and `GateShut` names it. Raises
    `Conflict` for a stage that is not the current one.
    """
    _running(journey)
    if journey.stage.id != stage or journey.stage.completed_at is not None:
        raise Conflict(
            f"{stage!r} is not the stage that this journey stands in.",
            way_out="Decide the transition: every stage is completed."
            if journey.stage.completed_at
            else f"Complete {journey.stage.id!r}.",
        )
    following = programme.stage_after(stage)
    if following is None:
        return [StageCompleted(journey.seat, stage, now)]
    if shut:
        raise GateShut(
            f"The stage {following.id!r} can't begin yet: {'; '.join(shut)}.",
            way_out="Settle what is named, then complete the stage again. Nothing was changed.",
            gates=list(shut),
        )
    return [StageCompleted(journey.seat, stage, now), StageEntered(journey.seat, following.id, now)]


def decide_transition(journey: Journey, to: Transition, programme: Programme, *, now: datetime) -> list[Event]:
    """Where the way leads from here; the journey ends with it. Raises `Conflict`, `Invalid`."""
    _running(journey)
    if to.destination not in programme.destinations:
        raise Invalid(
            f"{programme.ref} does not lead to {to.destination.value!r}.",
            way_out=f"Choose one of: {', '.join(programme.destinations)}.",
            field="destination",
        )
    left = [stage.id for stage in programme.stages if stage.id not in journey.completed]
    if to.why is Why.COMPLETED and left:
        raise Conflict(
            f"Not every stage is completed: {', '.join(left)}.",
            way_out="Complete them, or end the journey early with `why` and a `reason`.",
        )
    if to.why is not Why.COMPLETED and not (to.reason or "").strip():
        raise Invalid(
            "A journey that ends early needs a reason.", way_out="Say in a sentence what happened.", field="reason"
        )
    ending = Ending(to.why, to.destination, to.placement, to.reason, now)
    return [TransitionDecided(journey.seat, to.destination, now), JourneyEnded(journey.seat, ending, now)]


def evolve(journey: Journey | None, event: Event) -> Journey:
    """The state after the event. Raises ValueError for an event that can't follow."""
    match journey, event:
        case None, JourneyStarted():
            return Journey(event.seat, event.at)
        case Journey(ending=None), StageEntered():
            if event.stage not in {stage.id for stage in journey.stages}:
                return replace(journey, stages=(*journey.stages, Stage(event.stage, event.at)))
        case Journey(ending=None), StageCompleted():
            *before, last = journey.stages
            if last.id == event.stage:
                return replace(journey, stages=(*before, replace(last, completed_at=event.at)))
        case Journey(ending=None), TransitionDecided():
            return journey
        case Journey(ending=None), JourneyEnded():
            return replace(journey, ending=event.ending)
    raise ValueError(f"{type(event).__name__} can't follow here")


def _running(journey: Journey) -> None:
    if journey.ending is not None:
        raise Conflict("This journey has ended.", way_out="Record how things went with its follow-ups.")
