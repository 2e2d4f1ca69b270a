"""What a row of a file of opportunities says, and what is wrong with it."""

from datetime import date

import pytest

from contracts.vocabulary import Cefr, OpportunityKind, SkillLevel
from services.matching.imports.domain import Reading, Row, Words, occupation_words, read, skill_words
from services.matching.opportunity.domain import LanguageNeed, SkillNeed, SkillWish

SERVE, TILL = "http://data.europa.eu/esco/skill/serve-food", "http://data.europa.eu/esco/skill/operate-till"
WAITER = "http://data.europa.eu/esco/occupation/waiter"
KNOWN = Words({"waiter/waitress": WAITER}, {"serve food": SERVE})
NONE = Words({}, {})


def row(**cells: str) -> Row:
    sound = {"kind": "job", "title": "Service", "occupation": WAITER, "region": "Harbour", "starts_on": "2027-01-04"}
    return Row(2, **(sound | cells))


def columns(reading: Reading) -> list[str]:
    assert reading.offer is None
    assert all(fault.what and fault.way_out for fault in reading.faults)
    return [fault.column for fault in reading.faults]


def test_a_full_row_is_an_offer() -> None:
    read_ = read(
        row(
            kind="Praktikum",
            occupation="Waiter/waitress",
            capacity="3",
            starts_on="04.01.2027",
            must_skills=f"serve food = independent; {TILL}",
            can_skills="http://data.europa.eu/esco/skill/clean-rooms = basic * 2,5",
            languages="de B1; ar a2",
        ),
        KNOWN,
    )
    offer = read_.offer
    assert offer is not None
    assert (offer.kind, offer.occupation, offer.capacity) == (OpportunityKind.INTERNSHIP, WAITER, 3)
    assert offer.starts_on == date(2027, 1, 4)
    assert offer.must_skills == (SkillNeed(SERVE, SkillLevel.INDEPENDENT), SkillNeed(TILL, SkillLevel.BASIC))
    assert offer.can_skills == (SkillWish("http://data.europa.eu/esco/skill/clean-rooms", SkillLevel.BASIC, 2.5),)
    assert offer.language_needs == (LanguageNeed("de", Cefr.B1), LanguageNeed("ar", Cefr.A2))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("kind", "something"),
        ("title", " "),
        ("title", "x" * 201),
        ("occupation", "wizard"),
        ("capacity", "none"),
        ("capacity", "0"),
        ("starts_on", "31.02.2027"),
        ("starts_on", "soon"),
        ("must_skills", "fly"),
        ("must_skills", f"{SERVE} = brilliant"),
        ("can_skills", f"{SERVE} * 99"),
        ("languages", "German"),
        ("languages", "de D1"),
    ],
)
def test_what_can_not_be_read_is_named(column: str, text: str) -> None:
    assert columns(read(row(**{column: text}), KNOWN)) == [column]


def test_every_fault_of_a_row_is_named_at_once() -> None:
    wrong = row(kind="?", capacity="many", languages="xx", starts_on="")
    assert columns(read(wrong, KNOWN)) == ["kind", "capacity", "starts_on", "languages"]


def test_an_offer_that_contradicts_itself_is_a_fault() -> None:
    assert columns(read(row(must_skills=SERVE, can_skills=SERVE), KNOWN)) == ["can_skills"]


def test_only_words_are_looked_up() -> None:
    asked = row(occupation="Waiter", must_skills=f"{SERVE}; Serve  food = basic\nwash up * 2")
    assert list(occupation_words(asked)) == ["waiter"]
    assert list(skill_words(asked)) == ["serve food", "wash up"]


def test_however_written_the_same_row_is_known_again() -> None:
    one, other = read(row(starts_on="04.01.2027", kind="Job"), NONE), read(row(title=" Service "), NONE)
    assert one.key == other.key
    assert read(row(own_number="7"), NONE).key == read(row(own_number=" 7 ", title="New"), NONE).key
