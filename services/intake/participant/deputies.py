"""Who stands in for whom, from when until when. Part of the store. Says nothing of any participant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, delete, select
from sqlmodel import Field, SQLModel, col

from contracts.refusal import Invalid, NotFound
from contracts.vocabulary import AgencyId, StaffId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table


class DeputyRow(SQLModel, table=True):
    """One time of standing in."""

    __tablename__ = "deputy"
    __table_args__ = (Index("deputy_agency", "agency", "valid_until"), {"schema": "participant"})

    id: UUID = Field(primary_key=True)
    agency: str
    staff: UUID
    deputy: UUID
    valid_from: datetime = instant()
    valid_until: datetime = instant()
    named_by: UUID


@dataclass(frozen=True, slots=True)
class Deputy:
    """`deputy` stands in for `staff` within this time."""

    id: UUID
    agency: AgencyId
    staff: StaffId
    deputy: StaffId
    valid_from: datetime
    valid_until: datetime

    def __post_init__(self) -> None:
        """Raises `Invalid` for what can't be."""
        if self.staff == self.deputy:
            raise Invalid("Nobody stands in for themselves.", way_out="Name a colleague.", field="deputy")
        if self.valid_until <= self.valid_from:
            raise Invalid("It would be over before it begins.", way_out="Choose a later end.", field="valid_until")


async def add(tx: Tx, deputy: Deputy, named_by: UUID) -> None:
    tx.add(
        DeputyRow,
        id=deputy.id,
        agency=deputy.agency,
        staff=deputy.staff,
        deputy=deputy.deputy,
        valid_from=deputy.valid_from,
        valid_until=deputy.valid_until,
        named_by=named_by,
    )


async def listed(tx: Tx, agency: str) -> list[Deputy]:
    """Those of the agency that are not over, the next to end first."""
    rows = _rows().where(col(DeputyRow.agency) == agency, col(DeputyRow.valid_until) > tx.now)
    return [_read(row) for row in await tx.rows(rows.order_by(col(DeputyRow.valid_until), col(DeputyRow.id)))]


async def load(tx: Tx, deputy: UUID) -> Deputy:
    """Raises `NotFound`."""
    row = await tx.row(_rows().where(col(DeputyRow.id) == deputy))
    if row is None:
        raise NotFound
    return _read(row)


async def end(tx: Tx, deputy: Deputy) -> None:
    await tx.execute(delete(DeputyRow).where(col(DeputyRow.id) == deputy.id))


async def end_all(tx: Tx, agency: AgencyId, staff: StaffId) -> None:
    """Nobody stands in for `staff` any more, and `staff` for nobody."""
    either = (col(DeputyRow.staff) == staff) | (col(DeputyRow.deputy) == staff)
    await tx.execute(delete(DeputyRow).where(col(DeputyRow.agency) == agency, either))


async def of(tx: Tx, agency: str, staff: UUID) -> frozenset[UUID]:
    """Who stands in for `staff` now."""
    rows = select(col(DeputyRow.deputy)).where(*_now(tx, agency), col(DeputyRow.staff) == staff)
    return frozenset(row.deputy for row in await tx.rows(rows))


async def stands_in_for(tx: Tx, agency: str, deputy: StaffId) -> frozenset[UUID]:
    """For whom `deputy` stands in now."""
    rows = select(col(DeputyRow.staff)).where(*_now(tx, agency), col(DeputyRow.deputy) == deputy)
    return frozenset(row.staff for row in await tx.rows(rows))


def _now(tx: Tx, agency: str) -> tuple[Any, ...]:
    return (
        col(DeputyRow.agency) == agency,
        col(DeputyRow.valid_from) <= tx.now,
        col(DeputyRow.valid_until) > tx.now,
    )


def _rows() -> Any:
    return select(table(DeputyRow))


def _read(row: Any) -> Deputy:
    return Deputy(
        id=row.id,
        agency=AgencyId(row.agency),
        staff=StaffId(row.staff),
        deputy=StaffId(row.deputy),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
