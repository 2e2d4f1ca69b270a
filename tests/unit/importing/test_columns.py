"""Which column is which field, in English, in German, and as somebody says."""

from pathlib import Path

import pytest

from infra.importing.columns import Unmapped, as_mapping, read_mapping
from infra.importing.participants import FIELDS, complete, language_code, proposal
from infra.importing.rows import left_out
from infra.importing.table import Line, Table


def table(*headings: str) -> Table:
    return Table(headings, (Line(2, dict.fromkeys(headings, "x")),), "made up")


def test_english_and_german_headings_are_recognised() -> None:
    english = table("ID", "First name", "Last Name", "Date of birth", "Phone", "E-mail", "City", "Language")
    assert list(proposal(english).values()) == [
        *("own_number", "given_name", "family_name", "birth", "phone", "email", "address", "language")
    ]
    german = table("Kundennummer", "VORNAME", "Nachname", "Geb.-Datum", "Telefon", "Straße", "PLZ", "Ort", "Sprache")
    assert list(proposal(german).values()) == [
        *("own_number", "given_name", "family_name", "birth", "phone", "address", "address", "address", "language")
    ]


def test_a_name_beside_a_given_name_is_the_familys() -> None:
    assert proposal(table("Name", "Vorname")) == {"Name": "family_name", "Vorname": "given_name"}
    assert proposal(table("Name")) == {"Name": "name"}


def test_of_two_columns_for_one_field_the_first_counts_and_the_other_is_told() -> None:
    two = table("Name", "Telefon", "Mobil", "Augenfarbe", "lotse: row")
    assert proposal(two) == {"Name": "name", "Telefon": "phone"}
    assert left_out(two, proposal(two)) == ["Mobil", "Augenfarbe"], "our own report's columns go without saying"


def test_without_a_name_nothing_is_sent() -> None:
    with pytest.raises(Unmapped, match="hold a name"):
        complete(proposal(table("Telefon")), table("Telefon"))


def test_a_mapping_file_says_it_and_what_is_proposed_is_one(tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text(as_mapping({"Wie heißt er?": "name"}))
    assert read_mapping(file, ["Wie heißt er?", "Ort"], FIELDS) == {"Wie heißt er?": "name"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("columns: {Nome: name}", "not there"),
        ("columns: {Name: shoe_size}", "no field"),
        ("columns: {Name: name, Rufname: name}", "both"),
        ("columns", "can't be read"),
        ("{", "can't be read"),
    ],
)
def test_a_mapping_that_is_wrong_says_what_is(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "map.yaml"
    file.write_text(text)
    with pytest.raises(Unmapped, match=says) as refused:
        read_mapping(file, ["Name", "Rufname"], FIELDS)
    assert refused.value.way_out


def test_languages_may_be_written_as_words() -> None:
    words = ("Arabic", "arabisch", "Tigrinya", "Persisch", "Ukrainian", "ar", "Klingonese")
    assert [language_code(word) for word in words] == ["ar", "ar", "ti", "fa", "uk", "ar", "Klingonese"]
