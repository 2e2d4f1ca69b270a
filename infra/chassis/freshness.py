"""How recent this service's knowledge of disclosure grants is, and what follows when it is not.

A grant may have been withdrawn without this service having heard of it: the bus is down, the relay stands still, or
this service lags. Intake's heartbeats tell which moment its knowledge has reached, per partition, and so per
participant. When that moment is too long ago, nothing that rests on a grant is shown or done; the own agency's work
goes on. The worker hears the heartbeats and writes the moment down; every process of the service reads it once a
second, and no request pays for it. Intake itself knows its own grants and is never stale.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from pydantic import ValidationError
from sqlalchemy import Column, DateTime, Integer, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel

from contracts import heartbeat
from contracts.envelope import Envelope
from contracts.refusal import Unavailable
from contracts.vocabulary import ParticipantId
from infra.chassis.bus.base import Received
from infra.chassis.bus.partition import partition_of
from infra.chassis.db import Database
from infra.chassis.schema import CHASSIS, table
from infra.chassis.wake import go_on

log = structlog.get_logger()

SOURCE: Final = heartbeat.TOPIC
CLOCKS_DIFFER: Final = timedelta(seconds=5)
"""By so much the clocks of two machines may differ. A heartbeat from further in the future proves nothing."""


class KnownUpTo(SQLModel, table=True):
    """Up to which moment (system time) everything stated on a partition of `SOURCE` is known here."""

    __tablename__ = "known_up_to"
    __table_args__ = {"schema": CHASSIS}

    partition: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class GrantsStale(Unavailable):
    """The caller's right rests on a grant, and nobody here knows whether it still lives.

    Said only to somebody who had a grant by the last word that was heard. Who had none gets what everybody gets.
    """

    slug = "grants-stale"

    def __init__(self) -> None:
        super().__init__(
            "This rests on a disclosure grant, and for some time nothing could be heard of whether it still lives.",
            way_out="Try again in a few seconds; it ends by itself. Work with your own agency's participants goes on.",
        )


class Freshness:
    """What one process knows of it. `patience`: how old the knowledge may be; `own`: this service states the grants."""

    def __init__(self, patience: timedelta, *, own: bool, clock: Callable[[], datetime]) -> None:
        self._patience, self._own, self._clock = patience, own, clock
        self._heard: dict[int, datetime] = {}
        self._known: dict[int, datetime] = {}

    def stale(self, now: datetime) -> frozenset[int]:
        """The partitions of which too little is known; `now` is system time."""
        if self._own:
            return frozenset()
        return frozenset(place for place in range(SOURCE.partitions) if not self._fresh(self._known.get(place), now))

    def age(self) -> float:
        """Seconds since the moment up to which all is known; infinite before the first heartbeat."""
        if self._own:
            return 0.0
        if len(self._known) < SOURCE.partitions:
            return float("inf")
        return max(0.0, (self._clock() - min(self._known.values())).total_seconds())

    def hear(self, received: Received) -> None:
        """A heartbeat arrived, and everything before it in its partition has been dealt with.

        The earlier of both clocks counts: one that waited long in the topic is as old as it is, and a publisher whose
        clock is ahead can't make the knowledge younger than the moment it was heard.
        """
        if self._own or received.topic != SOURCE.name:
            return
        now = self._clock()
        try:
            complete = heartbeat.complete_up_to(Envelope.from_bytes(received.value))
        except ValidationError:
            log.error("heartbeat is unreadable", topic=received.topic, partition=received.partition)
            return
        if complete > now + CLOCKS_DIFFER:
            log.error("heartbeat from the future: set the machines' clocks", partition=received.partition)
            return
        self._heard[received.partition] = min(complete, now)

    async def write(self, db: Database) -> None:
        """What was heard, for the other processes: one statement for all partitions."""
        if not self._heard:
            return
        heard, self._heard = self._heard, {}
        row = insert(KnownUpTo).values([{"partition": place, "at": at} for place, at in sorted(heard.items())])
        async with db.transaction() as tx:
            # The last word counts, also if it is older: a heartbeat that comes again never makes anything fresh.
            await tx.execute(row.on_conflict_do_update(index_elements=["partition"], set_={"at": row.excluded.at}))

    async def read(self, db: Database) -> None:
        """What the worker has heard, whichever process it is."""
        async with db.transaction() as tx:
            rows = await tx.rows(select(table(KnownUpTo)))
        self._known = {row.partition: row.at for row in rows}

    async def keep(self, db: Database, every: float) -> None:
        """For the worker; run until cancelled."""
        while go_on():
            await self.write(db)
            await asyncio.sleep(every)

    async def follow(self, db: Database, every: float) -> None:
        """For every process; run until cancelled."""
        while go_on():
            await self.read(db)
            await asyncio.sleep(every)

    def _fresh(self, known: datetime | None, now: datetime) -> bool:
        return known is not None and now - self._patience <= known <= now + CLOCKS_DIFFER


def place_of(participant: ParticipantId) -> int:
    """The partition on which everything about this participant's grants is stated."""
    return partition_of(str(participant), SOURCE.partitions)
