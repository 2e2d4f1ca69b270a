"""Notices that a worker lives but does not work: events wait on a partition and the group's position stands still.

A consumer can stop without an error (a lost coordinator, a library's bug). Then the process ends, and its supervisor
starts it again: the position has not moved, so nothing is lost. A failing handler is no such case: its event waits in
a lane and the position moves on.
"""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Final

import structlog

from contracts.topics import Topic
from infra.chassis.bus.base import Bus
from infra.chassis.metrics import Metrics
from infra.chassis.wake import go_on

log = structlog.get_logger()

Partition = tuple[str, int]

LOOKS: Final = 6
"""Looks per `stuck_after_seconds`."""


class Stuck(RuntimeError):
    """Nothing was finished on these partitions for too long."""


class Progress:
    """Remembers since when each partition that holds waiting events stands still. Seconds of any steady clock."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._seen: dict[Partition, tuple[int, float]] = {}

    def note(self, ends: Mapping[Partition, int], behind: Mapping[Partition, int], now: float) -> list[Partition]:
        """The partitions that have stood still for too long, given their ends and what waits before them."""
        stuck = []
        for partition, waiting in behind.items():
            position = ends.get(partition, 0) - waiting
            before, since = self._seen.get(partition, (None, now))
            if waiting <= 0 or position != before:
                self._seen[partition] = (position, now)
            elif now - since > self._patience:
                stuck.append(partition)
        return stuck


async def watch(bus: Bus, group: str, topics: Sequence[Topic], metrics: Metrics, patience: float) -> None:
    """Run until cancelled. Raises `Stuck` when a partition has stood still for `patience` seconds."""
    progress = Progress(patience)
    while go_on():
        await asyncio.sleep(patience / LOOKS)
        try:
            # Ends first: what is published in between makes a position look older, never newer, than it is.
            ends = {(topic.name, n): end for topic in topics for n, end in (await bus.ends(topic)).items()}
            behind = await bus.lag(group, topics)
        except Exception as error:
            log.warning("how far the consumer is can't be told", error=type(error).__name__)
            progress = Progress(patience)  # with the bus away nothing can move, and nobody is to blame
            continue
        stuck = progress.note(ends, behind, monotonic())
        metrics.worker_stuck.set(bool(stuck))
        if stuck:
            raise Stuck(", ".join(f"{topic}/{number}" for topic, number in sorted(stuck)))
