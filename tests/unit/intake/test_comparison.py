"""One person in two registers: the names, dates and numbers by which records are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.duplicates import blocking
from services.intake.duplicates.comparison import compare
from services.intake.duplicates.names import skeleton, words
from services.intake.duplicates.particulars import Particulars
from services.intake.duplicates.weights import Field, Level, Score, defaults
from services.intake.participant.domain import BirthDate, Contact, Identity

NOBODY = Contact()
REGION = 10_000
"""People in the region: the more there are, the more are alike by chance."""

texts = st.text("abcdefghijklmnopqrstuvwxyzäöüßأملحدادИванов", min_size=0, max_size=8)
years = st.one_of(st.none(), st.integers(1940, 2010))
people = st.builds(Identity, texts, texts, st.builds(BirthDate, years))


def person(name: str, year: int | None = None, month: int | None = None, day: int | None = None) -> Identity:
    given_name, _, family_name = name.partition(" ")
    return Identity(given_name, family_name, BirthDate(year, month, day))


def compared(one: Identity, other: Identity, phones: tuple[str | None, str | None] = (None, None)) -> Score:
    a, b = Particulars.of(one, Contact(phone=phones[0])), Particulars.of(other, Contact(phone=phones[1]))
    return defaults().score(*compare(a, b), people=REGION)


def keys(one: Identity) -> frozenset[str]:
    return blocking.keys(Particulars.of(one, NOBODY))


def keys_beside(one: Identity) -> frozenset[str]:
    return blocking.keys_beside(Particulars.of(one, NOBODY))


def shared_key(one: Identity, other: Identity) -> bool:
    return bool((keys(one) | keys_beside(one)) & keys(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Amal Haddad", "أمل حداد"),
        ("Amal Haddad", "امل الحداد"),
        ("Amal Haddad", "Hadad Emel"),
        ("Mohammed Al-Masri", "Muhamad Masri"),
        ("Youssef Khalil", "Jussuf Chalil"),
        ("Oleksandr Shevchenko", "Олександр Шевченко"),
        ("Volodymyr Tkachenko", "Wolodymyr Tkatschenko"),
        ("Fatemeh Hosseini", "Fatima Hoseini"),
        ("Tesfay Gebremedhin", "Tesfai Gebremedhn"),
        ("Zeynep Yılmaz", "Yilmaz Zeynep"),
    ],
)
def test_one_person_spelt_in_two_ways_is_found_and_told(one: str, other: str) -> None:
    a, b = person(one, 1994, 3), person(other, 1994)
    assert shared_key(a, b)
    assert compared(a, b).possible


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person("Amal Haddad", 1994), person("Rami Haddad", 1994)),
        (person("Amal Haddad", 1994), person("Jamila Hariri", 1994)),
        (person("Mohammed Ali", 1980), person("Mohammed Hassan", 1980)),
        (person("Amal Haddad", 1994, 3, 12), person("Amal Haddad", 1971, 8, 2)),
        (person("Amal", 1994), person("Amal", 1994)),
    ],
)
def test_two_people_are_not_told_to_be_one(one: Identity, other: Identity) -> None:
    assert not compared(one, other).possible


def test_a_telephone_shared_in_a_family_does_not_make_one_person() -> None:
    amal, rami = person("Amal Haddad", 1994), person("Rami Haddad", 1996)
    assert not compared(amal, rami, ("+49 30 5550101", "030 / 555 01 01")).possible


def test_a_number_is_the_same_with_and_without_the_country() -> None:
    amal = person("Amal Haddad")
    found = {f.field: f.level for f in compared(amal, amal, ("+49 30 5550101", "030 / 555 01 01")).findings}
    assert found[Field.PHONE] is Level.EXACT


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (BirthDate(1994, 3, 12), BirthDate(1994, 3, 12), Level.SAME_DAY),
        (BirthDate(1994, 3, 12), BirthDate(1994, 12, 3), Level.DAY_AND_MONTH_SWAPPED),
        (BirthDate(1994, 3, 12), BirthDate(1994, 3), Level.SAME_MONTH),
        (BirthDate(1994, 3, 12), BirthDate(1994, 1, 1), Level.SAME_YEAR),
        (BirthDate(1994, 1, 1), BirthDate(1994, 1, 1), Level.SAME_YEAR),
        (BirthDate(1994, 3, 12), BirthDate(1995, 1, 1), Level.YEAR_BESIDE),
        (BirthDate(1994), BirthDate(1990), Level.DIFFERENT),
        (BirthDate(1994), BirthDate(), Level.UNKNOWN),
    ],
)
def test_birth_dates_agree_as_far_as_they_are_known(one: BirthDate, other: BirthDate, level: Level) -> None:
    findings = compared(Identity("A", "B", one), Identity("A", "B", other)).findings
    assert [f.level for f in findings if f.field is Field.BIRTH] == [level]


def test_what_is_unknown_says_nothing() -> None:
    findings = compared(person("Amal Haddad"), person("Amal Haddad")).findings
    assert {f.field: f.bits for f in findings if f.level is Level.UNKNOWN} == dict.fromkeys(
        set(Field) - {Field.NAMES}, 0.0
    )


def test_an_estimated_year_may_be_one_off() -> None:
    assert shared_key(person("Amal", 1994), person("Amal", 1995))
    assert not shared_key(person("Amal", 1994), person("Amal", 1997))


def test_skeletons_keep_the_consonants_as_they_sound() -> None:
    assert skeleton("haddad") == skeleton("hadad") == skeleton("hdad")
    assert skeleton("youssef") == skeleton("jussuf")
    assert skeleton("ali") == "ali"


def test_particles_are_left_out_unless_there_is_nothing_else() -> None:
    assert words("Amal", "al-Haddad") == ("amal", "haddad")
    assert words("", "Ben") == ("ben",)


@given(people, people)
def test_the_order_of_names_never_changes_the_score(one: Identity, other: Identity) -> None:
    swapped = Identity(one.family_name, one.given_name, one.birth)
    assert compared(swapped, other) == compared(one, other)
    assert keys(swapped) == keys(one)


@given(people, people)
def test_it_does_not_matter_which_record_comes_first(one: Identity, other: Identity) -> None:
    assert compared(one, other) == compared(other, one)


@given(people)
def test_a_record_shares_its_keys_with_itself_and_nothing_weighs_against(one: Identity) -> None:
    assert all(f.bits >= 0 for f in compared(one, one).findings)
