"""A possible match: found, answered by each side, linked or declined for good."""

from datetime import UTC, datetime
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusal import Conflict
from contracts.vocabulary import ParticipantId
from services.intake.duplicates import domain
from services.intake.duplicates.domain import Candidate, Event, SamePersonLinked, Side, Stage, State

NOW = datetime(2026, 9, 1, tzinfo=UTC)
MIRAS, JONASS = ParticipantId(UUID(int=1)), ParticipantId(UUID(int=2))
MIRAS_SIDE, JONASS_SIDE = frozenset({MIRAS}), frozenset({JONASS})
AGENCIES = frozenset({"migration-advice", "job-centre"})
LINK = UUID(int=9)


def found() -> Candidate:
    sides = Side(MIRAS, "migration-advice"), Side(JONASS, "job-centre")
    return reduce(domain.evolve, domain.find(UUID(int=5), *sides, now=NOW), None)  # type: ignore[return-value]


def after(candidate: Candidate, events: list[Event]) -> Candidate:
    return reduce(domain.evolve, events, candidate)


def confirmed(candidate: Candidate, mine: frozenset[ParticipantId]) -> tuple[Candidate, list[Event]]:
    events = domain.confirm(candidate, mine, AGENCIES, LINK, now=NOW)
    return after(candidate, events), events


def test_one_yes_does_not_link() -> None:
    candidate, events = confirmed(found(), JONASS_SIDE)
    assert candidate.stage is Stage.OPEN
    assert not any(isinstance(event, SamePersonLinked) for event in events)
    assert candidate.seen_by(JONASS_SIDE) is State.CONFIRMED_BY_YOU
    assert candidate.seen_by(MIRAS_SIDE) is State.CONFIRMED_BY_OTHER


def test_the_second_yes_links_to_the_older_record() -> None:
    candidate, _ = confirmed(found(), JONASS_SIDE)
    candidate, events = confirmed(candidate, MIRAS_SIDE)
    assert events[-1] == SamePersonLinked(LINK, MIRAS, JONASS, AGENCIES, NOW)
    assert (candidate.stage, candidate.link) == (Stage.LINKED, LINK)


def test_two_records_of_one_agency_need_one_yes() -> None:
    candidate, _ = confirmed(found(), MIRAS_SIDE | JONASS_SIDE)
    assert candidate.stage is Stage.LINKED


def test_saying_yes_twice_changes_nothing() -> None:
    candidate, _ = confirmed(found(), JONASS_SIDE)
    assert confirmed(candidate, JONASS_SIDE) == (candidate, [])


def test_a_link_is_removed_not_declined() -> None:
    linked, _ = confirmed(found(), MIRAS_SIDE | JONASS_SIDE)
    with pytest.raises(Conflict):
        domain.decline(linked, now=NOW)
    removed = after(linked, domain.remove_link(linked, now=NOW))
    assert removed.seen_by(JONASS_SIDE) is State.DECLINED
    with pytest.raises(Conflict):
        domain.remove_link(removed, now=NOW)


@given(st.lists(st.sampled_from(["mira confirms", "jonas confirms", "declines", "removes"]), max_size=8))
def test_what_was_declined_never_links(deeds: list[str]) -> None:
    candidate = after(found(), domain.decline(found(), now=NOW))
    for deed in deeds:
        try:
            match deed:
                case "mira confirms":
                    events = domain.confirm(candidate, MIRAS_SIDE, AGENCIES, LINK, now=NOW)
                case "jonas confirms":
                    events = domain.confirm(candidate, JONASS_SIDE, AGENCIES, LINK, now=NOW)
                case "declines":
                    events = domain.decline(candidate, now=NOW)
                case _:
                    events = domain.remove_link(candidate, now=NOW)
        except Conflict:
            continue
        candidate = after(candidate, events)
        assert candidate.stage is Stage.DECLINED
        assert candidate.link is None


def test_an_event_that_cant_follow_is_a_fault() -> None:
    with pytest.raises(ValueError, match="LinkRemoved"):
        domain.evolve(found(), domain.LinkRemoved(LINK, MIRAS, JONASS, NOW))
