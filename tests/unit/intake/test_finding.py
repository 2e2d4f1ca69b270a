"""Whom a typed line finds: names in any script, parts of birth dates, numbers and codes, as people write them."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import AgencyId, ParticipantId
from services.intake.participant import finding
from services.intake.participant.domain import BirthDate, Contact, Identity, Participant

BORN = BirthDate(1994, 5, 17)


def person(
    given_name: str = "Amal", family_name: str = "Haddad", birth: BirthDate = BORN, phone: str = ""
) -> Participant:
    return Participant(
        id=ParticipantId(UUID(int=7)),
        reference="P-AAAA-AAAJ",
        agency=AgencyId("job-centre"),
        caseworker=None,
        identity=Identity(given_name, family_name, birth),
        contact=Contact(phone=phone or None),
        language=None,
        registered_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )


def finds(line: str, who: Participant) -> bool:
    marks, parts = finding.marks(who), finding.read(line)
    return bool(parts) and all(part.fits & marks for part in parts)


def to_the_letter(line: str, who: Participant) -> bool:
    marks = finding.marks(who)
    return all(part.exactly & marks for part in finding.read(line))


MOHAMMED = ("Mohammed", "Muhammad", "Mohamad", "Mohamed", "Muhamed", "Mohammad", "محمد", "Мохаммед", "Мухаммад")


@pytest.mark.parametrize("written", MOHAMMED)
@pytest.mark.parametrize("sought", MOHAMMED)
def test_one_name_in_many_spellings_and_scripts(written: str, sought: str) -> None:
    assert finds(sought, person(given_name=written))


@pytest.mark.parametrize(
    ("written", "sought"),
    [
        ("Khaled", "Chaled"),
        ("خالد", "Khalid"),
        ("Yusuf", "Jussuf"),
        ("Youssef", "يوسف"),
        ("Abdulrahman", "Abdel Rahman"),
        ("Abd al-Rahman", "Abdurrahman"),
        ("Al-Haddad", "Haddad"),
        ("Alhaddad", "haddad"),
        ("الحداد", "Haddad"),
        ("Олександр", "Oleksandr"),
        ("Ганна", "Hanna"),
        ("Хаджи", "Hadschi"),
        ("ኃይለ", "Haile"),
        ("ተስፋዬ", "Tesfaye"),
        ("Müller", "mueller"),
        ("O’Neill", "oneill"),
        ("Şahin", "Schahin"),
    ],
)
def test_a_name_is_found_as_somebody_else_writes_it(written: str, sought: str) -> None:
    assert finds(sought, person(family_name=written))


@pytest.mark.parametrize("other", ["Ahmad", "Mahdi", "Hamid", "Maryam", "Karim"])
def test_another_name_is_not_found(other: str) -> None:
    assert not finds("Mohammed", person(given_name=other))


def test_names_come_in_any_order_and_all_of_them_must_fit() -> None:
    assert finds("haddad amal", person())
    assert finds("AMAL HADDAD", person())
    assert not finds("amal karimi", person())


def test_a_word_is_found_by_its_beginning_from_three_letters_on() -> None:
    assert finds("had", person())
    assert finds("hadda ama", person())
    assert not finds("ha", person()), "two letters fit half the region"
    assert finds("li", person(family_name="Li")), "unless they are the name"


def test_the_spelling_that_was_typed_comes_before_others() -> None:
    assert to_the_letter("mohammed 1994", person(given_name="Mohammed"))
    assert not to_the_letter("mohammed", person(given_name="Muhammad"))
    assert not to_the_letter("moham", person(given_name="Mohammed"))


@pytest.mark.parametrize(
    "sought",
    ["1994", "17.5.", "17.05", "5/1994", "05.1994", "1994-05", "1994-05-17", "17.05.1994", "17.5.94", "17/05/1994",
     "05/17/1994", "١٩٩٤", "amal 1994", "17.05.1994 Haddad"],
)  # fmt: skip
def test_parts_of_the_birth_date_in_the_writings_of_several_countries(sought: str) -> None:
    assert finds(sought, person())


@pytest.mark.parametrize("sought", ["1995", "18.5.", "6/1994", "17.05.1993", "1994-05-18", "amal 1993"])
def test_another_birth_date_is_not_found(sought: str) -> None:
    assert not finds(sought, person())


def test_what_is_unknown_of_a_birth_date_fits_nothing() -> None:
    assert finds("1994", person(birth=BirthDate(1994)))
    assert not finds("1.1.1994", person(birth=BirthDate(1994)))
    assert not finds("1994", person(birth=BirthDate(None, 5, 17)))


NUMBERS = ("+49 30 5550101", "0049 (0)30 555 01 01", "030/555-0101", "+49 (0)30 5550101", "(030) 5550101", "٠٣٠٥٥٥٠١٠١")


@pytest.mark.parametrize("written", NUMBERS[:5])
@pytest.mark.parametrize("sought", [*NUMBERS, "5550101", "550101"])
def test_one_number_in_many_writings(written: str, sought: str) -> None:
    assert finds(sought, person(phone=written))


def test_a_short_number_is_found_with_the_code_of_its_country() -> None:
    assert finds("+47 22 12 34 56", person(phone="22123456"))
    assert finds("+354 555 1234", person(phone="5551234"))


@pytest.mark.parametrize("sought", ["030 5550102", "50101", "+49 30 5550100"])
def test_another_number_is_not_found(sought: str) -> None:
    assert not finds(sought, person(phone="+49 30 5550101"))


def test_a_date_and_a_number_in_one_line() -> None:
    who = person(phone="0176 12345678")
    assert finds("Amal 17.05.1994 0176-12345678", who)
    assert not finds("Amal 17.05.1994 0176-12345679", who)


@pytest.mark.parametrize("sought", ["P-7KQ2-9XWZ", "p7kq29xwz", "P 7kq2 9xwz", "7KQ2-9XWZ", "7kq29xwz", "p-7kq2"])
def test_a_code_in_any_writing(sought: str) -> None:
    assert finds(sought, replace(person(), reference="P-7KQ2-9XWZ"))
    assert not finds(sought, person())


def test_a_line_without_a_letter_or_digit_asks_for_nothing() -> None:
    assert finding.read("!? …") == finding.read("") == []


@given(st.text(max_size=100))
def test_whatever_is_typed_is_read(line: str) -> None:
    assert len(finding.read(line)) <= finding.MOST_PARTS


@given(st.text(max_size=40), st.text(max_size=40))
def test_everybody_is_found_by_the_words_of_the_own_name(given_name: str, family_name: str) -> None:
    who = person(given_name=given_name, family_name=family_name)
    for mark, text in finding.marks(who):
        if mark is finding.Of.NAME and not any(letter.isdigit() for letter in text):
            assert finds(text, who)
