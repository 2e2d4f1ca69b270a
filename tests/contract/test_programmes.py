"""Programme templates: the shipped ones load and can be played, and each mistake is found where it stands."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from contracts.programmes import TemplateError, all_programmes, load
from contracts.programmes.loader import FOLDER, load_folder
from contracts.programmes.parts import Absences, NoOpenBarrier, PlacementAgreed, StageCompleted
from contracts.programmes.template import EligibilityReason, Programme
from contracts.vocabulary import Destination, NeedDomain, OpportunityKind, Rater

TALENTS = FOLDER / "talents-fast-track.yaml"


@pytest.fixture
def talents() -> Programme:
    return all_programmes()["talents-fast-track@1"]


def test_every_shipped_template_is_found_by_its_reference() -> None:
    programmes = all_programmes()

    assert set(programmes) == {load(path).ref for path in FOLDER.glob("*.yaml")}
    assert all(programmes[ref].ref == ref for ref in programmes)


def test_a_journey_goes_from_preparation_to_the_workplace_and_then_ends(talents: Programme) -> None:
    assert talents.first_stage.id == "preparation"
    following = talents.stage_after("preparation")
    assert following is talents.stage("workplace")
    assert talents.stage_after("workplace") is None


@pytest.mark.parametrize("ask", [Programme.stage, Programme.stage_after, Programme.rule, Programme.function])
def test_an_unknown_id_is_a_key_error(talents: Programme, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(KeyError, match="nowhere"):
        ask(talents, "nowhere")


def test_company_coach_and_participant_give_feedback_in_both_stages(talents: Programme) -> None:
    assert [set(stage.raters) for stage in talents.stages] == [set(Rater), set(Rater)]


def test_the_workplace_opens_after_preparation_with_an_internship_and_without_a_severe_barrier(
    talents: Programme,
) -> None:
    completed, placement, barrier = talents.stage("workplace").entry

    assert isinstance(completed, StageCompleted)
    assert completed.stage == "preparation"
    assert isinstance(placement, PlacementAgreed)
    assert placement.placement is OpportunityKind.INTERNSHIP
    assert isinstance(barrier, NoOpenBarrier)
    assert barrier.blocked_by(NeedDomain.FAMILY, "high")
    assert not barrier.blocked_by(NeedDomain.FAMILY, "medium")
    assert not barrier.blocked_by(NeedDomain.LANGUAGE, "high")


def test_two_absences_raise_attention_while_they_lie_close_together(talents: Programme) -> None:
    rule = talents.rule("repeated-absence")
    assert isinstance(rule, Absences)
    first = date(2026, 3, 2)
    last_day_that_counts = first + timedelta(days=rule.within_days - 1)

    assert not rule.fires([first], first)
    assert not rule.fires([first, first], first), "the same day is one absence"
    assert rule.fires([first, last_day_that_counts], last_day_that_counts)
    assert not rule.fires([first, last_day_that_counts + timedelta(days=1)], last_day_that_counts + timedelta(days=1))
    assert not rule.fires([first, last_day_that_counts], first), "what lies ahead does not count"


def test_the_facts_of_the_documents_are_in_the_template(talents: Programme) -> None:
    indicator = next(one for one in talents.indicators if one.id == "in-job-at-end")
    assert indicator.benchmark is not None
    assert (indicator.benchmark.bound, indicator.benchmark.value) == ("up-to", 0.9)
    assert indicator.benchmark.source in {source.id for source in talents.sources}
    assert {module.strand.value for module in talents.curriculum.modules} == {"language", "profession", "culture"}
    assert talents.curriculum.shaped_by_company
    assert all(stage.guidance_every_days <= stage.days for stage in talents.stages)
    steps = {step.id for stage in talents.stages for step in stage.steps}
    eight_tasks = {
        "demand-analysis",
        "company-network",
        "selection",
        "branch-curriculum",
        "choose-teachers-and-coaches",
        "contact-and-monitoring",
        "transition",
        "support-network",
    }
    assert eight_tasks <= steps


def test_nobody_leaves_without_a_destination_and_follow_ups_reach_two_years(talents: Programme) -> None:
    assert set(talents.destinations) == set(Destination)
    assert talents.follow_ups.months == (3, 6, 12, 24)
    assert {support.id for support in talents.follow_ups.support} == {"coaching", "language-support", "upskilling"}
    assert talents.learning_plan is not None
    assert talents.learning_plan.after_job_start


def test_a_refusal_names_only_conditions_that_the_programme_has(talents: Programme) -> None:
    reasons = talents.eligibility.reasons

    assert EligibilityReason.TOO_YOUNG in reasons
    assert EligibilityReason.TOO_OLD not in reasons, "there is no upper age"
    assert EligibilityReason.QUALIFICATION_MISSING not in reasons


def test_a_cohort_needs_four_functions_to_start(talents: Programme) -> None:
    needed = {function.id for function in talents.required_functions}

    assert needed == {"selects", "teaches", "coaches", "mentors-in-company"}
    assert talents.function("builds-company-network").falls_to in needed


# Each line: what is changed, the field that the error names, words of the message. The line is where the change stands.
MISTAKES = [
    pytest.param(
        "age: {minimum: 18}",
        "residence_statuses: [golden-ticket]",
        "eligibility.residence_statuses[0]",
        "golden-ticket",
        id="unknown residence status",
    ),
    pytest.param(
        "{minimum: 18}", "{minimum: 18, maximum: 17}", "eligibility.age.maximum", "below the minimum", id="ages crossed"
    ),
    pytest.param("id: workplace\n", "id: preparation\n", "stages[1].id", "given twice", id="stage twice"),
    pytest.param("stage: preparation", "stage: nowhere", "stages[1].entry[0].stage", "no stage", id="unknown stage"),
    pytest.param("stage: preparation", "stage: workplace", "stages[1].entry[0].stage", "before", id="stage order"),
    pytest.param("owner: teaches", "owner: juggles", "stages[0].steps[5].owner", "juggles", id="unknown function"),
    pytest.param("owner: teaches", "owner: backs", "stages[0].steps[5].owner", "nobody has to", id="nobody does it"),
    pytest.param("falls_to: selects", "falls_to: backs", "consortium[4].falls_to", "no required", id="falls to none"),
    pytest.param(
        "after: [pre-selection]", "after: [selection]", "stages[0].steps[3].after[0]", "before", id="step order"
    ),
    pytest.param(
        "after: [pre-selection]", "after: [luck]", "stages[0].steps[3].after[0]", "no step", id="unknown step"
    ),
    pytest.param("id: evaluation", "id: pre-selection", "stages[0].steps[3].id", "given twice", id="step twice"),
    pytest.param("source: toolbox", "source: hearsay", "consortium[2].source", "hearsay", id="unknown source"),
    pytest.param(
        "responsible: coaches", "responsible: nobody", "early_warning[1].responsible", "nobody", id="rule owner"
    ),
    pytest.param("id: missed-feedback", "id: repeated-absence", "early_warning[1].id", "given twice", id="rule twice"),
    pytest.param("id: open-need", "id: open-housing-need", "early_warning[3].id", "name a need", id="rule names need"),
    pytest.param("times: 2", "times: two", "early_warning[0].times", "integer", id="wrong type"),
    pytest.param("times: 2", "times: 0", "early_warning[0].times", "greater", id="out of range"),
    pytest.param("times: 2", "time: 2", "early_warning[0].time", "no such field", id="unknown field"),
    pytest.param("kind: absences", "kind: gossip", "early_warning[0]", "gossip", id="unknown kind of rule"),
    pytest.param("rater: coach,", "rater: company,", "stages[0].feedback[1].rater", "given twice", id="rater twice"),
    pytest.param("due_after_days: 70", "due_after_days: 90", "stages[0].feedback[0].due_after_days", "84", id="late"),
    pytest.param("level: A1", "level: A0", "eligibility.language.level", "A1", id="no such level"),
    pytest.param("placement: internship", "placement: chat", "stages[1].entry[1].placement", "job", id="no such kind"),
    pytest.param("[3, 6, 12, 24]", "[3, 12, 6, 24]", "follow_ups.months", "rise", id="months fall"),
    pytest.param("[job, apprenticeship,", "[job, job,", "destinations[1]", "given twice", id="destination twice"),
    pytest.param("value: 0.9", "value: 90", "indicators[0].benchmark.value", "at most 1", id="per cent as share"),
    pytest.param("version: 1", "version: 0", "version", "greater", id="version zero"),
    pytest.param("kind: fast-track", "id: again", "id", "given twice", id="field twice"),
    pytest.param("  de: Talents-Schnellweg in Arbeit", "  da: Talents", "name", "'de'", id="no German name"),
]


@pytest.mark.parametrize(("sound", "mistaken", "field", "words"), MISTAKES)
def test_a_mistake_is_named_with_file_line_and_field(
    tmp_path: Path, sound: str, mistaken: str, field: str, words: str
) -> None:
    text = TALENTS.read_text(encoding="utf-8")
    assert sound in text
    path = tmp_path / TALENTS.name
    path.write_text(text.replace(sound, mistaken, 1), encoding="utf-8")
    changed = text[: text.index(sound)].count("\n") + 1

    with pytest.raises(TemplateError) as caught:
        load(path)

    assert caught.value.file == "talents-fast-track.yaml"
    assert caught.value.field == field
    assert words in caught.value.problem
    assert changed - 2 <= caught.value.line <= changed, "a mistake in a block is named by the line where it begins"
    assert f"talents-fast-track.yaml, line {caught.value.line}, {field}: " in str(caught.value)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("version: 1\n", "version"),
        ("    guidance_every_days: 14\n", "stages[0].guidance_every_days"),
        ("        owner: selects\n", "stages[0].steps[2].owner"),
        ("    within_days: 14\n", "early_warning[0].within_days"),
    ],
)
def test_a_missing_field_is_named_with_the_block_it_belongs_to(tmp_path: Path, line: str, field: str) -> None:
    text = TALENTS.read_text(encoding="utf-8")
    path = tmp_path / TALENTS.name
    path.write_text(text.replace(line, "", 1), encoding="utf-8")

    with pytest.raises(TemplateError) as caught:
        load(path)

    assert (caught.value.field, caught.value.problem) == (field, "this field is required")
    assert caught.value.line <= text[: text.index(line)].count("\n") + 1


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), ("id: [open", "no valid YAML"), ("- a\n- b\n", "dictionary")]
)
def test_a_file_that_is_no_template_says_so(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(TemplateError, match=words):
        load(path)


def test_the_file_is_named_after_the_programme(tmp_path: Path) -> None:
    path = tmp_path / "something-else.yaml"
    path.write_text(TALENTS.read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(TemplateError, match=r"talents-fast-track\.yaml"):
        load(path)


def test_a_kept_version_stands_beside_the_new_one_and_never_twice(tmp_path: Path) -> None:
    old = TALENTS.read_text(encoding="utf-8")
    (tmp_path / "talents-fast-track@1.yaml").write_text(old, encoding="utf-8")
    current = tmp_path / "talents-fast-track.yaml"
    current.write_text(old.replace("version: 1", "version: 2", 1), encoding="utf-8")

    assert set(load_folder(tmp_path)) == {"talents-fast-track@1", "talents-fast-track@2"}

    current.write_text(old, encoding="utf-8")
    with pytest.raises(TemplateError, match="already"):
        load_folder(tmp_path)
