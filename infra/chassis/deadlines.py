"""What is due when, in business time: a row per deadline, worked off by a timer in the worker.

Setting a deadline again moves it; an answer in time cancels it. A handler runs in one transaction with the mark that it
ran.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Column, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Field, SQLModel, col

from infra.chassis.again import unless_deadlocked
from infra.chassis.db import Database, Tx
from infra.chassis.schema import CHASSIS, instant
from infra.chassis.wake import go_on

log = structlog.get_logger()

LOOK_EVERY: Final = 0.5
LONGEST_PAUSE: Final = timedelta(hours=1)

Due = Callable[[Tx, UUID, Mapping[str, Any]], Awaitable[None]]
"""(transaction, what it is about, details): the use case that the deadline calls."""


class Deadline(SQLModel, table=True):
    """One thing that will be due."""

    __tablename__ = "deadline"
    __table_args__ = {"schema": CHASSIS}

    kind: str = Field(primary_key=True)
    about: UUID = Field(primary_key=True)
    due_at: datetime = instant(index=True)
    details: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    tries: int = 0
    not_before: datetime | None = instant(optional=True)
    """System time before which a failed handler is not tried again."""


async def put(tx: Tx, kind: str, about: UUID, due_at: datetime, **details: Any) -> None:
    """Set or move a deadline (business time)."""
    row = insert(Deadline).values(kind=kind, about=about, due_at=due_at, details=details)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["kind", "about"],
            set_={"due_at": due_at, "details": details, "tries": 0, "not_before": None},
        )
    )


async def cancel(tx: Tx, kind: str, about: UUID) -> None:
    """It is no longer due."""
    await tx.execute(delete(Deadline).where(col(Deadline.kind) == kind, col(Deadline.about) == about))


async def work_off(db: Database, handlers: Mapping[str, Due], look_every: float = LOOK_EVERY) -> None:
    """Call what has become due; run until cancelled."""
    while go_on():
        if not await call_next(db, handlers):
            await asyncio.sleep(look_every)


async def call_next(db: Database, handlers: Mapping[str, Due]) -> bool:
    """Call the longest due deadline; True if there was any.

    Whoever acts on what it is about holds that first and then takes the deadline off the list, the other way round than
    here. After a deadlock it is looked for again: it may be off the list by then.
    """
    taken: list[tuple[str, UUID]] = []
    try:
        return await unless_deadlocked(partial(_call, db, handlers, taken))
    except Exception as error:
        if not taken:
            raise
        kind, about = taken[-1]
        log.exception("deadline failed", kind=kind, error=type(error).__name__)
        await _later(db, kind, about)
    return True


async def _call(db: Database, handlers: Mapping[str, Due], taken: list[tuple[str, UUID]]) -> bool:
    """One transaction; `taken` gets the deadline once it is held."""
    taken.clear()
    async with db.transaction() as tx:
        query = (
            select(col(Deadline.kind), col(Deadline.about), col(Deadline.details))
            .where(col(Deadline.due_at) <= tx.now, col(Deadline.kind).in_(handlers))
            .where((col(Deadline.not_before).is_(None)) | (col(Deadline.not_before) <= tx.system_now))
            .order_by(col(Deadline.due_at))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = await tx.row(query)
        if row is None:
            return False
        taken.append((row.kind, row.about))
        await cancel(tx, row.kind, row.about)
        await handlers[row.kind](tx, row.about, row.details)
    return True


async def _later(db: Database, kind: str, about: UUID) -> None:
    async with db.transaction() as tx:
        row = await tx.row(
            select(col(Deadline.tries))
            .where(col(Deadline.kind) == kind, col(Deadline.about) == about)
            .with_for_update()
        )
        if row is not None:
            pause = min(LONGEST_PAUSE, timedelta(seconds=2 ** min(row.tries, 12)))
            await tx.execute(
                update(Deadline)
                .where(col(Deadline.kind) == kind, col(Deadline.about) == about)
                .values(tries=row.tries + 1, not_before=tx.system_now + pause)
            )
