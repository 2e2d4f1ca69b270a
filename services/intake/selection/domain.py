"""Pre-selection, evaluation, selection: forms that people fill in, and a decision that a person makes with reasons.

The questions are data (`contracts/selection`). Nothing here adds answers up: a form informs, a person decides, and says
why criterion by criterion. A form never changes; who sees it differently, or later, fills in another, and the
difference is the development. Pure: no I/O, no clock, no ids made here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.refusal import Conflict, Invalid
from contracts.selection.procedure import SCALE, Form, Kind, Procedure, Question, Step
from contracts.vocabulary import ParticipantId, ProgrammeRef, StaffId

Answer = int | bool | str
LONGEST: int = 2000


class Outcome(StrEnum):
    """What was decided. `later`: not now, and asked again."""

    SELECTED = "selected"
    NOT_SELECTED = "not-selected"
    LATER = "later"


class Verdict(StrEnum):
    """How a criterion is met, in the eyes of those who decide."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not-met"


@dataclass(frozen=True, slots=True)
class Filled:
    """One form, filled in by one assessor."""

    id: UUID
    participant: ParticipantId
    procedure: ProgrammeRef
    step: Step
    assessor: StaffId
    answers: Mapping[str, Answer]
    at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    criterion: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, on which forms it rests, and why."""

    id: UUID
    participant: ParticipantId
    procedure: ProgrammeRef
    outcome: Outcome
    judgements: tuple[Judgement, ...]
    reason: str
    decided_by: StaffId
    rests_on: tuple[UUID, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class AssessmentCompleted:
    """What others learn: that a step is done, and what came of the last one. No answer, no reason."""

    participant: ParticipantId
    assessment: UUID
    procedure: ProgrammeRef
    step: Step
    outcome: Outcome | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What one assessor answered at one time."""

    at: datetime
    assessor: StaffId
    value: int


def fill_in(procedure: Procedure, filled: Filled, before: Sequence[Filled]) -> list[AssessmentCompleted]:
    """A form is filled in. Raises `Conflict` for a step out of order, `Invalid` for answers that don't fit."""
    if filled.step is Step.SELECTION:
        raise Invalid("The selection has criteria and no form.", way_out="Send it as a decision.", field="step")
    if filled.step is Step.EVALUATION:
        _enough(procedure.pre_selection, Step.PRE_SELECTION, _of(before, procedure, Step.PRE_SELECTION))
    form = procedure.form(filled.step)
    for id_ in filled.answers:
        if form.question(id_) is None:
            known = ", ".join(one.id for one in form.questions)
            raise Invalid("There is no such question.", way_out=f"This form asks {known}.", field=f"answers.{id_}")
    for question in form.questions:
        _answered(question, filled.answers.get(question.id))
    return [AssessmentCompleted(filled.participant, filled.id, procedure.ref, filled.step, None, filled.at)]


def decide(procedure: Procedure, decision: Decision, before: Sequence[Filled]) -> list[AssessmentCompleted]:
    """A person decides. Raises `Conflict` while somebody's view is missing, `Invalid` for a criterion without reason.

    Who is not selected may be told so after the pre-selection; who is selected was evaluated by all who have to.
    """
    _enough(procedure.pre_selection, Step.PRE_SELECTION, _of(before, procedure, Step.PRE_SELECTION))
    if decision.outcome is Outcome.SELECTED:
        _enough(procedure.evaluation, Step.EVALUATION, _of(before, procedure, Step.EVALUATION))
    judged = [one.criterion for one in decision.judgements]
    wanted = [one.id for one in procedure.selection.criteria]
    if sorted(judged) != sorted(wanted):
        raise Invalid(
            "Each criterion is judged once.",
            way_out=f"Judge {', '.join(wanted)}, each with a reason.",
            field="judgements",
        )
    return [
        AssessmentCompleted(
            decision.participant, decision.id, procedure.ref, Step.SELECTION, decision.outcome, decision.at
        )
    ]


def development(form: Form, filled: Sequence[Filled]) -> Mapping[str, tuple[Seen, ...]]:
    """Question with a scale -> what was answered, oldest first: a picture, and no sum."""
    ordered = sorted(filled, key=lambda one: (one.at, one.id))
    return {
        question.id: tuple(
            Seen(one.at, one.assessor, int(one.answers[question.id])) for one in ordered if question.id in one.answers
        )
        for question in form.questions
        if question.kind is Kind.SCALE
    }


def _of(filled: Sequence[Filled], procedure: Procedure, step: Step) -> list[Filled]:
    return [one for one in filled if one.procedure == procedure.ref and one.step is step]


def _enough(form: Form, step: Step, filled: Sequence[Filled]) -> None:
    people = {one.assessor for one in filled}
    if len(people) < form.assessors:
        raise Conflict(
            f"The {step} is not complete: {len(people)} of {form.assessors} people have filled it in.",
            way_out=f"Let {form.assessors - len(people)} more fill in the form of the {step} first.",
        )


def _answered(question: Question, answer: Answer | None) -> None:
    field = f"answers.{question.id}"
    if answer is None:
        if question.required:
            raise Invalid("This question has no answer.", way_out="Answer it.", field=field)
        return
    whole = isinstance(answer, int) and not isinstance(answer, bool)
    match question.kind:
        case Kind.SCALE if not (whole and answer in SCALE):
            raise Invalid("This is no step of the scale.", way_out=f"Give {SCALE[0]} to {SCALE[-1]}.", field=field)
        case Kind.YES_NO if not isinstance(answer, bool):
            raise Invalid("This is neither yes nor no.", way_out="Give true or false.", field=field)
        case Kind.CHOICE if answer not in [one.id for one in question.choices]:
            known = ", ".join(one.id for one in question.choices)
            raise Invalid("This is none of the answers.", way_out=f"Choose {known}.", field=field)
        case Kind.WORDS if not (isinstance(answer, str) and 0 < len(answer) <= LONGEST):
            raise Invalid("These are no words.", way_out=f"Write 1 to {LONGEST} characters.", field=field)
