"""How the world speaks to selections: forms, what became of them over time, and decisions with reasons."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, StringConstraints

from contracts.selection import Procedure, Step, all_procedures
from contracts.vocabulary import Category, ParticipantId, ProgrammeRef, StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.intake.selection import domain, store, use_cases
from services.intake.selection.domain import LONGEST, Decision, Filled, Judgement, Outcome, Verdict

router = APIRouter(prefix="/v1", route_class=Edge, tags=["selection"], responses=responses())

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Answers = dict[
    Annotated[str, StringConstraints(max_length=60)],
    StrictBool | StrictInt | Annotated[StrictStr, StringConstraints(strip_whitespace=True, max_length=LONGEST)],
]


class FormIn(
    In,
    json_schema_extra=example(
        procedure="talents-fast-track@1",
        step="pre-selection",
        answers={"knows-branch": True, "wants-branch": 4, "whole-time": "with-help"},
    ),
):
    """A form as its assessor filled it in: question -> answer."""

    procedure: ProgrammeRef
    step: Literal[Step.PRE_SELECTION, Step.EVALUATION]
    answers: Annotated[Answers, Field(max_length=100)]


class FormOut(BaseModel):
    """A form that was filled in."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    participant: UUID
    procedure: str
    step: Step
    assessor: UUID
    answers: dict[str, int | bool | str]
    at: datetime

    @classmethod
    def of(cls, filled: Filled) -> Self:
        return cls.model_validate(filled)


class JudgementPart(In):
    """How a criterion is met, and why."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    criterion: Annotated[str, StringConstraints(max_length=60)]
    verdict: Verdict
    reason: Reason


class DecisionIn(
    In,
    json_schema_extra=example(
        procedure="talents-fast-track@1",
        outcome="not-selected",
        judgements=[
            {"criterion": "motivation", "verdict": "met", "reason": "Asked three times when it starts."},
            {"criterion": "competences", "verdict": "partly", "reason": "Has cooked, not served."},
            {"criterion": "support", "verdict": "not-met", "reason": "No child care before March."},
        ],
        reason="Better in the next class, when there is child care.",
    ),
):
    """What a person decided; every criterion is judged with a reason."""

    procedure: ProgrammeRef
    outcome: Outcome
    judgements: Annotated[list[JudgementPart], Field(max_length=30)]
    reason: Reason


class DecisionOut(BaseModel):
    """A decision, and the forms it rests on."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    participant: UUID
    procedure: str
    outcome: Outcome
    judgements: list[JudgementPart]
    reason: str
    decided_by: UUID
    rests_on: list[UUID]
    at: datetime

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls.model_validate(decision)


class SeenOut(BaseModel):
    """What one assessor answered at one time."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    assessor: UUID
    value: int


class DevelopmentOut(BaseModel):
    """Question with a scale -> its answers, oldest first. Nothing is added up."""

    procedure: str
    step: Step
    questions: dict[str, list[SeenOut]]


@router.get("/selection-procedures", summary="How participants are selected")
async def procedures(who: Caller = may("selection-procedure:read"), tx: Tx = InTx) -> list[Procedure]:
    """The questions and criteria of every procedure, in its languages; personal data is in none."""
    await who.allow(tx, Record("selection-procedure"))
    return [all_procedures()[ref] for ref in sorted(all_procedures())]


@router.post(
    "/participants/{participant}/assessments",
    status_code=201,
    summary="Fill in a form",
    responses=responses(409),
)
async def fill_in(
    participant: ParticipantId, body: FormIn, who: Caller = may("assessment:write"), tx: Tx = InTx
) -> FormOut:
    """Pre-selection or evaluation, as one assessor sees it. It stays as it is; a later view is another form."""
    await who.allow(tx, Record.of_participant(participant, "assessment"), Category.ASSESSMENT)
    by = StaffId(who.principal.subject)
    return FormOut.of(await use_cases.fill_in(tx, participant, body.procedure, body.step, body.answers, by))


@router.get("/participants/{participant}/assessments", summary="Forms of a participant")
async def forms(participant: ParticipantId, who: Caller = may("assessment:read"), tx: Tx = InTx) -> list[FormOut]:
    """With all answers, newest first."""
    await who.allow(tx, Record.of_participant(participant, "assessment"), Category.ASSESSMENT)
    return [FormOut.of(one) for one in await store.filled_for(tx, participant)]


@router.get("/participants/{participant}/assessments/development", summary="What changed from form to form")
async def development(
    participant: ParticipantId,
    procedure: Annotated[ProgrammeRef, Query(description="Such as `talents-fast-track@1`.")],
    who: Caller = may("assessment:read"),
    tx: Tx = InTx,
    step: Literal[Step.PRE_SELECTION, Step.EVALUATION] = Step.EVALUATION,
) -> DevelopmentOut:
    """The answers on a scale over time, each with who gave it: a re-assessment shows change."""
    await who.allow(tx, Record.of_participant(participant, "assessment"), Category.ASSESSMENT)
    form = use_cases.procedure_of(procedure).form(step)
    filled = [one for one in await store.filled_for(tx, participant) if one.procedure == procedure and one.step is step]
    seen: dict[str, Any] = {name: list(each) for name, each in domain.development(form, filled).items()}
    return DevelopmentOut.model_validate({"procedure": procedure, "step": step, "questions": seen})


@router.post("/participants/{participant}/selections", status_code=201, summary="Decide", responses=responses(409))
async def decide(
    participant: ParticipantId, body: DecisionIn, who: Caller = may("selection:decide"), tx: Tx = InTx
) -> DecisionOut:
    """A person decides, criterion by criterion, on the forms that are there. No score does it."""
    await who.allow(tx, Record.of_participant(participant, "assessment"), Category.ASSESSMENT)
    judgements = [Judgement(one.criterion, one.verdict, one.reason) for one in body.judgements]
    by = StaffId(who.principal.subject)
    return DecisionOut.of(
        await use_cases.decide(tx, participant, body.procedure, body.outcome, judgements, body.reason, by)
    )


@router.get("/participants/{participant}/selections", summary="Decisions about a participant")
async def decisions(
    participant: ParticipantId, who: Caller = may("assessment:read"), tx: Tx = InTx
) -> list[DecisionOut]:
    """With their reasons, newest first."""
    await who.allow(tx, Record.of_participant(participant, "assessment"), Category.ASSESSMENT)
    return [DecisionOut.of(one) for one in await store.decisions_for(tx, participant)]
