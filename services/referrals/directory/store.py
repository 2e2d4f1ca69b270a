"""Where the directory lies: one plain table. Nothing in it is about a participant, so nothing is sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, String, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import AgencyId, LanguageCode, NeedDomain
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, position, text
from infra.chassis.schema import instant, table
from services.referrals.directory.domain import Capacity, CapacityState, ListedService

SCHEMA = "directory"


class ServiceRow(SQLModel, table=True):
    """One entry."""

    __tablename__ = "service"
    __table_args__ = (Index("service_need", "need", "name", "id"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    agency: str = Field(index=True)
    name: str
    need: str
    description: str
    languages: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    eligibility: str
    capacity_state: str
    free_places: int | None = None
    contact: str | None = None
    assured_at: datetime = instant()
    version: int


async def add(tx: Tx, service: ListedService) -> None:
    """A new entry."""
    await tx.execute(insert(ServiceRow).values(**_values(service)))


async def save(tx: Tx, service: ListedService) -> None:
    """The entry after a change."""
    await tx.execute(update(ServiceRow).where(col(ServiceRow.id) == service.id).values(**_values(service)))


async def load(tx: Tx, service: UUID) -> ListedService:
    """Raises `NotFound`."""
    return _read(await tx.row(_rows().where(col(ServiceRow.id) == service)))


async def lock(tx: Tx, service: UUID, version: int) -> ListedService:
    """The entry, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    found = _read(await tx.row(_rows().where(col(ServiceRow.id) == service).with_for_update()))
    if found.version != version:
        raise Stale
    return found


async def find(
    tx: Tx,
    *,
    need: NeedDomain | None,
    language: LanguageCode | None,
    agency: AgencyId | None,
    limit: int,
    after: str | None,
) -> tuple[list[ListedService], str | None]:
    """The entries that fit, by name."""
    rows = _rows()
    if need is not None:
        rows = rows.where(col(ServiceRow.need) == need)
    if language is not None:
        rows = rows.where(col(ServiceRow.languages).contains([language]))
    if agency is not None:
        rows = rows.where(col(ServiceRow.agency) == agency)
    if (place := position(after, text, UUID)) is not None:
        name, one = col(ServiceRow.name), col(ServiceRow.id)
        rows = rows.where((name > place[0]) | ((name == place[0]) & (one > place[1])))
    found = await tx.rows(rows.order_by(col(ServiceRow.name), col(ServiceRow.id)).limit(limit + 1))
    page = [_read(row) for row in found[:limit]]
    last = page[-1] if len(found) > limit else None
    return page, cursor(last.name, last.id) if last else None


def _rows() -> Any:
    return select(table(ServiceRow))


def _values(service: ListedService) -> dict[str, Any]:
    return {
        "id": service.id,
        "agency": service.agency,
        "name": service.name,
        "need": service.need,
        "description": service.description,
        "languages": list(service.languages),
        "eligibility": service.eligibility,
        "capacity_state": service.capacity.state,
        "free_places": service.capacity.free_places,
        "contact": service.contact,
        "assured_at": service.assured_at,
        "version": service.version,
    }


def _read(row: Any) -> ListedService:
    if row is None:
        raise NotFound
    return ListedService(
        id=row.id,
        agency=row.agency,
        name=row.name,
        need=NeedDomain(row.need),
        description=row.description,
        languages=tuple(row.languages),
        eligibility=row.eligibility,
        capacity=Capacity(CapacityState(row.capacity_state), row.free_places),
        contact=row.contact,
        assured_at=row.assured_at,
        version=row.version,
    )
