"""What people may send as a moment, a day or a concept."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.vocabulary import ConceptUri, Day, Moment

MOMENT: TypeAdapter[Any] = TypeAdapter(Moment)
DAY: TypeAdapter[Any] = TypeAdapter(Day)
CONCEPT: TypeAdapter[Any] = TypeAdapter(ConceptUri)


@pytest.mark.parametrize("given", ["2000-01-01T00:00:00Z", "2200-12-31T23:59:59Z", "1999-12-31T23:30:00-01:00"])
def test_a_moment_of_these_two_centuries_is_taken(given: str) -> None:
    assert MOMENT.validate_python(given).tzinfo is not None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("9999-12-31T23:59:59-23:59", "2000 to 2200"),
        ("0001-01-01T00:00:00+23:59", "2000 to 2200"),
        ("2201-01-01T00:00:00Z", "2000 to 2200"),
        ("2000-01-01T00:00:00+01:00", "2000 to 2200"),
        ("2026-12-01T09:00:00", "timezone"),
    ],
)
def test_another_moment_is_refused_in_words(given: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MOMENT.validate_python(given)


def test_a_day_has_bounds() -> None:
    assert [str(DAY.validate_python(day)) for day in ("1900-01-01", "2200-12-31")] == ["1900-01-01", "2200-12-31"]
    for day in ("0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"):
        with pytest.raises(ValidationError, match="1900 to 2200"):
            DAY.validate_python(day)


def test_readers_of_the_schemas_see_a_date_and_a_moment() -> None:
    assert (MOMENT.json_schema()["format"], DAY.json_schema()["format"]) == ("date-time", "date")


@pytest.mark.parametrize("tail", ["\0", "\x1b[0m", "a b", "\u202e", "\u00e9", "\n", ""])
def test_a_concept_is_an_address_in_plain_characters(tail: str) -> None:
    with pytest.raises(ValidationError):
        CONCEPT.validate_python(f"http://{tail}")
    assert CONCEPT.validate_python("http://data.europa.eu/esco/skill/%C3%A9?a=b#c")
