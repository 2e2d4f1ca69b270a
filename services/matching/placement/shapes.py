"""What is sent and answered about placements. The one room that decides what a company sees: `for_company`."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from contracts.events.matching import PlacementOutcome
from contracts.vocabulary import Cefr, Day, OpportunityId, OpportunityKind, ParticipantId, Side, SkillLevel
from infra.chassis.sent import In, example
from services.matching.placement.domain import Decline, GivenHow, Placement, PlacementState


class ProposeIn(
    In,
    json_schema_extra=example(
        participant="1f0c2a9e-7b64-4d5c-9a3e-5b8f6e2d4c11",
        opportunity="8d2e6b1a-3c95-4f07-b6d8-0a1c9e7f5b22",
    ),
):
    """Who is proposed for what."""

    participant: ParticipantId
    opportunity: OpportunityId


class AcceptIn(In, json_schema_extra=example(given_how="spoken")):
    """`given_how` is needed when a caseworker answers for the participant."""

    given_how: GivenHow | None = None


class DeclineIn(AcceptIn, json_schema_extra=example(given_how="spoken", reason="too-far")):
    """Why not, as a code."""

    reason: Literal[
        Decline.NOT_INTERESTED,
        Decline.OTHER_PLACE,
        Decline.TOO_FAR,
        Decline.WORKING_HOURS,
        Decline.STARTS_AT_A_BAD_TIME,
        Decline.REQUIREMENTS_NOT_MET,
        Decline.FILLED_OTHERWISE,
        Decline.OTHER,
    ]


class StartIn(In, json_schema_extra=example(on="2026-12-01")):
    """The first day."""

    on: Day


class EndIn(In, json_schema_extra=example(on="2027-02-26", outcome="completed")):
    """The last day, and how it ended."""

    on: Day
    outcome: PlacementOutcome


class SkillMet(BaseModel):
    concept: str
    level: SkillLevel


class LanguageMet(BaseModel):
    language: str
    level: Cefr


class MatchedOut(BaseModel):
    """What the place asks for and the person meets, at the level asked for."""

    must_skills: list[SkillMet] = []
    can_skills: list[SkillMet] = []
    languages: list[LanguageMet] = []

    @classmethod
    def of(cls, placement: Placement) -> Self:
        met = placement.matched
        return cls(
            must_skills=[SkillMet(concept=concept, level=level) for concept, level in met.must_skills],
            can_skills=[SkillMet(concept=concept, level=level) for concept, level in met.can_skills],
            languages=[LanguageMet(language=language, level=level) for language, level in met.languages],
        )


class AnswerOut(BaseModel):
    """Who answered for a side, how and when; `reason` if it was a no."""

    side: Side
    by: UUID | None
    how: GivenHow
    at: datetime
    reason: Decline | None


class PlacementOut(BaseModel):
    """A proposal or placement. For the company everything but the matched requirements is empty until both accepted."""

    id: UUID
    opportunity: UUID
    kind: OpportunityKind
    employer: str
    state: PlacementState
    matched: MatchedOut
    accepted_by: list[Side]
    version: int
    participant: UUID | None = None
    started_on: date | None = None
    ended_on: date | None = None
    outcome: PlacementOutcome | None = None
    agency: str | None = None
    proposed_by: UUID | None = None
    proposed_at: datetime | None = None
    answers: list[AnswerOut] = []

    @classmethod
    def for_company(cls, placement: Placement) -> Self:
        """Blind until both accepted; then who it is, and the days. Never who proposed, or how the other answered."""
        out = cls._bare(placement)
        if placement.state is PlacementState.DECLINED:
            out.matched = MatchedOut()
        if placement.revealed:
            out.participant = placement.participant
            out.started_on, out.ended_on, out.outcome = placement.started_on, placement.ended_on, placement.outcome
        return out

    @classmethod
    def in_full(cls, placement: Placement) -> Self:
        """For the participant and those who place the participant."""
        out = cls._bare(placement)
        out.participant = placement.participant
        out.started_on, out.ended_on, out.outcome = placement.started_on, placement.ended_on, placement.outcome
        out.agency, out.proposed_by, out.proposed_at = placement.agency, placement.proposed_by, placement.proposed_at
        out.answers = [AnswerOut.model_validate(answer, from_attributes=True) for answer in placement.answers]
        return out

    @classmethod
    def _bare(cls, placement: Placement) -> Self:
        return cls(
            id=placement.id,
            opportunity=placement.opportunity,
            kind=placement.kind,
            employer=placement.employer,
            state=placement.state,
            matched=MatchedOut.of(placement),
            accepted_by=sorted(placement.accepted_by),
            version=placement.version,
        )
