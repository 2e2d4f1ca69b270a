"""Suggestions: hard rules are never broken, scores stay in bounds, learning something never counts against anybody."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import Allowed, Cefr, Evidence, OpportunityId, OpportunityKind, SkillLevel
from services.matching.suggestion import domain, rules
from services.matching.suggestion.terms import Bar, Candidate, Code, HeldSkill, Place, Reason, Rights

TODAY = date(2026, 9, 1)
SKILLS = [f"http://data.europa.eu/esco/skill/{name}" for name in ("serve", "till", "clean", "cook")]
WAITER, COOK = (f"http://data.europa.eu/esco/occupation/{name}" for name in ("waiter", "cook"))
SERVE, TILL = SKILLS[:2]

days = st.integers(-60, 400).map(lambda days: TODAY + timedelta(days=days))
held_skills = st.builds(HeldSkill, st.sampled_from(SKILLS), st.sampled_from(SkillLevel), st.sampled_from(Evidence))
spoken = st.tuples(st.sampled_from(["de", "en"]), st.sampled_from(Cefr))
answers = st.sampled_from(Allowed)
candidates = st.builds(
    Candidate,
    skills=st.lists(held_skills, max_size=5).map(tuple),
    languages=st.lists(spoken, max_size=2).map(tuple),
    occupations=st.frozensets(st.sampled_from([WAITER, COOK])),
    available_from=st.none() | days,
    rights=st.none() | st.builds(Rights, answers, answers, answers, since=days, until=st.none() | days),
)
places = st.builds(
    Place,
    id=st.uuids().map(OpportunityId),
    kind=st.sampled_from(OpportunityKind),
    occupation=st.sampled_from([WAITER, COOK]),
    starts_on=days,
    places_left=st.integers(0, 3),
    must_skills=st.lists(
        st.tuples(st.sampled_from(SKILLS[:2]), st.sampled_from(SkillLevel)), max_size=2, unique_by=lambda s: s[0]
    ).map(tuple),
    can_skills=st.lists(
        st.tuples(st.sampled_from(SKILLS[2:]), st.sampled_from(SkillLevel), st.floats(0.1, 10)),
        max_size=2,
        unique_by=lambda s: s[0],
    ).map(tuple),
    languages=st.lists(spoken, max_size=2, unique_by=lambda s: s[0]).map(tuple),
)

AMAL = Candidate(
    skills=(HeldSkill(SERVE, SkillLevel.INDEPENDENT, Evidence.DEMONSTRATED),),
    languages=(("de", Cefr.B1),),
    occupations=frozenset({WAITER}),
    rights=Rights(Allowed.WITH_PERMISSION, Allowed.NO, Allowed.YES, date(2026, 1, 1), date(2026, 12, 31)),
)
INTERNSHIP = Place(
    id=OpportunityId(UUID(int=1)),
    kind=OpportunityKind.INTERNSHIP,
    occupation=WAITER,
    starts_on=date(2026, 10, 1),
    places_left=1,
    must_skills=((SERVE, SkillLevel.BASIC),),
    can_skills=((TILL, SkillLevel.BASIC, 1.0),),
    languages=(("de", Cefr.A2),),
)


def fit(candidate: Candidate = AMAL, **other: Any) -> domain.Fit:
    return domain.assess(candidate, replace(INTERNSHIP, **other), today=TODAY)


@given(candidates, places)
def test_a_score_lies_between_nought_and_one(candidate: Candidate, place: Place) -> None:
    assert 0 <= domain.assess(candidate, place, today=TODAY).score <= 1


@given(candidates, places, held_skills)
def test_another_skill_never_counts_against_anybody(candidate: Candidate, place: Place, more: HeldSkill) -> None:
    before = domain.assess(candidate, place, today=TODAY)
    learnt = replace(candidate, skills=(*candidate.skills, more))
    after = domain.assess(learnt, place, today=TODAY)
    assert after.score >= before.score
    assert before.bar is not Bar.NOTHING or after.bar is Bar.NOTHING


@given(candidates, st.lists(places, max_size=6))
def test_no_hard_rule_is_ever_broken(candidate: Candidate, offered: list[Place]) -> None:
    by_id = {place.id: place for place in offered}
    for found in domain.suggest(candidate, offered, today=TODAY, limit=10):
        place = by_id[found.place]
        first_day = max(place.starts_on, TODAY)
        assert place.places_left > 0
        assert candidate.available_from is None or candidate.available_from <= first_day
        assert all(rules.holds(candidate, concept, level) for concept, level in place.must_skills)
        assert all(rules.speaks(candidate, language, level) for language, level in place.languages)
        if place.kind in rules.RIGHT_FOR:
            assert candidate.rights is not None
            assert getattr(candidate.rights, rules.RIGHT_FOR[place.kind]) in (Allowed.YES, Allowed.WITH_PERMISSION)
            assert candidate.rights.since <= first_day <= (candidate.rights.until or date.max)


@given(candidates, st.lists(places, max_size=6).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_is_always_the_same(candidate: Candidate, twice: tuple[list[Place], list[Place]]) -> None:
    one, other = (domain.suggest(candidate, some, today=TODAY, limit=10) for some in twice)
    assert one == other


def test_reasons_name_what_counts_and_what_would_help() -> None:
    found = fit()
    assert found.bar is Bar.NOTHING
    assert Reason(Code.MUST_SKILL, SERVE, SkillLevel.INDEPENDENT, Evidence.DEMONSTRATED) in found.why
    assert Reason(Code.OCCUPATION_WISHED, WAITER) in found.why
    assert found.why_not == (Reason(Code.CAN_SKILL, TILL, SkillLevel.BASIC),)
    assert found.would_help == (Reason(Code.LEARN_SKILL, TILL, SkillLevel.BASIC),)


@pytest.mark.parametrize(
    ("other", "bar", "code"),
    [
        ({"kind": OpportunityKind.APPRENTICESHIP}, Bar.FIXED, Code.WORK_RIGHT),
        ({"starts_on": date(2027, 1, 1)}, Bar.FIXED, Code.WORK_RIGHT_UNKNOWN),
        ({"places_left": 0}, Bar.FIXED, Code.NO_PLACE_LEFT),
        ({"languages": (("de", Cefr.B2),)}, Bar.LEARNABLE, Code.LANGUAGE),
        ({"must_skills": ((SERVE, SkillLevel.EXPERT),)}, Bar.LEARNABLE, Code.MUST_SKILL),
        ({"kind": OpportunityKind.JOB}, Bar.NOTHING, Code.PERMISSION_NEEDED),
    ],
)
def test_what_speaks_against_it_is_named(other: dict[str, Any], bar: Bar, code: Code) -> None:
    found = fit(**other)
    assert found.bar is bar
    assert code in {reason.code for reason in found.why_not}


def test_somebody_who_is_not_available_yet_is_not_suggested() -> None:
    late = replace(AMAL, available_from=date(2026, 10, 2))
    assert fit(late).bar is Bar.FIXED


def test_somebody_without_recorded_rights_is_told_what_would_help() -> None:
    found = fit(replace(AMAL, rights=None))
    assert found.bar is Bar.FIXED
    assert Reason(Code.RECORD_RESIDENCE) in found.would_help
    assert fit(replace(AMAL, rights=None), kind=OpportunityKind.MENTOR).bar is Bar.NOTHING


def test_near_misses_are_what_can_be_learnt() -> None:
    hard = replace(INTERNSHIP, id=OpportunityId(UUID(int=2)), languages=(("de", Cefr.C1),))
    full = replace(hard, id=OpportunityId(UUID(int=3)), places_left=0)
    [near] = domain.nearly(AMAL, [INTERNSHIP, hard, full], today=TODAY, limit=5)
    assert near.place == hard.id
