"""How the world speaks to feedback: parse, authorise, call, respond.

Who sees what is decided in contracts/policy: the triangle (`feedback:read`), the own corner (`feedback:read-own`), and
beside it what coach and participant said (`feedback:read-beside`).
"""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from contracts.vocabulary import AgencyId, Category, JourneyId, Rater
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.referrals.feedback import store, use_cases
from services.referrals.feedback.domain import Feedback
from services.referrals.journey import use_cases as journeys
from services.referrals.journey.api import led_by_its_agency
from services.referrals.journey.domain import Journey
from services.referrals.placements import use_cases as placements

router = APIRouter(prefix="/v1/journeys/{journey}", route_class=Edge, tags=["feedback"], responses=responses())

OWN, BESIDE = "feedback:read-own", "feedback:read-beside"
Skill = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Rating = Annotated[int, Field(ge=1, le=5)]


class GiveIn(
    In,
    json_schema_extra=example(
        stage="preparation",
        ratings={"serving food": 4, "punctuality": 5},
        comment="Quick and friendly.",
    ),
):
    """How well the skills of a stage went: skill by name or ESCO address -> 1 (first steps) to 5 (could teach it)."""

    stage: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
    ratings: Annotated[dict[Skill, Rating], Field(min_length=1, max_length=40)]
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""


class FeedbackOut(BaseModel):
    """One corner's view of one stage."""

    stage: str
    rater: Rater
    company: str | None
    ratings: dict[str, int]
    comment: str
    at: datetime

    @classmethod
    def of(cls, feedback: Feedback) -> Self:
        return cls(
            stage=feedback.stage,
            rater=feedback.rater,
            company=feedback.agency if feedback.rater is Rater.COMPANY else None,
            ratings=dict(feedback.ratings),
            comment=feedback.comment,
            at=feedback.at,
        )


class RatedStage(BaseModel):
    """A stage that can be rated: the journey has entered it."""

    stage: str
    name: dict[str, str]


class TriangleOut(BaseModel):
    """What the caller may see, under the reference code. `whole`: the triangle, or only the caller's own."""

    reference: str | None
    whole: bool
    stages: list[RatedStage]
    entries: list[FeedbackOut]


@router.post("/feedback", status_code=201, summary="Rate a stage", responses=responses(409))
async def give(journey: JourneyId, body: GiveIn, who: Caller = may("feedback:give"), tx: Tx = InTx) -> FeedbackOut:
    """As the company of a placement, the coach or the participant: who asks decides the corner. Once per stage."""
    found = await journeys.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat, await journeys.companies_of(tx, found)), Category.FEEDBACK)
    given = await use_cases.give(
        tx,
        found,
        stage=body.stage,
        rater=_corner(who, found),
        agency=who.principal.agency,
        ratings=body.ratings,
        comment=body.comment,
    )
    return FeedbackOut.of(given)


@router.get("/feedback", summary="Feedback")
async def read(journey: JourneyId, who: Caller = may("feedback:read"), tx: Tx = InTx) -> TriangleOut:
    """In the order in which it was given.

    A company sees what coach and participant said while its placement runs and the participant has not taken back the
    consent to it; never another company's view.
    """
    found = await journeys.find(tx, journey)
    feedback = await store.of(tx, found.seat)
    authors = frozenset(one.agency for one in feedback if one.agency is not None)
    record = led_by_its_agency(found.seat, await journeys.companies_of(tx, found), authors)
    beside = await who.can(tx, led_by_its_agency(found.seat, await _at_work(tx, found)), Category.FEEDBACK, BESIDE)
    seen = await who.widest(tx, record, Category.FEEDBACK, who.action, OWN)
    if seen == OWN:
        others = frozenset({Rater.COACH, Rater.PARTICIPANT}) if beside else frozenset()
        feedback = [one for one in feedback if one.agency == who.agency or one.rater in others]
    return TriangleOut(
        reference=(await who.standing(tx, found.seat.participant)).reference,
        whole=beside or seen != OWN,
        stages=[
            RatedStage(stage=one.id, name=journeys.programme_of(found.seat).stage(one.id).name) for one in found.stages
        ],
        entries=[FeedbackOut.of(one) for one in feedback],
    )


def _corner(who: Caller, journey: Journey) -> Rater:
    if who.principal.participant is not None:
        return Rater.PARTICIPANT
    return Rater.COACH if who.agency == journey.seat.agency else Rater.COMPANY


async def _at_work(tx: Tx, journey: Journey) -> frozenset[AgencyId]:
    """The companies where the participant is now."""
    known = await placements.of(tx, journey.seat.participant)
    return frozenset(one.employer for one in known if one.runs_on(tx.now.date()))
