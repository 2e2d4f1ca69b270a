"""Work rights: what a status allows on a day, the very day on which that changes, and each mistake in a file."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.refusal import Invalid
from contracts.vocabulary import Allowed
from contracts.work_rights import ResidenceFacts, RulesError, answer, changes_after, load, rules_of
from contracts.work_rights.loader import FOLDER
from contracts.work_rights.rules import first_day_after

GERMANY = FOLDER / "germany.yaml"
DAY = timedelta(days=1)
YES, PERMISSION, NO, UNKNOWN = Allowed.YES, Allowed.WITH_PERMISSION, Allowed.NO, Allowed.UNKNOWN


def status_codes() -> list[str]:
    germany = rules_of("DE")
    assert germany is not None
    return [status.code for status in germany.statuses]


def person(
    status: str,
    *,
    since: date = date(2024, 3, 5),
    valid_until: date | None = None,
    in_centre: bool | None = False,
    applied_on: date | None = date(2024, 3, 10),
) -> ResidenceFacts:
    return ResidenceFacts(
        country="DE",
        status=status,
        since=since,
        valid_until=valid_until,
        in_reception_centre=in_centre,
        applied_on=applied_on,
    )


def test_the_shipped_file_of_every_country_loads() -> None:
    for path in FOLDER.glob("*.yaml"):
        country = load(path)
        assert rules_of(country.country) == country


def test_every_answer_says_that_it_is_no_legal_advice_and_where_it_comes_from() -> None:
    for code in status_codes():
        rights = answer(person(code, since=date(2024, 3, 1)), date(2024, 9, 1))
        assert rights.disclaimer == "information, not legal advice"
        assert rights.sources, code


# Status and facts, a day, and what work / training / internship / integration course are on that day.
ANSWERS = [
    # In a reception centre the law of 27 February 2024 shortened nine months to six.
    pytest.param(
        person("asylum-applicant", in_centre=True), date(2024, 9, 10), (NO, NO, NO, PERMISSION), id="centre-6"
    ),
    pytest.param(person("asylum-applicant", in_centre=True), date(2024, 9, 11), (PERMISSION,) * 4, id="centre-6-over"),
    pytest.param(
        person("asylum-applicant", since=date(2023, 6, 1), applied_on=date(2023, 6, 1), in_centre=True),
        date(2024, 2, 26),
        (NO, NO, NO, PERMISSION),
        id="centre-9-old-law",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 6, 1), applied_on=date(2023, 6, 1), in_centre=True),
        date(2024, 2, 27),
        (PERMISSION,) * 4,
        id="centre-6-new-law",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 5, 1), applied_on=date(2023, 5, 20), in_centre=True),
        date(2024, 2, 20),
        (NO, NO, NO, PERMISSION),
        id="centre-9-last-day",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2023, 5, 1), applied_on=date(2023, 5, 20), in_centre=True),
        date(2024, 2, 21),
        (PERMISSION,) * 4,
        id="centre-9-over",
    ),
    # Outside, three months count from the permission to stay.
    pytest.param(person("asylum-applicant"), date(2024, 6, 5), (NO, NO, NO, PERMISSION), id="outside-3"),
    pytest.param(person("asylum-applicant"), date(2024, 6, 6), (PERMISSION,) * 4, id="outside-3-over"),
    # The reform of 12 June 2026 makes the table careful.
    pytest.param(
        person("asylum-applicant", since=date(2026, 4, 1), applied_on=date(2026, 4, 1), in_centre=True),
        date(2026, 6, 11),
        (NO, NO, NO, UNKNOWN),
        id="centre-before-reform",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2026, 4, 1), applied_on=date(2026, 4, 1), in_centre=True),
        date(2026, 6, 12),
        (UNKNOWN,) * 4,
        id="centre-after-reform",
    ),
    pytest.param(
        person("asylum-applicant", since=date(2026, 4, 1), applied_on=date(2026, 4, 1), in_centre=True),
        date(2026, 10, 2),
        (PERMISSION, PERMISSION, PERMISSION, UNKNOWN),
        id="centre-six-months-after-reform",
    ),
    pytest.param(person("asylum-applicant-safe-country"), date(2026, 6, 11), (NO, NO, NO, UNKNOWN), id="safe-country"),
    pytest.param(person("asylum-applicant-safe-country"), date(2026, 6, 12), (UNKNOWN,) * 4, id="safe-country-reform"),
    pytest.param(person("toleration"), date(2024, 6, 5), (UNKNOWN, PERMISSION, PERMISSION, UNKNOWN), id="toleration-3"),
    pytest.param(
        person("toleration"), date(2024, 6, 6), (PERMISSION, PERMISSION, PERMISSION, UNKNOWN), id="toleration-3-over"
    ),
    pytest.param(person("toleration", in_centre=True), date(2024, 9, 5), (NO, NO, NO, UNKNOWN), id="toleration-centre"),
    pytest.param(
        person("toleration", in_centre=True),
        date(2024, 9, 6),
        (PERMISSION, PERMISSION, PERMISSION, UNKNOWN),
        id="toleration-centre-6-over",
    ),
    pytest.param(person("toleration-identity-unclear"), date(2025, 9, 1), (NO, NO, NO, UNKNOWN), id="identity-unclear"),
    pytest.param(person("toleration-for-training"), date(2025, 9, 1), (PERMISSION,) * 4, id="training-toleration"),
    pytest.param(person("toleration-for-employment"), date(2025, 9, 1), (PERMISSION,) * 4, id="employment-toleration"),
    # A title allows employment; the claim to a course lasts a year.
    pytest.param(person("recognised-refugee"), date(2025, 3, 5), (YES,) * 4, id="refugee-first-year"),
    pytest.param(person("recognised-refugee"), date(2025, 3, 6), (YES, YES, YES, PERMISSION), id="refugee-second-year"),
    pytest.param(person("recognised-refugee"), date(2026, 2, 8), (YES, YES, YES, PERMISSION), id="course-still-open"),
    pytest.param(person("recognised-refugee"), date(2026, 2, 9), (YES, YES, YES, UNKNOWN), id="course-stopped"),
    pytest.param(person("subsidiary-protection"), date(2024, 3, 5), (YES,) * 4, id="subsidiary-first-day"),
    pytest.param(person("deportation-ban"), date(2024, 3, 5), (YES, YES, YES, PERMISSION), id="deportation-ban"),
    pytest.param(person("temporary-protection"), date(2025, 3, 4), (PERMISSION,) * 4, id="temporary"),
    pytest.param(
        person("temporary-protection"),
        date(2027, 3, 4),
        (PERMISSION, PERMISSION, PERMISSION, UNKNOWN),
        id="temporary-last-day",
    ),
    pytest.param(person("temporary-protection"), date(2027, 3, 5), (UNKNOWN,) * 4, id="temporary-over"),
    pytest.param(person("eu-citizen"), date(2025, 1, 1), (YES, YES, YES, PERMISSION), id="eu"),
    pytest.param(person("family-of-eu-citizen"), date(2025, 1, 1), (YES, YES, YES, PERMISSION), id="eu-family"),
    pytest.param(person("family-reunification"), date(2025, 1, 1), (YES,) * 4, id="family"),
    pytest.param(person("skilled-worker"), date(2025, 1, 1), (PERMISSION, PERMISSION, PERMISSION, YES), id="skilled"),
    pytest.param(person("student"), date(2025, 1, 1), (PERMISSION, PERMISSION, PERMISSION, UNKNOWN), id="student"),
    pytest.param(
        person("vocational-trainee"), date(2025, 1, 1), (PERMISSION, PERMISSION, PERMISSION, UNKNOWN), id="trainee"
    ),
    pytest.param(person("settlement-permit"), date(2025, 1, 1), (YES, YES, YES, PERMISSION), id="settled"),
    pytest.param(person("german-citizen"), date(2025, 1, 1), (YES, YES, YES, PERMISSION), id="citizen"),
    pytest.param(person("provisional-certificate"), date(2025, 1, 1), (UNKNOWN,) * 4, id="provisional"),
    pytest.param(person("other-permit"), date(2025, 1, 1), (UNKNOWN,) * 4, id="other"),
]


@pytest.mark.parametrize(("facts", "on", "expected"), ANSWERS)
def test_what_a_status_allows_on_a_day(facts: ResidenceFacts, on: date, expected: tuple[Allowed, ...]) -> None:
    rights = answer(facts, on)

    assert (rights.work, rights.training, rights.internship, rights.integration_course) == expected
    assert rights.since <= on
    assert rights.until is None or on <= rights.until


def test_no_status_is_left_out_of_the_table() -> None:
    asked = {facts.status for facts in (row.values[0] for row in ANSWERS) if isinstance(facts, ResidenceFacts)}

    assert asked == set(status_codes())


@pytest.mark.parametrize("code", status_codes())
@pytest.mark.parametrize("in_centre", [True, False])
def test_the_rules_leave_no_gap_since_march_2024(code: str, in_centre: bool) -> None:
    facts = person(code, since=date(2024, 3, 1), applied_on=date(2024, 3, 1), in_centre=in_centre)
    day: date | None = date(2024, 3, 1)
    while day is not None and day <= date(2027, 3, 4):
        assert "have no answer" not in answer(facts, day).note, day
        day = changes_after(facts, day)


def test_an_unknown_dwelling_matters_only_while_it_decides() -> None:
    facts = person("asylum-applicant", in_centre=None)

    first_weeks = answer(facts, date(2024, 4, 1))
    between = answer(facts, date(2024, 7, 1))
    later = answer(facts, date(2024, 12, 1))

    assert (first_weeks.work, first_weeks.missing) == (NO, ())
    assert (between.work, between.missing) == (UNKNOWN, ("in_reception_centre",))
    assert (later.work, later.missing) == (PERMISSION, ())


def test_without_the_day_of_the_application_nothing_is_guessed() -> None:
    rights = answer(person("asylum-applicant", in_centre=True, applied_on=None), date(2024, 9, 11))

    assert (rights.work, rights.missing) == (UNKNOWN, ("applied_on",))


def test_a_document_ends_the_right_unless_the_right_needs_no_document() -> None:
    last = date(2025, 3, 31)
    refugee = person("recognised-refugee", valid_until=last)
    citizen = person("german-citizen", valid_until=last)

    assert answer(refugee, last).work is YES
    assert answer(refugee, last).until == last
    assert answer(refugee, last + DAY).work is UNKNOWN
    assert answer(citizen, last + DAY).work is YES


def test_nothing_is_said_of_the_days_before_the_status() -> None:
    rights = answer(person("recognised-refugee"), date(2024, 3, 4))

    assert (rights.work, rights.since, rights.until) == (UNKNOWN, date.min, date(2024, 3, 4))


def test_the_next_change_is_known_ahead() -> None:
    facts = person("recognised-refugee", valid_until=date(2027, 3, 4))

    days = [date(2024, 3, 5)]
    while (following := changes_after(facts, days[-1])) is not None:
        days.append(following)

    assert days == [date(2024, 3, 5), date(2025, 3, 6), date(2026, 2, 9), date(2027, 3, 5)]


def test_a_new_law_with_the_same_answer_is_told_apart_from_new_rights() -> None:
    facts = person("asylum-applicant", since=date(2024, 3, 5))
    reform = changes_after(facts, date(2026, 2, 9))

    assert reform == date(2026, 6, 12)
    before, after = answer(facts, reform - DAY), answer(facts, reform)
    assert before.same_rights(after)
    assert before.sources != after.sources


@pytest.mark.parametrize(
    ("start", "months", "first"),
    [
        (date(2024, 1, 15), 3, date(2024, 4, 16)),
        (date(2023, 11, 30), 3, date(2024, 3, 1)),
        (date(2024, 11, 30), 3, date(2025, 3, 1)),
        (date(2024, 8, 31), 6, date(2025, 3, 1)),
        (date(2024, 12, 31), 12, date(2026, 1, 1)),
        (date(2024, 2, 29), 12, date(2025, 3, 1)),
    ],
)
def test_a_period_of_months_ends_with_its_day_and_opens_on_the_next(start: date, months: int, first: date) -> None:
    assert first_day_after(start, months) == first


DAYS = st.dates(date(2018, 1, 1), date(2032, 12, 31))


@st.composite
def people(draw: st.DrawFn) -> ResidenceFacts:
    since = draw(DAYS)
    return ResidenceFacts(
        country="DE",
        status=draw(st.sampled_from(status_codes())),
        since=since,
        valid_until=draw(st.none() | st.dates(since, date(2034, 1, 1))),
        in_reception_centre=draw(st.sampled_from([True, False, None])),
        applied_on=draw(st.none() | DAYS),
    )


@given(people(), DAYS, st.integers(0, 4000))
def test_an_answer_stays_the_same_until_the_day_it_changes(facts: ResidenceFacts, on: date, later: int) -> None:
    rights = answer(facts, on)
    change = changes_after(facts, on)

    some_day = min(on + later * DAY, change - DAY) if change else on + later * DAY
    assert answer(facts, some_day) == rights
    if change:
        assert change > on
        assert rights.until == change - DAY
        assert answer(facts, change) != rights
        assert answer(facts, change).since == change
    if rights.since > date.min:
        assert answer(facts, rights.since) == rights
        assert answer(facts, rights.since - DAY) != rights


@given(people(), DAYS)
def test_more_knowledge_never_contradicts_an_answer(facts: ResidenceFacts, on: date) -> None:
    """What is answered without knowing the dwelling is also the answer once it is known."""
    blind = answer(facts.model_copy(update={"in_reception_centre": None}), on)
    for where in (True, False):
        known = answer(facts.model_copy(update={"in_reception_centre": where}), on)
        for right in ("work", "training", "internship", "integration_course"):
            assert getattr(blind, right) in (UNKNOWN, getattr(known, right))


@pytest.mark.parametrize(("change", "field"), [({"country": "XX"}, "country"), ({"status": "golden-ticket"}, "status")])
def test_an_unknown_country_or_status_is_refused_with_a_way_out(change: dict[str, str], field: str) -> None:
    facts = person("student").model_copy(update=change)

    with pytest.raises(Invalid) as caught:
        answer(facts, date(2025, 1, 1))

    assert caught.value.field == field
    assert caught.value.way_out


def test_a_document_can_not_expire_before_the_status_begins() -> None:
    with pytest.raises(ValidationError, match="expires before"):
        person("student", since=date(2025, 1, 2), valid_until=date(2025, 1, 1))


# What is changed (the first time it occurs), the field that the error names, words of the message.
MISTAKES = [
    pytest.param("answer: yes", "answer: maybe", "rule_sets.title-allows-employment[0].answer", "'yes'", id="answer"),
    pytest.param("answer: yes", "anwser: yes", "rule_sets.title-allows-employment[0].anwser", "no such", id="misspelt"),
    pytest.param("      answer: yes\n", "", "rule_sets.title-allows-employment[0].answer", "required", id="missing"),
    pytest.param(
        "valid_from: 2020-03-01",
        "valid_from: soon",
        "rule_sets.title-allows-employment[0].valid_from",
        "date",
        id="date",
    ),
    pytest.param(
        "before_month: 12", "before_month: ten", "rule_sets.course-for-a-year[0].before_month", "int", id="type"
    ),
    pytest.param(
        "      counted_from: since\n", "", "rule_sets.course-for-a-year[0].before_month", "counted_from", id="no start"
    ),
    pytest.param(
        "      before_month: 12\n", "", "rule_sets.course-for-a-year[0].counted_from", "before_month", id="no months"
    ),
    pytest.param(
        "valid_until: 2026-02-08",
        "valid_until: 2022-01-01",
        "rule_sets.course-by-admission[0].valid_until",
        "before it begins",
        id="ends before it begins",
    ),
    pytest.param(
        "§ 4a Abs. 1 Satz 1 AufenthG",
        "§ 4a Abs. 1 Satz 1 AuslG",
        "rule_sets.title-allows-employment[0].sources[0]",
        "AuslG",
        id="unknown law",
    ),
    pytest.param(
        "includes: [course-by-admission-asylum]",
        "includes: [course-by-luck]",
        "statuses[0].includes[0]",
        "course-by-luck",
        id="unknown rule set",
    ),
    pytest.param(
        "code: asylum-applicant-safe-country", "code: asylum-applicant", "statuses[1].code", "twice", id="status twice"
    ),
    pytest.param(
        "id: centre-nine-months\n",
        "id: centre-nine-months-not-yet\n",
        "statuses[0].rules[1].id",
        "twice",
        id="rule twice",
    ),
    pytest.param(
        "counted_from: applied_on", "counted_from: birth", "statuses[0].rules[0].counted_from", "since", id="start"
    ),
    pytest.param("country: DE", "country: Germany", "country", "pattern", id="country"),
    pytest.param("law_as_of: 2026-02-27", "country: FR", "country", "twice", id="field twice"),
]


@pytest.mark.parametrize(("sound", "mistaken", "field", "words"), MISTAKES)
def test_a_mistake_is_named_with_file_line_and_field(
    tmp_path: Path, sound: str, mistaken: str, field: str, words: str
) -> None:
    text = GERMANY.read_text(encoding="utf-8")
    assert sound in text
    path = tmp_path / "germany.yaml"
    path.write_text(text.replace(sound, mistaken, 1), encoding="utf-8")
    changed = text[: text.index(sound)].count("\n") + 1

    with pytest.raises(RulesError) as caught:
        load(path)

    assert caught.value.file == "germany.yaml"
    assert caught.value.field == field
    assert words in caught.value.problem
    assert changed - 2 <= caught.value.line <= changed, "a mistake in a block is named by the line where it begins"
    assert f"germany.yaml, line {caught.value.line}, {field}: " in str(caught.value)
