"""Rows of files as offices write them: what is understood, what is a fault, and what is only odd."""

from datetime import date
from typing import Any

import pytest

from contracts.refusal import Invalid
from services.intake.imports.birth import DateOrder, read_birth
from services.intake.imports.domain import ODD_NAME, Reading, Row, read
from services.intake.participant.domain import BirthDate

TODAY = date(2026, 11, 22)


def reading(**cells: str) -> Reading:
    row: dict[str, Any] = {"row": 2, "family_name": "Haddad", **cells}
    return read(Row(**row), None, today=TODAY)


def faults(**cells: str) -> list[str]:
    return [fault.column for fault in reading(**cells).faults]


@pytest.mark.parametrize(
    ("written", "year", "month", "day"),
    [
        ("", None, None, None),
        ("1994", 1994, None, None),
        ("١٩٩٤", 1994, None, None),
        ("1994-05", 1994, 5, None),
        ("05/1994", 1994, 5, None),
        ("1994-05-17", 1994, 5, 17),
        ("1994-05-17 00:00:00", 1994, 5, 17),
        ("17.5.1994", 1994, 5, 17),
        ("17. 05. 1994", 1994, 5, 17),
        ("01.01.1994", 1994, 1, 1),
        ("00.00.1994", 1994, None, None),
        ("00.05.1994", 1994, 5, None),
        ("XX.XX.1994", 1994, None, None),
        ("--.--.1994", 1994, None, None),
        ("1994-??-??", 1994, None, None),
        ("17.05.0000", None, 5, 17),
        ("17/05/1994", 1994, 5, 17),
        ("05/17/1994", 1994, 5, 17),
        ("04/04/1994", 1994, 4, 4),
        ("??/05/1994", 1994, 5, None),
    ],
)
def test_a_birth_date_is_read_as_offices_write_it(
    written: str, year: int | None, month: int | None, day: int | None
) -> None:
    assert read_birth(written, None, today=TODAY) == BirthDate(year, month, day)


@pytest.mark.parametrize(
    "written",
    ["31.02.1994", "17.5.94", "1850", "2027-01-01", "34335", "spring 1994", "1994-05/17", "17.??.1994", "13/13/1994"],
)  # fmt: skip
def test_what_is_no_birth_date_is_a_fault_with_a_way_out(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_birth(written, None, today=TODAY)
    assert refused.value.way_out
    assert written not in refused.value.detail


def test_day_and_month_are_not_guessed() -> None:
    with pytest.raises(Invalid, match="can't be told apart"):
        read_birth("03/04/1994", None, today=TODAY)
    assert read_birth("03/04/1994", DateOrder.DAY_FIRST, today=TODAY) == BirthDate(1994, 4, 3)
    assert read_birth("03/04/1994", DateOrder.MONTH_FIRST, today=TODAY) == BirthDate(1994, 3, 4)
    assert read_birth("03.04.1994", DateOrder.MONTH_FIRST, today=TODAY) == BirthDate(1994, 4, 3), "points: day first"


def test_the_first_of_january_is_kept_and_pointed_at() -> None:
    found = reading(birth="01.01.1994")
    assert found.identity.birth == BirthDate(1994, 1, 1)
    assert [hint.column for hint in found.hints] == ["birth"]
    assert reading(birth="02.01.1994").hints == ()


def test_names_are_taken_as_they_are() -> None:
    swapped = reading(given_name="Haddad", family_name="Amal")
    assert (swapped.identity.given_name, swapped.identity.family_name) == ("Haddad", "Amal"), "not corrected"
    comma = reading(family_name="", name="Haddad, Amal")
    assert (comma.identity.given_name, comma.identity.family_name) == ("Amal", "Haddad")
    whole = reading(family_name="", name="Amal  Haddad")
    assert (whole.identity.family_name, whole.hints) == ("Amal Haddad", (ODD_NAME,))
    assert reading(family_name="", name="Amal").hints == ()
    assert reading(given_name="أمل", family_name="حدّاد").faults == ()


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    assert faults(birth="31.02.1994", phone="by post", email="amal", language="Arabic") == [
        "birth",
        "phone",
        "email",
        "language",
    ]
    assert faults(family_name="") == ["family_name"]
    assert faults(given_name="+49 30 5550101") == ["given_name"], "the row has moved by a column"
    assert faults(address="x" * 201) == ["address"]
    assert faults(given_name="Am\x07al") == ["given_name"]


def test_a_number_that_a_spreadsheet_has_rounded_is_not_taken_for_one() -> None:
    [fault] = reading(phone="4,93055E+11").faults
    assert "rounded" in fault.what


def test_two_rows_are_one_if_they_say_the_same_however_it_is_written() -> None:
    assert reading(birth="17.05.1994").key == reading(birth="1994-05-17", family_name=" Haddad ").key
    assert reading(birth="1994").key != reading(birth="1995").key
    assert reading(own_number="K-17", birth="1994").key == reading(own_number="K-17", birth="1995").key
    assert reading(own_number="K-17").key != reading(own_number="K-18").key


def test_no_fault_repeats_a_value() -> None:
    secret = "Zebrawood99@"
    for column in ("given_name", "birth", "phone", "email", "language"):
        assert "Zebrawood" not in str([(f.what, f.way_out) for f in reading(**{column: secret}).faults])
