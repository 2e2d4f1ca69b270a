"""How the world speaks to suggestions: one question, answered with reasons as codes and concepts."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from contracts.vocabulary import Category, Evidence, OpportunityKind, ParticipantId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from services.matching.suggestion import use_cases
from services.matching.suggestion.terms import Code, Reason
from services.matching.suggestion.use_cases import Suggested

router = APIRouter(prefix="/v1", route_class=Edge, tags=["suggestion"], responses=responses())


class ReasonOut(BaseModel):
    """A reason: `about` is an ESCO concept or a language."""

    code: Code
    about: str | None
    level: str | None
    evidence: Evidence | None

    @classmethod
    def of(cls, reasons: tuple[Reason, ...]) -> list[Self]:
        return [cls.model_validate(reason, from_attributes=True) for reason in reasons]


class SuggestionOut(BaseModel):
    """A place, how well it fits (0 to 1), and the reasons for and against."""

    opportunity: UUID
    agency: str
    kind: OpportunityKind
    title: str
    starts_on: date
    score: float
    why: list[ReasonOut]
    why_not: list[ReasonOut]
    would_help: list[ReasonOut]

    @classmethod
    def of(cls, suggested: Suggested) -> Self:
        fit, opportunity = suggested
        return cls(
            opportunity=opportunity.id,
            agency=opportunity.agency,
            kind=opportunity.offer.kind,
            title=opportunity.offer.title,
            starts_on=opportunity.offer.starts_on,
            score=fit.score,
            why=ReasonOut.of(fit.why),
            why_not=ReasonOut.of(fit.why_not),
            would_help=ReasonOut.of(fit.would_help),
        )


class SuggestionsOut(BaseModel):
    """`items` fit, the best first. `nearly` would fit once what `would_help` names is learnt."""

    items: list[SuggestionOut]
    nearly: list[SuggestionOut]


@router.get("/participants/{participant}/suggestions", summary="Places that fit a participant")
async def suggest(
    participant: ParticipantId,
    who: Caller = may("suggestion:read"),
    tx: Tx = InTx,
    kind: Annotated[OpportunityKind | None, Query(description="Only this kind.")] = None,
    limit: Annotated[int, Query(ge=1, le=50, description="Suggestions at most.")] = 10,
) -> SuggestionsOut:
    """Open places, best first, while a grant opens the profile to `regional-matching`.

    Of the open places the 500 that start first are weighed. A suggestion decides nothing: a caseworker proposes.
    """
    await who.allow(tx, Record.of_participant(participant, "suggestions"), Category.PROFILE)
    fitting, nearly = await use_cases.suggest(tx, participant, kind, limit)
    return SuggestionsOut(items=list(map(SuggestionOut.of, fitting)), nearly=list(map(SuggestionOut.of, nearly)))
