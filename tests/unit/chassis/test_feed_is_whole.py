"""A feed is whole when each of its rows is there, however a bus mixes the keys, and however often a batch came."""

from uuid import UUID

from infra.chassis.bus.base import Received
from infra.chassis.outbox import POSITION
from infra.chassis.republish import AFTER, COMPLETE, UPTO, Run

RUN = UUID(int=1)


def row(position: int, after: int, partition: int = 0) -> Received:
    headers = {POSITION: str(position), AFTER: str(after)}
    return Received("feed", "key", b"{}", headers, partition, 0)


def end(rows: int) -> Received:
    return Received("feed", str(RUN), b"", {COMPLETE: str(rows), UPTO: "9"}, 0, 0)


def seen(*messages: Received) -> Run:
    run = Run(RUN, "*")
    for message in messages:
        run.see(message)
    return run


def test_keys_of_a_partition_take_turns() -> None:
    """As Kafka gets them: the first row of each key, then the second of the first one."""
    assert seen(row(1, 0), row(3, 0), row(2, 0), row(4, 3), end(4)).whole


def test_a_batch_that_came_twice_counts_once() -> None:
    run = seen(row(1, 0), row(3, 0), row(1, 0), row(2, 0), row(3, 0), row(5, 3, partition=1), end(4))
    assert (run.held, run.whole, run.after) == (4, True, 3)


def test_a_row_that_the_topic_has_forgotten_is_missed() -> None:
    assert not seen(row(3, 0), row(2, 0), end(3)).whole
