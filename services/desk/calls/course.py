"""What pages ask of referrals about the course of a journey: attendance, feedback, warnings, follow-ups, its end."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from services.desk.calls.api import Api, Out
from services.desk.calls.referrals import Journey

Body = Mapping[str, object]


class Day(Out):
    """What one agency saw on one day."""

    on: date
    present: bool
    recorded_by: str


class Attendance(Out):
    """`whole`: or only what the reader's own agency recorded."""

    reference: str | None
    whole: bool
    entries: tuple[Day, ...]


class Rated(Out):
    """A stage that can be rated."""

    stage: str
    name: Mapping[str, str]


class Feedback(Out):
    """One corner's view of one stage: skill -> 1 to 5."""

    stage: str
    rater: str
    company: str | None
    ratings: Mapping[str, int]
    comment: str
    at: datetime


class Triangle(Out):
    """As far as the reader may see it."""

    reference: str | None
    whole: bool
    stages: tuple[Rated, ...] = ()
    entries: tuple[Feedback, ...]


class Warned(Out):
    """An early warning; open while `cleared_at` is None."""

    rule: str
    raised_at: datetime
    cleared_at: datetime | None
    cleared_by: str | None
    note: str | None


class FollowUp(Out):
    """How things went so many months later."""

    months: int
    state: str
    due_at: datetime
    outcome: str | None


class AtWork(Out):
    journey: UUID


async def of_placement(api: Api, placement: UUID) -> AtWork:
    """The journey that a company records attendance and feedback on."""
    return await api.get(AtWork, f"/v1/journeys/of-placement/{placement}")


async def attendance(api: Api, journey: UUID) -> Attendance:
    return await api.get(Attendance, f"/v1/journeys/{journey}/attendance")


async def feedback(api: Api, journey: UUID) -> Triangle:
    return await api.get(Triangle, f"/v1/journeys/{journey}/feedback")


async def warnings(api: Api, journey: UUID) -> tuple[Warned, ...]:
    return await api.get(tuple[Warned, ...], f"/v1/journeys/{journey}/attention")


async def follow_ups(api: Api, journey: UUID) -> tuple[FollowUp, ...]:
    return await api.get(tuple[FollowUp, ...], f"/v1/journeys/{journey}/follow-ups")


async def record_day(api: Api, journey: UUID, body: Body, once: str) -> Day:
    return await api.post(Day, f"/v1/journeys/{journey}/attendance", body, once=once)


async def give_feedback(api: Api, journey: UUID, body: Body, once: str) -> Feedback:
    return await api.post(Feedback, f"/v1/journeys/{journey}/feedback", body, once=once)


async def clear(api: Api, journey: UUID, rule: str, note: str, once: str) -> None:
    """The warning was dealt with."""
    await api.post(tuple[Warned, ...], f"/v1/journeys/{journey}/attention/{rule}/clear", {"note": note}, once=once)


async def record_follow_up(api: Api, journey: UUID, months: int, outcome: str, once: str) -> None:
    path = f"/v1/journeys/{journey}/follow-ups/{months}"
    await api.post(tuple[FollowUp, ...], path, {"outcome": outcome}, once=once)


async def complete_stage(api: Api, journey: UUID, stage: str, once: str) -> Journey:
    return await api.post(Journey, f"/v1/journeys/{journey}/stages/{stage}/complete", once=once)


async def decide(api: Api, journey: UUID, body: Body, once: str) -> Journey:
    """Where the way leads: the journey ends."""
    return await api.post(Journey, f"/v1/journeys/{journey}/transition", body, once=once)
