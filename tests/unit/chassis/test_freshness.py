"""How old the knowledge of grants may be: the rule alone, with a clock in the hand."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from contracts import heartbeat
from contracts.topics import INTAKE, MATCHING, Topic
from infra.chassis.bus.base import Received
from infra.chassis.freshness import SOURCE, Freshness

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL = frozenset(range(SOURCE.partitions))


class Told:
    """A service that hears what it is told, at the time that it is told."""

    def __init__(self, *, own: bool = False) -> None:
        self.now = START
        self.rule = Freshness(timedelta(seconds=30), own=own, clock=lambda: self.now)

    def hear(self, place: int = 3, *, sent: float = 0, behind: float = 0, topic: Topic = INTAKE) -> None:
        at = START + timedelta(seconds=sent)
        beat = heartbeat.heartbeat(uuid4(), "/region/intake", place, at, timedelta(seconds=behind))
        self.rule.hear(Received(topic.name, "", beat.to_bytes(), {heartbeat.HEADER: "1"}, place))
        self.rule._known |= self.rule._heard

    def at(self, seconds: float) -> None:
        self.now = START + timedelta(seconds=seconds)

    @property
    def fresh(self) -> frozenset[int]:
        return ALL - self.rule.stale(self.now)


def test_before_the_first_heartbeat_nothing_is_known() -> None:
    told = Told()
    assert told.rule.stale(START) == ALL
    assert told.rule.age() == float("inf")


def test_a_heartbeat_keeps_its_own_partition_fresh_for_so_long_and_no_longer() -> None:
    told = Told()
    told.hear(3)
    assert told.fresh == {3}
    told.at(30)
    assert told.fresh == {3}
    told.at(30.001)
    assert told.fresh == frozenset()


def test_it_ends_by_itself_with_the_next_heartbeat() -> None:
    told = Told()
    told.hear(3)
    told.at(100)
    assert told.fresh == frozenset()
    told.hear(3, sent=100)
    assert told.fresh == {3}


def test_a_relay_that_beats_but_keeps_its_events_makes_nothing_fresh() -> None:
    told = Told()
    told.at(60)
    told.hear(3, sent=60, behind=29)
    assert told.fresh == {3}
    told.hear(3, sent=60, behind=31)
    assert told.fresh == frozenset()


def test_a_heartbeat_that_lay_in_the_topic_is_as_old_as_it_is() -> None:
    """A worker that comes back after ten minutes hears old heartbeats first, and they prove nothing."""
    told = Told()
    told.at(600)
    told.hear(3, sent=1)
    assert told.fresh == frozenset()
    told.hear(3, sent=599)
    assert told.fresh == {3}


def test_a_publisher_whose_clock_is_ahead_gains_nothing() -> None:
    told = Told()
    told.hear(3, sent=4)
    told.at(30.5)
    assert told.fresh == frozenset(), "it counts from when it was heard"
    told.at(0)
    told.hear(3, sent=6)
    told.at(30.5)
    assert told.fresh == frozenset(), "so far ahead it proves nothing"


def test_a_publisher_whose_clock_is_behind_makes_it_stale_earlier() -> None:
    told = Told()
    told.hear(3, sent=-20)
    assert told.fresh == {3}
    told.at(10.5)
    assert told.fresh == frozenset()


def test_what_is_known_of_the_future_proves_nothing() -> None:
    told = Told()
    told.at(3600)
    told.hear(3, sent=3600)
    told.at(0)
    assert told.fresh == frozenset(), "the clock was set back: nobody knows what the hour was"


def test_only_heartbeats_of_the_topic_of_grants_count_and_unreadable_ones_do_not() -> None:
    told = Told()
    told.hear(3, topic=MATCHING)
    told.rule.hear(Received(INTAKE.name, "", b"beat", {heartbeat.HEADER: "1"}, 3))
    told.rule._known |= told.rule._heard
    assert told.fresh == frozenset()


def test_the_service_that_states_the_grants_is_never_stale() -> None:
    told = Told(own=True)
    told.at(10_000)
    assert told.fresh == ALL
    assert told.rule.age() == 0.0


def test_the_age_is_that_of_the_partition_of_which_least_is_known() -> None:
    told = Told()
    for place in sorted(ALL):
        told.hear(place, sent=0)
    told.at(10)
    for place in sorted(ALL - {5}):
        told.hear(place, sent=9)
    assert told.rule.age() == 10
