"""Letters: templates are sound data, two languages stand side by side, and times are those of the region."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contracts.refusal import Invalid
from services.intake.letter import domain
from services.intake.letter.templates import FOLDER, LetterError, load, templates

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_every_template_is_there_in_the_three_languages() -> None:
    assert sorted(templates()) == ["invitation", "missed", "papers", "plain"]
    for template in templates().values():
        assert {"en", "de", "ar"} <= template.texts.keys()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("{reference}", "{birthday}"), "nothing fills"),
        (("Ihr Zeichen ist {reference}.", "Ihr Zeichen."), "same fields"),
        (("appointment: true", "appointment: false"), "about an appointment"),
        (("id: invitation", "id: other"), "call the file"),
    ],
)
def test_a_mistake_in_a_template_is_named(tmp_path: Path, change: tuple[str, str], what: str) -> None:
    planted = tmp_path / "invitation.yaml"
    planted.write_text((FOLDER / "invitation.yaml").read_text().replace(*change))
    with pytest.raises(LetterError, match=what):
        load(planted)


@pytest.mark.parametrize(
    ("person", "chosen"),
    [("ar", ("de", "ar")), ("ar-SY", ("de", "ar")), ("de", ("de",)), ("fa", ("de", "en")), (None, ("de", "en"))],
)
def test_the_person_s_language_stands_beside_the_agency_s(person: str | None, chosen: tuple[str, ...]) -> None:
    assert domain.languages(["en", "de", "ar"], "de", person) == chosen


def test_a_language_that_no_letter_has_is_refused() -> None:
    with pytest.raises(Invalid, match="no such letter"):
        domain.languages(["en", "de"], "fr", "ar")


def test_a_time_is_said_as_the_language_does_and_where_the_region_is() -> None:
    assert domain.when(AT, "de", BERLIN) == "2. März 2026 um 09:30 Uhr"
    assert domain.when(AT, "en", BERLIN) == "2 March 2026 at 09:30"
    assert domain.when(AT, "ar", BERLIN) == "2 مارس 2026، 09:30"


def test_an_empty_paragraph_is_left_out_and_braces_of_the_author_stay() -> None:
    made = domain.sheet("en", "A", ["Dear {name},", "{words}", "Bye"], {"name": "{author}", "words": ""})
    assert made.paragraphs == ("Dear {author},", "Bye")
