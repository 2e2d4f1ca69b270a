"""Which referral stands in which column. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contracts.transitions import ReferralStatus as S
from services.desk.calls.referrals import Line
from services.desk.words.marking import N_

_COLUMNS: Final = (
    (N_("Drafts"), frozenset({S.DRAFT})),
    (N_("Waiting for an answer"), frozenset({S.REQUESTED})),
    (N_("Accepted"), frozenset({S.ACCEPTED})),
    (N_("In progress"), frozenset({S.IN_PROGRESS})),
    (N_("On hold"), frozenset({S.ON_HOLD})),
    (N_("Closed"), frozenset({S.COMPLETED, S.REJECTED, S.EXPIRED, S.CANCELLED, S.FAILED, S.ENTERED_IN_ERROR})),
)


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    lines: tuple[Line, ...]


def columns(lines: Sequence[Line]) -> tuple[Column, ...]:
    """From left to right as a referral lives; the late ones first, then by when an answer is due. None is empty."""
    made = (
        Column(title, tuple(sorted((one for one in lines if one.status in states), key=_urgency)))
        for title, states in _COLUMNS
    )
    return tuple(column for column in made if column.lines)


def _urgency(line: Line) -> tuple[bool, float]:
    """Open ones by what is due first; the rest newest first."""
    due = line.due_at.timestamp() if line.due_at else -line.created_at.timestamp()
    return (not line.overdue, due)
