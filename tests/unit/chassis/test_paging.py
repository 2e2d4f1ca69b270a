"""Cursors: what we made is read again; what anybody else made is refused, whatever it holds."""

import base64
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.refusal import Invalid
from infra.chassis.paging import cursor, moment, number, position, text


def forged(*parts: object) -> str:
    """A cursor as somebody else could make it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def test_the_values_of_the_last_row_come_back() -> None:
    at, one = datetime(2026, 11, 30, 8, 15, 0, 7, UTC), uuid4()
    assert position(cursor(at, one), moment, type(one)) == (at, one)
    assert position(cursor("Сад «Гавань» 幼稚園"), text) == ("Сад «Гавань» 幼稚園",)
    assert position(cursor(2**62), number) == (2**62,)


def test_the_first_page_has_no_position() -> None:
    assert position(None, number) is None


def test_the_longest_name_makes_a_cursor_that_fits() -> None:
    """`After` takes 2000 characters; a name has 200, of which each may take four bytes."""
    assert len(cursor("\U0001f3e0" * 200, uuid4())) < 2000


@pytest.mark.parametrize("after", ["x", "ä", "\ud800", "W10=", "[" * 1500, base64.b64encode(b"[" * 1400).decode()])
def test_text_that_is_no_cursor_is_refused(after: str) -> None:
    with pytest.raises(Invalid, match="no cursor of ours"):
        position(after, text)


@pytest.mark.parametrize(
    "part", ["2026-11-30", "2026-11-30T08:15:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon"]
)
def test_a_moment_has_an_offset_and_lies_within_the_calendar(part: str) -> None:
    with pytest.raises(Invalid):
        position(forged(part), moment)


@pytest.mark.parametrize("part", ["1.5", "", "9223372036854775808", "9" * 1400])
def test_a_number_fits_its_column(part: str) -> None:
    with pytest.raises(Invalid):
        position(forged(part), number)


@pytest.mark.parametrize("part", ["a\0b", "\ud800", 7, None, ["x"]])
def test_a_text_is_text_that_a_column_can_hold(part: object) -> None:
    with pytest.raises(Invalid):
        position(forged(part), text)


@pytest.mark.parametrize("parts", [(), ("x",), ("x", "y", "z")])
def test_the_count_of_values_is_ours(parts: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        position(forged(*parts), text, text)
