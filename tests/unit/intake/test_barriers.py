"""Barriers: recorded, changed, told as a whole without a word of explanation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from uuid import UUID

import pytest

from contracts.refusal import Invalid
from contracts.topics import INTAKE_CARE
from contracts.vocabulary import NeedDomain, ParticipantId
from services.intake import outgoing
from services.intake.assessment import domain
from services.intake.assessment.domain import Barrier, BarrierChanged, Severity

NOW = datetime(2026, 9, 1, tzinfo=UTC)
AMAL = ParticipantId(UUID(int=1))
CHILD_CARE = Barrier(UUID(int=7), AMAL, NeedDomain.FAMILY, Severity.HIGH, "no place in the nursery yet", NOW)


def test_a_barrier_is_closed_and_can_come_back() -> None:
    closed = reduce(domain.evolve, domain.change(CHILD_CARE, severity=None, is_open=False, now=NOW), CHILD_CARE)
    assert (closed.open, closed.severity, closed.version) == (False, Severity.HIGH, 2)
    assert domain.change(closed, severity=None, is_open=True, now=NOW) == [
        BarrierChanged(CHILD_CARE.id, Severity.HIGH, True, NOW)
    ]


def test_a_change_to_what_it_is_already_is_none() -> None:
    assert domain.change(CHILD_CARE, severity=Severity.HIGH, is_open=True, now=NOW) == []


def test_a_change_of_nothing_is_refused() -> None:
    with pytest.raises(Invalid):
        domain.change(CHILD_CARE, severity=None, is_open=None, now=NOW)


def test_others_learn_the_whole_state_as_codes_on_the_care_topic() -> None:
    debts = replace(CHILD_CARE, id=UUID(int=8), domain=NeedDomain.FINANCE, recorded_at=NOW - timedelta(days=1))
    event = domain.whole_state(AMAL, [CHILD_CARE, debts], now=NOW)
    [fact] = outgoing.OUTGOING[type(event)](event)
    assert fact.topic is INTAKE_CARE
    said = fact.model_dump(mode="json")
    assert [one["domain"] for one in said["barriers"]] == ["finance", "family"]
    assert "nursery" not in str(said)
