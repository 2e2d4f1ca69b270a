"""The profile: written as a whole, with languages at the lowest level that was assessed."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusal import Invalid
from contracts.vocabulary import Cefr, Evidence, ParticipantId, SkillLevel
from services.intake import outgoing
from services.intake.profile import domain
from services.intake.profile.domain import Language, Profile, Skill, WorkExperience

NOW = datetime(2026, 9, 1, tzinfo=UTC)
AMAL = ParticipantId(UUID(int=1))
COOKING = Skill("http://data.europa.eu/esco/skill/cook", "Kibbeh", SkillLevel.EXPERT, Evidence.DEMONSTRATED)

levels = st.one_of(st.none(), st.sampled_from(Cefr))


def test_writing_the_same_again_says_nothing() -> None:
    profile = Profile(skills=(COOKING,))
    [event] = domain.write(AMAL, Profile(), profile, now=NOW)
    assert event.profile == profile
    assert domain.write(AMAL, profile, profile, now=NOW) == []


@given(st.fixed_dictionaries(dict.fromkeys(("listening", "reading", "spoken", "written", "interaction"), levels)))
def test_a_language_counts_with_its_lowest_assessed_level(parts: dict[str, Cefr | None]) -> None:
    level = replace(Language("de"), **parts).level  # type: ignore[arg-type] # parts of the grid only
    assessed = [one for one in parts.values() if one is not None]
    assert level == (min(assessed, key=list(Cefr).index) if assessed else None)


def test_nothing_in_words_leaves_the_service() -> None:
    profile = Profile(
        skills=(COOKING,),
        languages=(Language("de", listening=Cefr.B1, written=Cefr.A2), Language("ku")),
        work_experience=(WorkExperience("Cook at Bab Touma"),),
        expectations="A kitchen near the school",
    )
    [event] = domain.write(AMAL, Profile(), profile, now=NOW)
    [fact] = outgoing.OUTGOING[type(event)](event)
    said = fact.model_dump_json()
    assert '"languages":[{"language":"de","level":"A2"}]' in said
    assert not any(word in said for word in ("Kibbeh", "Bab Touma", "school", "ku"))


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (Profile(skills=(COOKING, COOKING)), "skills.1"),
        (Profile(languages=(Language("de"), Language("DE"))), "languages.1"),
        (Profile(work_experience=(WorkExperience("Cook", 2020, 2018),)), "work_experience.0.to_year"),
    ],
)
def test_what_cant_be_names_its_place(profile: Profile, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        domain.write(AMAL, Profile(), profile, now=NOW)
    assert refused.value.field == field


def test_an_occupation_counts_whether_it_is_wanted_or_was_done() -> None:
    wanted, done = (f"http://data.europa.eu/esco/occupation/{name}" for name in ("waiter", "cook"))
    jobs = (WorkExperience("Kitchen", occupation=done), WorkExperience("Market"))
    assert Profile(occupations=(wanted,), work_experience=jobs).known_occupations == {wanted, done}
    assert Profile().known_occupations == frozenset()
