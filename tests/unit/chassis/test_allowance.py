"""So often and no more, for each person, and again when time has passed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.refusal import TooMany
from infra.chassis import allowance
from infra.chassis.allowance import Allowance

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JONAS, KEN, VERA = (UUID(int=number) for number in (1, 2, 3))


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_fourth_is_refused_until_the_first_is_long_enough_ago() -> None:
    three = Allowance(3, timedelta(seconds=10))
    for second in (0, 1, 2):
        three.spend(JONAS, after(second))
    with pytest.raises(TooMany) as refused:
        three.spend(JONAS, after(3.5))
    assert refused.value.seconds == 7
    with pytest.raises(TooMany):
        three.spend(JONAS, after(9.9))  # a refusal does not count and puts nothing off
    three.spend(JONAS, after(10))


def test_each_person_has_an_own_allowance() -> None:
    one = Allowance(1, timedelta(seconds=10))
    one.spend(JONAS, NOON)
    one.spend(KEN, NOON)
    with pytest.raises(TooMany):
        one.spend(KEN, NOON)


def test_not_more_people_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "MOST", 2)
    one = Allowance(1, timedelta(seconds=10))
    for who in (JONAS, KEN, VERA):
        one.spend(who, NOON)
    one.spend(JONAS, NOON)
    with pytest.raises(TooMany):
        one.spend(VERA, NOON)
