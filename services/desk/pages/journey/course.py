"""The course of a journey as forms and tables: which are whose, what they send, the feedback side by side. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from contracts.vocabulary import Destination, Role
from services.desk.calls.course import Feedback, Triangle
from services.desk.door import Form
from services.desk.look.navigation import CASEWORK
from services.desk.session.sessions import Who
from services.desk.words.marking import N_

RATINGS: Final = ("1", "2", "3", "4", "5")
CORNERS: Final = ("company", "coach", "participant")
OUTCOMES: Final = ("still-employed", "other-job", "in-training", "in-education", "looking", "not-reached")
DESTINATIONS: Final = tuple(Destination)
WHY: Final = ("completed", "dropped-out", "moved")
ROWS: Final = 4
LATEST: Final = 14
"""Days of attendance that a page shows."""


@dataclass(frozen=True, slots=True)
class Mine:
    """Which forms somebody's role is about. An offer: the service decides."""

    records: bool
    rates: bool
    leads: bool
    clears: bool
    follows_up: bool


def mine(who: Who, agency: str | None, *, ended: bool) -> Mine:
    """`agency`: the leading one; None where the reader may not know the journey itself."""
    coach = Role.COACH in who.roles and agency is not None and agency == who.agency
    company = Role.EMPLOYER in who.roles and not coach
    worker = bool(who.roles & CASEWORK) and agency is not None
    return Mine(
        records=(coach or company) and not ended,
        rates=(coach or company or who.participant is not None) and not ended,
        leads=coach and not ended,
        clears=coach or worker,
        follows_up=worker,
    )


@dataclass(frozen=True, slots=True)
class Table:
    """What the corners say of one stage: per skill, one rating or none per corner."""

    stage: str
    corners: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]
    comments: tuple[tuple[str, str], ...]


def tables(triangle: Triangle) -> tuple[Table, ...]:
    """Stage by stage, in the order in which they were rated."""
    stages = dict.fromkeys(one.stage for one in triangle.entries)
    return tuple(_table(stage, [one for one in triangle.entries if one.stage == stage]) for stage in stages)


def skills(triangle: Triangle | None) -> tuple[str, ...]:
    """What was rated so far: the names that a new form begins with, so that the corners speak of the same things."""
    named = dict.fromkeys(skill for one in triangle.entries for skill in one.ratings) if triangle else {}
    return tuple(named)[:ROWS]


def begun(triangle: Triangle | None, today: date, current: str) -> dict[str, object]:
    """What stands in new forms."""
    stage = current or (triangle.stages[-1].stage if triangle and triangle.stages else "")
    found: dict[str, object] = {"on": today, "present": "yes", "stage": stage}
    return found | {f"skill-{number}": skill for number, skill in enumerate(skills(triangle))}


def day_wrong(form: Form) -> dict[str, str]:
    """Field -> what is wrong with it, in English."""
    found = {}
    try:
        date.fromisoformat(form["on"])
    except ValueError:
        found["on"] = N_("Give the day, for example 2026-12-02.")
    if form["present"] not in ("yes", "no"):
        found["present"] = N_("Say whether the person was there.")
    return found


def feedback_wrong(form: Form) -> dict[str, str]:
    """Field -> what is wrong with it, in English."""
    found = {}
    for number in range(ROWS):
        skill, rating = form[f"skill-{number}"], form[f"rating-{number}"]
        if rating and len(skill) < 2:
            found[f"skill-{number}"] = N_("Name what you rate.")
        if rating and rating not in RATINGS:
            found[f"rating-{number}"] = N_("Choose a number from 1 to 5.")
    if not found and not ratings(form):
        found["rating-0"] = N_("Rate at least one thing.")
    if not form["stage"]:
        found["stage"] = N_("Choose the stage that you rate.")
    return found


def ratings(form: Form) -> dict[str, int]:
    """Skill -> rating, of the rows that were filled in."""
    rows = ((form[f"skill-{number}"], form[f"rating-{number}"]) for number in range(ROWS))
    return {skill: int(rating) for skill, rating in rows if skill and rating in RATINGS}


def transition(form: Form) -> dict[str, Any]:
    """As the service takes it."""
    given = {"destination": form["destination"], "placement": _uuid(form["placement"]), "reason": form["reason"]}
    return {name: value for name, value in {**given, "why": form["why"]}.items() if value}


def _table(stage: str, said: Sequence[Feedback]) -> Table:
    named = dict.fromkeys(skill for one in said for skill in one.ratings)
    by: Mapping[str, Feedback] = {_corner(one): one for one in said}
    rows = tuple((skill, tuple(one.ratings.get(skill) for one in by.values())) for skill in named)
    return Table(stage, tuple(by), rows, tuple((corner, one.comment) for corner, one in by.items() if one.comment))


def _corner(one: Feedback) -> str:
    return one.company or one.rater


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
