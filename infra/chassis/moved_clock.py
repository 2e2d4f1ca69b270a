"""What all processes of one service must agree on and that is no event: how far business time was moved.

Looked up every second in demo and test; production time never moves.
"""

import asyncio
from datetime import timedelta

from sqlalchemy import Column, Interval, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from infra.chassis.clock import SystemClock
from infra.chassis.db import Database, Tx
from infra.chassis.schema import CHASSIS
from infra.chassis.wake import go_on


class ClockOffset(SQLModel, table=True):
    """One row: business time minus system time."""

    __tablename__ = "clock_offset"
    __table_args__ = {"schema": CHASSIS}

    id: int = Field(default=1, primary_key=True)
    ahead: timedelta = Field(sa_column=Column(Interval, nullable=False))


async def offset(tx: Tx) -> timedelta:
    """How far business time is ahead."""
    row = await tx.row(select(col(ClockOffset.ahead)))
    return row.ahead if row else timedelta(0)


async def advance(tx: Tx, by: timedelta) -> timedelta:
    """Move business time forward; the new offset."""
    ahead = await offset(tx) + by
    row = insert(ClockOffset).values(id=1, ahead=ahead)
    await tx.execute(row.on_conflict_do_update(index_elements=["id"], set_={"ahead": ahead}))
    return ahead


async def begin(db: Database, clock: SystemClock, behind: timedelta) -> None:
    """Business time as it stands, before anything else happens; of a new region it begins so far back in the past."""
    async with db.transaction() as tx:
        row = insert(ClockOffset).values(id=1, ahead=-behind)
        await tx.execute(row.on_conflict_do_nothing())
        clock.offset = await offset(tx)


async def follow_clock(db: Database, clock: SystemClock, look_every: float) -> None:
    """Keep this process's business time where the others have it; run until cancelled."""
    while go_on():
        async with db.transaction() as tx:
            found = await offset(tx)
        # Never back: this may be what stood there before an advance that this process has just carried out.
        clock.offset = max(clock.offset, found)
        await asyncio.sleep(look_every)
