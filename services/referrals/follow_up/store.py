"""Where follow-ups lie: dates and codes, no text. They stay after an erasure, with a journey that is nobody's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint, insert, select, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from contracts.vocabulary import JourneyId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.referrals.follow_up.domain import FollowUp

SCHEMA = "follow_up"


class FollowUpRow(SQLModel, table=True):
    """One time to ask."""

    __tablename__ = "follow_up"
    __table_args__ = (UniqueConstraint("journey", "months"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    journey: UUID
    months: int
    due_at: datetime = instant()
    told_at: datetime | None = instant(optional=True)
    outcome: str | None = None
    recorded_at: datetime | None = instant(optional=True)


async def add(tx: Tx, journey: JourneyId, follow_up: FollowUp) -> None:
    await tx.execute(
        insert(FollowUpRow).values(id=follow_up.id, journey=journey, months=follow_up.months, due_at=follow_up.due_at)
    )


async def of(tx: Tx, journey: JourneyId) -> Sequence[FollowUp]:
    """The follow-ups of a journey, the earliest first; none before its end."""
    query = _rows().where(col(FollowUpRow.journey) == journey).order_by(col(FollowUpRow.months))
    return [_read(row) for row in await tx.rows(query)]


async def lock(tx: Tx, journey: JourneyId, months: int) -> FollowUp:
    """One follow-up, held until the transaction ends. Raises `NotFound`."""
    query = _rows().where(col(FollowUpRow.journey) == journey, col(FollowUpRow.months) == months)
    row = await tx.row(query.with_for_update())
    if row is None:
        raise NotFound
    return _read(row)


async def by_id(tx: Tx, follow_up: UUID) -> tuple[JourneyId, FollowUp] | None:
    """The follow-up that a deadline is about."""
    row = await tx.row(_rows().where(col(FollowUpRow.id) == follow_up))
    return (JourneyId(row.journey), _read(row)) if row else None


async def told(tx: Tx, follow_up: UUID, at: datetime) -> None:
    await tx.execute(update(FollowUpRow).where(col(FollowUpRow.id) == follow_up).values(told_at=at))


async def recorded(tx: Tx, follow_up: UUID, outcome: str, at: datetime) -> None:
    await tx.execute(
        update(FollowUpRow).where(col(FollowUpRow.id) == follow_up).values(outcome=outcome, recorded_at=at)
    )


def _rows() -> Any:
    return select(table(FollowUpRow))


def _read(row: Any) -> FollowUp:
    return FollowUp(row.id, row.months, row.due_at, row.told_at, row.outcome, row.recorded_at)
