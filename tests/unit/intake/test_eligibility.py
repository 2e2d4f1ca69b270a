"""May this person take part? Each condition of a template, and its reason code."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.programmes.eligibility import AgeRange, Eligibility, EligibilityReason, LanguageNeed, WorkRightNeed
from contracts.vocabulary import Allowed, Cefr
from contracts.work_rights import ResidenceFacts, answer
from services.intake.assessment.eligibility import Person, reasons_against
from services.intake.residence.domain import NOT_RECORDED

ON = date(2026, 9, 15)
REFUGEE = ResidenceFacts(country="DE", status="recognised-refugee", since=date(2026, 3, 1))
ADULTS = Eligibility(age=AgeRange(minimum=18, maximum=26))

AMAL = Person(
    birth_year=2004,
    birth_month=3,
    birth_day=None,
    rights=answer(REFUGEE, ON),
    residence_status="recognised-refugee",
    languages={"de": Cefr.A2, "ar": Cefr.C2},
    occupations=frozenset({"http://data.europa.eu/esco/occupation/cook"}),
)
EVERYTHING = Eligibility(
    age=AgeRange(minimum=18),
    work_right=WorkRightNeed(right="internship", accepts=(Allowed.YES, Allowed.WITH_PERMISSION)),
    residence_statuses=("recognised-refugee",),
    language=LanguageNeed(language="de", level=Cefr.A1),
    occupations=("http://data.europa.eu/esco/occupation/cook",),
)


def test_who_meets_all_conditions_may_take_part() -> None:
    assert reasons_against(EVERYTHING, AMAL, ON) == ()


def test_a_programme_that_asks_nothing_is_open_to_everybody() -> None:
    stranger = Person(None, None, None, NOT_RECORDED, None, {}, frozenset())
    assert reasons_against(Eligibility(), stranger, ON) == ()


@pytest.mark.parametrize(
    ("asked", "person", "reason"),
    [
        (EVERYTHING, replace(AMAL, birth_year=2010), EligibilityReason.TOO_YOUNG),
        (ADULTS, replace(AMAL, birth_year=1990), EligibilityReason.TOO_OLD),
        (ADULTS, replace(AMAL, birth_year=None), EligibilityReason.AGE_UNKNOWN),
        (EVERYTHING, replace(AMAL, rights=NOT_RECORDED), EligibilityReason.WORK_RIGHT_UNKNOWN),
        (
            EVERYTHING,
            replace(AMAL, rights=NOT_RECORDED.model_copy(update={"internship": Allowed.NO})),
            EligibilityReason.WORK_RIGHT_MISSING,
        ),
        (EVERYTHING, replace(AMAL, residence_status="student"), EligibilityReason.STATUS_NOT_COVERED),
        (EVERYTHING, replace(AMAL, languages={"ar": Cefr.C2}), EligibilityReason.LANGUAGE_UNKNOWN),
        (
            Eligibility(language=LanguageNeed(language="de", level=Cefr.B2)),
            AMAL,
            EligibilityReason.LANGUAGE_BELOW_MINIMUM,
        ),
        (EVERYTHING, replace(AMAL, occupations=frozenset()), EligibilityReason.OCCUPATION_NOT_COVERED),
        (Eligibility(qualifications=("driving-licence-c",)), AMAL, EligibilityReason.QUALIFICATION_MISSING),
        (Eligibility(target_groups=("single-parents",)), AMAL, EligibilityReason.NOT_IN_TARGET_GROUP),
    ],
)
def test_each_condition_that_fails_has_its_code(asked: Eligibility, person: Person, reason: EligibilityReason) -> None:
    assert reasons_against(asked, person, ON) == (reason,)
    assert reason in asked.reasons


def test_a_dialect_meets_the_need_of_its_language() -> None:
    asked = Eligibility(language=LanguageNeed(language="de", level=Cefr.A1))
    assert reasons_against(asked, replace(AMAL, languages={"de-CH": Cefr.A1}), ON) == ()
    assert reasons_against(asked, replace(AMAL, languages={"den": Cefr.C1}), ON) == (
        EligibilityReason.LANGUAGE_UNKNOWN,
    )


@pytest.mark.parametrize(
    ("year", "month", "day", "allowed"),
    [
        (2008, 9, 15, True),  # turns 18 today
        (2008, 9, 16, False),
        (2008, 9, None, True),  # may have been born on the 1st
        (2008, None, None, True),
        (2008, 10, None, False),
        (1999, 9, 15, False),  # turns 27 today
        (1999, 9, None, True),  # may still be 26
        (1999, None, None, True),
    ],
)
def test_unknown_parts_of_a_birth_date_count_for_the_person(
    year: int, month: int | None, day: int | None, allowed: bool
) -> None:
    person = replace(AMAL, birth_year=year, birth_month=month, birth_day=day)
    assert (reasons_against(ADULTS, person, ON) == ()) is allowed


@given(st.dates(date(1960, 1, 1), date(2020, 12, 31)))
def test_knowing_less_of_a_birth_date_never_shuts_somebody_out(born: date) -> None:
    known = replace(AMAL, birth_year=born.year, birth_month=born.month, birth_day=born.day)
    for less in (replace(known, birth_day=None), replace(known, birth_day=None, birth_month=None)):
        assert set(reasons_against(ADULTS, less, ON)) <= set(reasons_against(ADULTS, known, ON))
