"""Carries a service's outbox to the bus: one active relay per service, woken after a commit, polling as a fall-back.

Reads what is not acknowledged (never "id > last seen": ids are drawn before commits). A failed send holds back the
later rows of that key only. Repeats are possible and harmless: the event id stays the same.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlmodel import col

from contracts.envelope import CONTENT_TYPE
from infra.chassis import outbox, telemetry
from infra.chassis.bus.base import Bus, Message
from infra.chassis.crashpoints import NEVER, Crashpoints
from infra.chassis.db import Database, lock_id
from infra.chassis.heartbeat import Heart
from infra.chassis.outbox import POSITION, OutboxRow
from infra.chassis.wake import go_on, listen, session, woken_or_after

log = structlog.get_logger()

BATCH: Final = 500
POLL: Final = 1.0


class Relay:
    """See the module; `run()` until cancelled."""

    def __init__(
        self,
        service: str,
        db: Database,
        bus: Bus,
        published: Callable[[Counter[str]], None] = lambda _: None,
        crashpoints: Crashpoints = NEVER,
        heart: Heart | None = None,
    ) -> None:
        self._service, self._db, self._bus = service, db, bus
        self._published, self._crashpoints = published, crashpoints
        self._heart = heart

    async def run(self) -> None:
        """Wait to be the active one, then publish until cancelled or until the lock's connection is gone."""
        woken = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen(self._db.url, woken))
            async with session(self._db.url) as lock:
                await lock.execute("select pg_advisory_lock(%s)", (lock_id("relay", self._service),))
                if self._heart is not None:
                    tasks.create_task(self._heart.run())
                pause = POLL
                while go_on():
                    held_back = await self.publish_all()
                    pause = min(10.0, pause * 2) if held_back else POLL
                    await woken_or_after(woken, pause)
                    await lock.execute("select 1")

    async def publish_all(self) -> bool:
        """Publish until nothing is left to send; True if some rows are held back by a failure."""
        held: set[UUID] = set()
        silent: set[str] = set()
        while True:
            async with self._db.transaction() as tx:
                rows = await outbox.unpublished(tx, BATCH, without_keys=held, without_topics=silent)
            if not rows:
                return bool(held)
            self._crashpoints.reach("before-publish")
            results = await self._bus.publish([_message(*row) for row in rows])
            self._crashpoints.reach("after-publish")
            acknowledged: dict[int, str] = {}
            for (row_id, key, topic, *_), failure in zip(rows, results, strict=True):
                if failure is not None:
                    held.add(key)
                elif key not in held:
                    acknowledged[row_id] = topic
            if acknowledged:
                async with self._db.transaction() as tx:
                    await tx.execute(
                        update(OutboxRow).where(col(OutboxRow.id).in_(acknowledged)).values(published_at=tx.system_now)
                    )
                self._crashpoints.reach("after-mark")
                self._published(Counter(acknowledged.values()))
            if held:
                log.warning("events held back", service=self._service, keys=len(held))
            # Of a topic that took nothing at all no more is tried this time: the bus is down, or the topic is missing.
            took = {row[2] for row, failure in zip(rows, results, strict=True) if failure is None}
            silent |= {row[2] for row in rows} - took


def _message(row_id: int, key: UUID, topic: str, value: bytes, traceparent: str | None) -> Message:
    headers = {"content-type": CONTENT_TYPE, POSITION: str(row_id)}
    with telemetry.continued(traceparent, "publish event", topic=topic):
        if (trace := telemetry.current_traceparent()) is not None:
            headers["traceparent"] = trace
    return Message(topic, str(key), value, headers)
