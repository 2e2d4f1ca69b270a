"""How much waits in a service: facts for the relay, events for the consumers, lanes for time or an operator.

Read whenever `/metrics` or an operator asks; nothing here decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import nan

from contracts.refusal import Unavailable
from contracts.topics import Topic
from infra.chassis import lanes, outbox
from infra.chassis.bus.base import Bus
from infra.chassis.db import Database
from infra.chassis.metrics import Metrics


class BusAway(Unavailable):
    """Nobody can be asked how far the consumers are."""

    def __init__(self) -> None:
        super().__init__(
            "The bus does not answer, so it can't be told what waits on it.",
            way_out="Try again in a few seconds. If it goes on, see DependencyDown in docs/operations.md.",
        )


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits at one moment."""

    stated: int
    """The position of the last fact that was stated."""
    unpublished: int
    """Facts that the bus has not acknowledged yet."""
    oldest: timedelta
    """Age of the oldest of them; zero if there is none."""
    lanes: dict[tuple[str, lanes.State], int]
    """Lanes that do not flow, per consumer and state."""
    behind: dict[str, int]
    """Messages not yet dealt with, per topic: events, and every few seconds a heartbeat per partition."""


async def measure(db: Database, bus: Bus, group: str, topics: Sequence[Topic]) -> Backlog:
    """Raises `BusAway`, and what the database raises."""
    # The bus first: what its messages have led to is then in what the database says.
    behind: dict[str, int] = {}
    try:
        waiting = await bus.lag(group, topics)
    except Exception as error:
        raise BusAway from error
    for (topic, _), messages in waiting.items():
        behind[topic] = behind.get(topic, 0) + messages
    async with db.transaction() as tx:
        stated = await outbox.last(tx)
        unpublished, since = await outbox.waiting(tx)
        stopped = await lanes.count(tx)
        oldest = tx.system_now - since if since else timedelta()
    return Backlog(stated, unpublished, max(oldest, timedelta()), stopped, behind)


def show(metrics: Metrics, backlog: Backlog | None) -> None:
    """To Prometheus; None: nobody knows."""
    metrics.events_behind.clear()
    metrics.lanes_stopped.clear()
    metrics.outbox_unpublished.set(nan if backlog is None else backlog.unpublished)
    metrics.outbox_oldest_seconds.set(nan if backlog is None else backlog.oldest.total_seconds())
    if backlog is None:
        return
    for topic, events in backlog.behind.items():
        metrics.events_behind.labels(topic).set(events)
    for (consumer, state), number in backlog.lanes.items():
        metrics.lanes_stopped.labels(consumer, state).set(number)
