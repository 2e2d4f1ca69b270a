"""Work rights: what a status allows on a day, the very day on which that changes, and each mistake in a file."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.refusal import Invalid
from contracts.vocabulary import Allowed
from contracts.work_rights import ResidenceFacts, answer, changes_after, load, rules_of
from contracts.work_rights.loader import FOLDER
from contracts.work_rights.rules import first_day_after
from contracts.work_rights.tables import Right
from tests.support.residents import person

GERMANY = FOLDER / "germany.yaml"
DAY = timedelta(days=1)
YES, PERMISSION, NO, UNKNOWN = Allowed.YES, Allowed.WITH_PERMISSION, Allowed.NO, Allowed.UNKNOWN


def status_codes() -> list[str]:
    germany = rules_of("DE")
    assert germany is not None
    return [status.code for status in germany.statuses]


def test_the_shipped_file_of_every_country_loads() -> None:
    for path in FOLDER.glob("*.yaml"):
        country = load(path)
        assert rules_of(country.country) == country


def test_every_answer_says_that_it_is_no_legal_advice_and_where_it_comes_from() -> None:
    for code in status_codes():
        rights = answer(person(code, since=date(2024, 3, 1)), date(2024, 9, 1))
        assert rights.disclaimer == "information, not legal advice"
        assert rights.sources, code
        assert rights.law_as_of


@pytest.mark.parametrize("code", status_codes())
@pytest.mark.parametrize("in_centre", [True, False])
def test_the_rules_leave_no_gap_since_june_2024(code: str, in_centre: bool) -> None:
    facts = person(code, since=date(2024, 6, 1), applied_on=date(2024, 6, 1), in_centre=in_centre)
    day: date | None = date(2024, 6, 1)
    while day is not None and day <= date(2027, 3, 4):
        assert "do not describe" not in answer(facts, day).note, day
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


UNSURE = st.sampled_from([True, False, None])
DAYS = st.dates(date(2018, 1, 1), date(2032, 12, 31))


@st.composite
def people(draw: st.DrawFn) -> ResidenceFacts:
    since = draw(DAYS)
    return ResidenceFacts(
        country="DE",
        status=draw(st.sampled_from(status_codes())),
        since=since,
        valid_until=draw(st.none() | st.dates(since, date(2034, 1, 1))),
        in_reception_centre=draw(UNSURE),
        minor_children=draw(UNSURE),
        applied_on=draw(st.none() | DAYS),
        stay_since=draw(st.none() | st.dates(date(2015, 1, 1), since)),
        extension_requested_on=draw(st.none() | DAYS),
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
        for right in Right:
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
