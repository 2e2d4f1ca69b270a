"""Where the directory lies: three plain tables. Nothing in it is about a participant, so nothing is sealed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Column, Index, String, Uuid, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import AgencyId, LanguageCode, NeedDomain
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, position, text
from infra.chassis.schema import instant, table
from services.referrals.directory.domain import Capacity, CapacityState, Details, ListedService, Location, Organisation

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
    organisation: UUID | None = None
    locations: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}"))
    details: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default="{}"))


class OrganisationRow(SQLModel, table=True):
    """Who offers help, whole in `said`."""

    __tablename__ = "organisation"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    agency: str
    said: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class LocationRow(SQLModel, table=True):
    """Where help is given, whole in `said`."""

    __tablename__ = "location"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    agency: str
    said: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


DETAILS: Final = TypeAdapter(Details)
ORGANISATION: Final = TypeAdapter(Organisation)
LOCATION: Final = TypeAdapter(Location)


async def hold(tx: Tx) -> None:
    """One file at a time changes entries, so that two can't add the same one."""
    await tx.lock("directory", "import")


async def organisations(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Organisation]:
    """Those of the ids that are known."""
    rows = await tx.rows(select(table(OrganisationRow)).where(col(OrganisationRow.id).in_(ids))) if ids else ()
    return {row.id: ORGANISATION.validate_python(row.said) for row in rows}


async def locations(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Location]:
    """Those of the ids that are known."""
    rows = await tx.rows(select(table(LocationRow)).where(col(LocationRow.id).in_(ids))) if ids else ()
    return {row.id: LOCATION.validate_python(row.said) for row in rows}


async def services(tx: Tx, ids: Collection[UUID]) -> dict[UUID, ListedService]:
    """Those of the ids that are known, held until the transaction ends."""
    rows = await tx.rows(_rows().where(col(ServiceRow.id).in_(ids)).with_for_update()) if ids else ()
    return {row.id: _read(row) for row in rows}


async def put_organisation(tx: Tx, organisation: Organisation) -> None:
    """Added, or said anew."""
    said = ORGANISATION.dump_python(organisation, mode="json")
    await _put(tx, OrganisationRow, organisation.id, organisation.agency, said)


async def put_location(tx: Tx, location: Location) -> None:
    """Added, or said anew."""
    await _put(tx, LocationRow, location.id, location.agency, LOCATION.dump_python(location, mode="json"))


async def _put(tx: Tx, model: type[SQLModel], one: UUID, agency: AgencyId, said: dict[str, Any]) -> None:
    query = upsert(model).values(id=one, agency=agency, said=said)
    await tx.execute(query.on_conflict_do_update(index_elements=["id"], set_={"said": said}))


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
        "organisation": service.organisation,
        "locations": list(service.locations),
        "details": DETAILS.dump_python(service.details, mode="json", exclude_defaults=True),
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
        organisation=row.organisation,
        locations=tuple(row.locations),
        details=DETAILS.validate_python(row.details),
    )
