"""What each consumer has dealt with: the guard that makes "at least once" on the bus "exactly once" in the service.

A row is written in the transaction of the effect, or in the one in which an operator sets the event aside. It is kept
for `REMEMBERED`. Whether an older event was dealt with, nobody can tell any more: `deliver` takes none that is older.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel

from infra.chassis.db import Tx
from infra.chassis.schema import CHASSIS, instant, table

REMEMBERED: Final = timedelta(days=45)
"""A topic keeps 30 days and may hold a segment of a week longer; the rest is leeway for clocks and operators."""


class InboxRow(SQLModel, table=True):
    """This consumer has dealt with this event."""

    __tablename__ = "inbox"
    __table_args__ = {"schema": CHASSIS}

    consumer: str = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    handled_at: datetime = instant(index=True)


async def enter(tx: Tx, consumer: str, event_id: UUID) -> bool:
    """Note that the event is dealt with by this transaction; False if it was dealt with before."""
    row = insert(InboxRow).values(consumer=consumer, event_id=event_id, handled_at=tx.system_now)
    fresh = await tx.execute(row.on_conflict_do_nothing().returning(literal(1)))
    return fresh.one_or_none() is not None


async def holds(tx: Tx, consumer: str, event_id: UUID) -> bool:
    """Whether the consumer has dealt with the event."""
    rows = table(InboxRow)
    query = select(rows.c.event_id).where(rows.c.consumer == consumer, rows.c.event_id == event_id)
    return await tx.row(query) is not None


async def handled_since(tx: Tx, since: datetime, limit: int) -> Sequence[Any]:
    """What has been dealt with since that system time, oldest first: (consumer, event_id, handled_at)."""
    rows = table(InboxRow)
    query = select(rows).where(rows.c.handled_at >= since).order_by(rows.c.handled_at, rows.c.event_id)
    return await tx.rows(query.limit(limit))
