"""Three steps to a decision: in order, by several people, with reasons, and never by a sum."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from contracts.refusal import Conflict, Invalid
from contracts.selection import ProcedureError, Step, all_procedures, load
from contracts.selection.loader import FOLDER
from contracts.vocabulary import ParticipantId, StaffId
from services.intake import outgoing
from services.intake.selection import domain
from services.intake.selection.domain import Answer, Decision, Filled, Judgement, Outcome, Verdict

NOW = datetime(2026, 9, 1, tzinfo=UTC)
AMAL = ParticipantId(UUID(int=1))
JONAS, VERA = StaffId(UUID(int=2)), StaffId(UUID(int=3))
PROCEDURE = all_procedures()["talents-fast-track@1"]
FIRST: Mapping[str, Answer] = {"knows-branch": True, "wants-branch": 4, "whole-time": "with-help"}
SECOND: Mapping[str, Answer] = {
    "competences-shown": 3,
    "experience-used": 2,
    "experience-which": "Two summers in a kitchen.",
    "interests-fit": 5,
    "attitudes-reliable": 4,
    "learning-language": "work-words",
    "motivation-own": 5,
}
REASONED = tuple(
    Judgement(one.id, Verdict.MET, "Seen on both days of trying out.") for one in PROCEDURE.selection.criteria
)


def form(step: Step, answers: Mapping[str, Answer], by: StaffId = JONAS, day: int = 0) -> Filled:
    at = NOW + timedelta(days=day)
    return Filled(UUID(int=10 + day), AMAL, PROCEDURE.ref, step, by, answers, at)


def decision(outcome: Outcome, judgements: tuple[Judgement, ...] = REASONED) -> Decision:
    return Decision(UUID(int=99), AMAL, PROCEDURE.ref, outcome, judgements, "Why.", JONAS, (), NOW)


PRE = form(Step.PRE_SELECTION, FIRST)
BOTH = (form(Step.EVALUATION, SECOND), form(Step.EVALUATION, SECOND, VERA, 1))


def test_a_step_that_is_done_is_told_without_an_answer() -> None:
    [event] = domain.fill_in(PROCEDURE, PRE, [])
    [fact] = outgoing.assessment_completed(event)
    assert (fact.step, fact.outcome, fact.procedure) == ("pre-selection", None, "talents-fast-track@1")
    assert "with-help" not in fact.model_dump_json()


def test_the_steps_have_an_order_and_the_evaluation_several_assessors() -> None:
    with pytest.raises(Conflict, match="pre-selection is not complete"):
        domain.fill_in(PROCEDURE, BOTH[0], [])
    domain.fill_in(PROCEDURE, BOTH[0], [PRE])
    for before in ([PRE], [PRE, BOTH[0]], [PRE, BOTH[0], replace(BOTH[0], id=UUID(int=50))]):
        with pytest.raises(Conflict, match="evaluation is not complete"):
            domain.decide(PROCEDURE, decision(Outcome.SELECTED), before)
    [event] = domain.decide(PROCEDURE, decision(Outcome.SELECTED), [PRE, *BOTH])
    assert (event.step, event.outcome) == (Step.SELECTION, Outcome.SELECTED)


def test_who_is_not_selected_need_not_be_evaluated_first() -> None:
    [event] = domain.decide(PROCEDURE, decision(Outcome.NOT_SELECTED), [PRE])
    assert event.outcome is Outcome.NOT_SELECTED
    with pytest.raises(Conflict):
        domain.decide(PROCEDURE, decision(Outcome.NOT_SELECTED), [])


def test_every_criterion_is_judged_once() -> None:
    for judged in (REASONED[:-1], (*REASONED, REASONED[0]), ()):
        with pytest.raises(Invalid, match="judged once"):
            domain.decide(PROCEDURE, decision(Outcome.NOT_SELECTED, judged), [PRE])


def test_the_same_answers_lead_to_whatever_people_decide() -> None:
    """No score decides: the best answers can be followed by a no, the worst by a yes."""
    worst = {**SECOND, **{name: 1 for name, value in SECOND.items() if isinstance(value, int)}}
    poor = tuple(replace(one, answers=worst) for one in BOTH)
    for filled in (BOTH, poor):
        for outcome in Outcome:
            assert domain.decide(PROCEDURE, decision(outcome), [PRE, *filled])


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({**FIRST, "wants-branch": 6}, "wants-branch"),
        ({**FIRST, "wants-branch": True}, "wants-branch"),
        ({**FIRST, "knows-branch": 1}, "knows-branch"),
        ({**FIRST, "whole-time": "never"}, "whole-time"),
        ({**FIRST, "hobbies": "chess"}, "hobbies"),
        ({"knows-branch": True}, "wants-branch"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_at_its_question(answers: Mapping[str, Answer], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        domain.fill_in(PROCEDURE, form(Step.PRE_SELECTION, answers), [])
    assert refused.value.field == f"answers.{field}"


def test_a_later_form_shows_what_changed() -> None:
    later = form(Step.EVALUATION, {**SECOND, "motivation-own": 2}, VERA, 30)
    seen = domain.development(PROCEDURE.evaluation, [later, *BOTH])
    assert [one.value for one in seen["motivation-own"]] == [5, 5, 2]
    assert [one.assessor for one in seen["motivation-own"]] == [JONAS, VERA, VERA]
    assert "learning-language" not in seen


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("      kind: yes-no\n", "      kind: maybe\n", "pre_selection.questions[0].kind"),
        ("id: wants-branch", "id: knows-branch", "knows-branch is there already"),
        ("        ar: هل تعرف كيف يكون العمل في هذا المجال؟\n", "", "a text is missing in ar"),
        ("      area: motivation\n", "      area: interests\n", "nothing is asked about motivation"),
        ("areas: [motivation, interests]", "areas: [conditions]", "selection.criteria[0].areas"),
        ("source: cooperation", "source: hearsay", "there is no source hearsay"),
        ("version: 1", "versoin: 1", "versoin"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_file_line_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (FOLDER / "talents-fast-track.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "talents-fast-track.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProcedureError) as refused:
        load(file)
    assert told in str(refused.value)
    assert str(refused.value).startswith("talents-fast-track.yaml, line ")
