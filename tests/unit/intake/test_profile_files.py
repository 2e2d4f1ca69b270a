"""A profile goes out as a file and comes in again: nothing is lost, and a bad file is refused with its place."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.refusal import Invalid
from contracts.vocabulary import Cefr, Evidence, SkillLevel
from services.intake.profile import exchange
from services.intake.profile.domain import Daytime, Licence, Translator
from services.intake.profile.shapes import ProfileIn

BOTH = pytest.mark.parametrize("written", [exchange.as_json, exchange.as_xml], ids=["json", "xml"])
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\n\t\u0085"),
    max_size=30,
)
WORDS = TEXTS.filter(str.strip)
MAYBE = st.none() | st.booleans()
CONCEPTS = st.sampled_from([f"http://data.europa.eu/esco/skill/{name}?a=1&b=<2>'\"" for name in "abcdefgh"])
COUNTRIES = st.none() | st.sampled_from(["SY", "UA", "ER", "DE"])
LANGUAGES = st.sampled_from(["de", "ar", "uk", "ti", "de-CH", "zh-Hant"])
YEARS, MONTHS, DAYS = (st.none() | st.integers(*bounds) for bounds in ((1900, 2100), (1, 12), (1, 31)))
VERSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "part": st.sampled_from(["title", "tasks"]),
            "language": LANGUAGES,
            "text": WORDS,
            "by": st.sampled_from(Translator),
        }
    ),
    max_size=2,
)
LEVELS = st.none() | st.sampled_from(Cefr)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(fields), max_size=2)


PROFILES = st.fixed_dictionaries(
    {},
    optional={
        "said_in": st.none() | LANGUAGES,
        "skills": some(
            concept=CONCEPTS, label=TEXTS, level=st.sampled_from(SkillLevel), evidence=st.sampled_from(Evidence),
            proof=TEXTS, versions=VERSIONS,
        ),
        "languages": some(
            language=LANGUAGES, listening=LEVELS, reading=LEVELS, interaction=LEVELS, spoken=LEVELS, written=LEVELS,
            mother_tongue=st.booleans(), certificate=TEXTS,
        ),
        "occupations": st.lists(CONCEPTS, max_size=3),
        "education": some(
            title=WORDS, country=COUNTRIES, year=YEARS, recognised=MAYBE, institution=TEXTS, subject=TEXTS,
            from_year=YEARS, eqf=st.none() | st.integers(1, 8), completed=MAYBE, versions=VERSIONS,
        ),
        "work_experience": some(
            title=WORDS, from_year=YEARS, from_month=MONTHS, from_day=DAYS, to_year=YEARS, to_month=MONTHS, to_day=DAYS,
            current=st.booleans(), occupation=st.none() | CONCEPTS, employer=TEXTS, country=COUNTRIES, tasks=TEXTS,
            versions=VERSIONS,
        ),
        "driving_licences": some(
            category=st.sampled_from(Licence), country=COUNTRIES,
            valid_until=st.none() | st.dates().filter(lambda day: 1900 <= day.year <= 2200), exchanged=MAYBE,
        ),
        "expectations": TEXTS,
        "versions": VERSIONS,
        "available_from": st.none() | st.sampled_from(["2026-12-01", "2200-12-31"]),
        "hours_per_week": st.none() | st.integers(1, 80),
        "daytimes": st.lists(st.sampled_from(Daytime), max_size=5),
        "mobility_km": st.none() | st.integers(0, 2000),
        "own_vehicle": MAYBE,
        "would_move": MAYBE,
    },
).map(ProfileIn.model_validate)  # fmt: skip


@BOTH
@settings(max_examples=150, deadline=None)
@given(profile=PROFILES)
def test_what_goes_out_comes_in_again_as_it_was(written: Callable[[ProfileIn], bytes], profile: ProfileIn) -> None:
    again = exchange.read(written(profile))
    assert again == profile
    assert again.as_profile() == profile.as_profile()
    assert written(again) == written(profile)


def test_every_field_of_a_profile_has_a_place_in_the_xml() -> None:
    """A field that is added and forgotten in the tables would be lost without a word."""
    placed = {*exchange.ONE, *exchange.LISTS, *exchange.SECTIONS}
    assert placed == ProfileIn.model_fields.keys()
    for section, (_, where) in exchange.SECTIONS.items():
        shape = ProfileIn.model_fields[section].annotation.__args__[0]  # type: ignore[union-attr]
        assert {*(where or exchange.VERSION)} | {"versions"} >= shape.model_fields.keys(), section


def test_the_xml_is_in_the_manner_of_europass() -> None:
    told = exchange.as_xml(
        ProfileIn.model_validate(
            {
                "said_in": "ar",
                "work_experience": [
                    {
                        "title": "نادل",
                        "from_year": 2015,
                        "from_month": 3,
                        "versions": [{"part": "title", "language": "de", "text": "Kellner", "by": "machine"}],
                    }
                ],
            }
        )
    ).decode()
    assert 'xmlns="http://europass.cedefop.europa.eu/Europass"' in told
    assert '<LearnerInfo locale="ar">' in told
    assert '<From year="2015" month="--03" />' in told
    assert '<Version part="title" language="de" by="machine">Kellner</Version>' in told


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<SkillsPassport><LearnerInfo locale="&b;"/></SkillsPassport>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><SkillsPassport>&f;</SkillsPassport>'
DEEP = b"<SkillsPassport>" + b"<a>" * 50


def passport(inner: str) -> bytes:
    return f"<SkillsPassport>\n<LearnerInfo>\n{inner}\n</LearnerInfo>\n</SkillsPassport>".encode()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"", "holds no profile"),
        (b"PK\x03\x04", "holds no profile"),
        (b"<SkillsPassport>\n<LearnerInfo>", "Line 2: This is no whole XML"),
        (b'<?xml version="1.0" encoding="klingon"?><SkillsPassport/>', "Line 1"),
        (BOMB, "Line 2: A document type"),
        (OUTSIDE, "Line 1: A document type"),
        (DEEP, "more elements"),
        (b"<Other/>", "Line 1: This is no SkillsPassport"),
        (passport("<Hobbies>chess</Hobbies>"), "Line 3: Hobbies is not known"),
        (passport("<Hobbies/>"), "Line 3: Hobbies is not known"),
        (passport("<Wishes>\n<Expectations>a</Expectations><Expectations>b</Expectations></Wishes>"), "Line 4"),
        (passport("<WorkExperienceList>\n<WorkExperience/>\n</WorkExperienceList>"), "Line 4, work_experience.0.title"),
        (
            passport(
                "<EducationList><Education>\n<Title>x</Title>\n<Level><Code>9</Code></Level></Education></EducationList>"
            ),
            "Line 5, education.0.eqf",
        ),
        (b'{"kind": "lotse-profile", "edition": 1,\n"profile": {', "Line 2: This is no whole JSON"),
        (b'{"kind": "other"}', "no profile of edition 1"),
        (b'{"kind": "lotse-profile", "edition": 1, "profile": []}', "profile"),
        (b'{"kind": "lotse-profile", "edition": 1, "profile": {"hobbies": 1}}', "hobbies"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_a_way_out(file: bytes, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        exchange.read(file)
    assert told in refused.value.detail
    assert refused.value.way_out


def test_signs_that_no_page_can_hold_are_refused_at_the_door() -> None:
    with pytest.raises(ValueError, match="control character"):
        ProfileIn(expectations="bell\x07")
