"""The heart of the service that states grants: tells every partition, again and again, that nothing was left out.

By the send path of the events, so that it can't arrive where they don't; not through the outbox, whose rows are facts.
It carries the age of the oldest fact that the bus has not acknowledged: a relay that beats but does not get rid of its
events makes nobody believe that they know everything.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from contracts import heartbeat
from contracts.envelope import CONTENT_TYPE
from infra.chassis import outbox
from infra.chassis.bus.base import Bus, Message
from infra.chassis.db import Database
from infra.chassis.wake import go_on

log = structlog.get_logger()

HEADERS: Final[Mapping[str, str]] = {"content-type": CONTENT_TYPE, heartbeat.HEADER: "1"}


class Heart:
    """Beats on the topic of grants; `run()` until cancelled. The relay that is active starts it, and nobody else."""

    def __init__(self, source: str, db: Database, bus: Bus, every: float) -> None:
        self._source, self._db, self._bus, self._every = source, db, bus, every
        self._topic = heartbeat.TOPIC

    async def run(self) -> None:
        while go_on():
            await self.beat()
            await asyncio.sleep(self._every)

    async def beat(self) -> int:
        """One heartbeat for every partition; how many the bus has taken."""
        async with self._db.transaction() as tx:
            # The time before the look: what is committed after it may be missing, what was before it is not.
            at, oldest = tx.system_now, await outbox.oldest_unpublished(tx, self._topic)
            messages = [self._message(tx.ids.ordered(), place, at, oldest) for place in range(self._topic.partitions)]
        failures = [failure for failure in await self._bus.publish(messages) if failure is not None]
        if failures:
            log.warning("heartbeats not taken", topic=self._topic.name, count=len(failures))
        return len(messages) - len(failures)

    def _message(self, event_id: UUID, place: int, at: datetime, oldest: Mapping[int, datetime]) -> Message:
        behind = max(timedelta(0), at - oldest.get(place, at))
        beat = heartbeat.heartbeat(event_id, self._source, place, at, behind)
        return Message(self._topic.name, "", beat.to_bytes(), HEADERS, place)
