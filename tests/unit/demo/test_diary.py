"""The diary: days come in order, everybody has lived a day before the next one comes, and a fault ends it."""

import pytest

from infra.demo.diary import Diary


class Time:
    """Business time, which only notes how it was moved."""

    def __init__(self) -> None:
        self.moves: list[float] = []

    async def turn(self, days: float) -> None:
        self.moves.append(days)


async def test_days_come_in_order_and_nobody_is_left_behind() -> None:
    time, lived = Time(), list[str]()
    diary = Diary(time.turn)

    async def amal() -> None:
        for day in (3, 10):
            await diary.until(day)
            lived.append(f"amal {diary.day}")

    async def omar() -> None:
        await diary.until(3)
        lived.append(f"omar {diary.day}")
        await diary.until(2)
        lived.append(f"omar {diary.day}")
        await diary.until(diary.day + 1)
        lived.append(f"omar {diary.day}")

    told: list[int] = []
    await diary.live([amal, omar], 20, told.append)
    assert lived == ["amal 3", "omar 3", "omar 3", "omar 4", "amal 10"]
    assert told == [3, 4, 10, 20]
    assert time.moves == [3, 1, 6, 10]


async def test_a_life_without_waiting_and_none_at_all_end_with_the_last_day() -> None:
    time = Time()

    async def short() -> None:
        return

    await Diary(time.turn).live([short], 5, lambda _: None)
    assert time.moves == [5]


async def test_a_fault_of_one_ends_the_year_as_itself() -> None:
    diary = Diary(Time().turn)

    async def patient() -> None:
        await diary.until(9)

    async def unlucky() -> None:
        await diary.until(2)
        raise LookupError("no such place")

    with pytest.raises(LookupError, match="no such place"):
        await diary.live([patient, unlucky], 20, lambda _: None)
    assert diary.day == 2
