"""The feedback triangle: each corner rates a stage once. What it says stays sealed here. Pure.

A corner sees the whole triangle while its part in the journey lives, and afterwards what it said itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.refusal import Conflict
from contracts.seat import Seat
from contracts.vocabulary import AgencyId, Rater


@dataclass(frozen=True, slots=True)
class Feedback:
    """One corner's view of one stage. `agency` is None for the participant."""

    stage: str
    rater: Rater
    agency: AgencyId | None
    ratings: Mapping[str, int]
    """Skill, by name or ESCO address -> 1 (first steps) to 5 (could teach it)."""
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    seat: Seat
    stage: str
    rater: Rater
    company: AgencyId | None
    at: datetime


Event = FeedbackGiven


def give(
    seat: Seat, feedback: Feedback, *, entered: Sequence[str], earlier: Collection[tuple[str, Rater, AgencyId | None]]
) -> list[FeedbackGiven]:
    """A corner rates a stage; `entered` are the journey's stages so far.

    Each company has a corner of its own. Raises `Conflict` for a stage that has not begun, or the second time.
    """
    if feedback.stage not in entered:
        raise Conflict(
            f"This journey has not entered a stage {feedback.stage!r}.",
            way_out=f"Rate one of: {', '.join(entered)}.",
        )
    if (feedback.stage, feedback.rater, feedback.agency) in earlier:
        raise Conflict(f"The {feedback.rater.value} has rated this stage already.", way_out="Nothing has to be done.")
    company = feedback.agency if feedback.rater is Rater.COMPANY else None
    return [FeedbackGiven(seat, feedback.stage, feedback.rater, company, feedback.at)]
