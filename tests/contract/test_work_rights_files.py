"""A country's file is refused for its first mistake: file, line, field; two answers and no answer are mistakes, too."""

from pathlib import Path

import pytest

from contracts.work_rights import RulesError, load
from contracts.work_rights.loader import FOLDER

GERMANY = FOLDER / "germany.yaml"
TITLE = "rule_sets.title-allows-employment[0]"
REST = "language-by-jobcenter, course-for-a-year]"
COURSE = "rule_sets.course-for-a-year[0]"

# What is changed (the first time it occurs), the field that the error names, words of the message.
MISTAKES = [
    pytest.param("answer: yes", "answer: maybe", f"{TITLE}.answer", "'yes'", id="answer"),
    pytest.param("answer: yes", "anwser: yes", f"{TITLE}.anwser", "no such", id="misspelt"),
    pytest.param("      answer: yes\n", "", f"{TITLE}.answer", "required", id="missing"),
    pytest.param("valid_from: 2020-03-01", "valid_from: soon", f"{TITLE}.valid_from", "date", id="date"),
    pytest.param("before_month: 12", "before_month: ten", f"{COURSE}.before_month", "int", id="type"),
    pytest.param("      counted_from: since\n", "", f"{COURSE}.before_month", "counted_from", id="no start"),
    pytest.param("      before_month: 12\n", "", f"{COURSE}.counted_from", "before_month", id="no months"),
    pytest.param(
        "valid_until: 2026-02-08",
        "valid_until: 2022-01-01",
        "rule_sets.course-for-a-year[1].valid_until",
        "before it begins",
        id="ends before it begins",
    ),
    pytest.param(
        "§ 4a Abs. 1 Satz 1 AufenthG", "§ 4a Abs. 1 Satz 1 AuslG", f"{TITLE}.sources[0]", "AuslG", id="unknown law"
    ),
    pytest.param("      sources: [§ 4a Abs. 1 Satz 1 AufenthG]\n", "", f"{TITLE}.sources", "required", id="no source"),
    pytest.param("      valid_from: 2020-03-01\n", "", f"{TITLE}.valid_from", "required", id="no validity"),
    pytest.param(
        "      permission_of: [jobcenter]\n",
        "",
        "rule_sets.measure-by-jobcenter[0].answer",
        "whose permission",
        id="permission of nobody",
    ),
    pytest.param(
        "permission_of: [jobcenter]",
        "permission_of: [the-mayor]",
        "rule_sets.measure-by-jobcenter[0].permission_of[0]",
        "the-mayor",
        id="unknown office",
    ),
    pytest.param(
        "      - measure-by-agency\n", "      - measure-by-luck\n", "statuses[0].includes[2]", "by-luck", id="rule set"
    ),
    pytest.param(
        "supported_by: [asylum]", "supported_by: [nobody]", "statuses[0].supported_by[0]", "nobody", id="support set"
    ),
    pytest.param("code: asylum-applicant\n", "code: arrival-certificate\n", "statuses[1].code", "twice", id="status"),
    pytest.param(
        "id: centre-nine-months\n",
        "id: centre-nine-months-not-yet\n",
        "statuses[1].rules[1].id",
        "twice",
        id="rule twice",
    ),
    pytest.param(
        "counted_from: applied_on", "counted_from: birth", "statuses[1].rules[0].counted_from", "since", id="start"
    ),
    pytest.param(
        "when: {in_reception_centre: true}",
        "when: {in_a_tent: true}",
        "rule_sets.tolerated-employment[0].when.in_a_tent.[key]",
        "in_reception_centre",
        id="circumstance",
    ),
    pytest.param("country: DE", "country: Germany", "country", "pattern", id="country"),
    pytest.param("law_as_of: 2026-02-27", "country: FR", "country", "twice", id="field twice"),
    pytest.param("checked_by: the region", "chekced_by: the region", "chekced_by", "no such", id="nobody checks"),
]


@pytest.mark.parametrize(("sound", "mistaken", "field", "words"), MISTAKES)
def test_a_mistake_is_named_with_file_line_and_field(
    tmp_path: Path, sound: str, mistaken: str, field: str, words: str
) -> None:
    text = GERMANY.read_text(encoding="utf-8")

    caught = refused(tmp_path, sound, mistaken)

    changed = text[: text.index(sound)].count("\n") + 1
    assert caught.file == "germany.yaml"
    assert caught.field == field
    assert words in caught.problem
    assert changed - 4 <= caught.line <= changed, "a mistake in a block is named by the line where it begins"
    assert f"germany.yaml, line {caught.line}, {field}: " in str(caught)


# What is changed, the place that the error names, words of the message.
CONTRADICTIONS = [
    pytest.param(
        "valid_until: 2024-02-26",
        "valid_until: 2024-02-25",
        "statuses[1]",
        "'asylum-applicant', work: no rule answers from 2024-02-26, in_reception_centre true, minor_children false",
        id="a day without an answer",
    ),
    pytest.param(
        "valid_from: 2024-02-27",
        "valid_from: 2024-02-26",
        "statuses[1].rules[4].id",
        "'centre-six-months-not-yet' and 'centre-nine-months-not-yet' answer for the same days",
        id="a day with two answers",
    ),
    pytest.param(
        "when: {in_reception_centre: true, minor_children: false}",
        "when: {in_reception_centre: true, minor_children: true}",
        "statuses[1].rules[2].id",
        "'centre-family-not-yet' and 'centre-nine-months-not-yet'",
        id="a family with two answers",
    ),
    pytest.param(
        "        from_month: 9\n",
        "        from_month: 10\n",
        "statuses[1]",
        "9 months from applied_on",
        id="a month without an answer",
    ),
    pytest.param(
        "        from_month: 9\n",
        "        from_month: 8\n",
        "statuses[1].rules[1].id",
        "'centre-nine-months' and 'centre-nine-months-not-yet'",
        id="a month with two answers",
    ),
    pytest.param(
        f"includes: [title-allows-employment, measure-by-jobcenter, {REST}",
        f"includes: [title-allows-employment, {REST}",
        "statuses[9]",
        "activation_measure: no rule answers",
        id="a right without an answer",
    ),
    pytest.param(
        f"includes: [title-allows-employment, measure-by-jobcenter, {REST}",
        f"includes: [title-allows-employment, measure-by-jobcenter, measure-by-agency, {REST}",
        "rule_sets.measure-by-agency[0].id",
        "'measure-agency' and 'measure-jobcenter'",
        id="two rule sets for one right",
    ),
    pytest.param(
        "covers_from: 2023-01-01", "covers_from: 2019-01-01", "statuses[0]", "no rule answers from 2019", id="too early"
    ),
]


@pytest.mark.parametrize(("sound", "mistaken", "field", "words"), CONTRADICTIONS)
def test_two_answers_and_no_answer_are_refused(
    tmp_path: Path, sound: str, mistaken: str, field: str, words: str
) -> None:
    caught = refused(tmp_path, sound, mistaken)

    assert caught.field == field
    assert words in caught.problem


def refused(folder: Path, sound: str, mistaken: str) -> RulesError:
    text = GERMANY.read_text(encoding="utf-8")
    assert sound in text
    path = folder / "germany.yaml"
    path.write_text(text.replace(sound, mistaken, 1), encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load(path)
    return caught.value
