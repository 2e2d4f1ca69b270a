"""Where appointments lie: times and states as they are, place and words sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, delete, insert, select, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import AgencyId, Category, ParticipantId, StaffId
from infra.chassis import access
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.appointment.domain import Appointment, Kind, State, Terms

SCHEMA = "appointment"


class AppointmentRow(SQLModel, table=True):
    """One appointment."""

    __tablename__ = "appointment"
    __table_args__ = (Index("appointment_staff", "staff", "begins_at"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    agency: str
    staff: UUID
    begins_at: datetime = instant()
    minutes: int
    kind: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str
    moved_to: UUID | None = None
    version: int


async def add(tx: Tx, appointment: Appointment) -> None:
    await tx.execute(insert(AppointmentRow).values(**await _values(tx, appointment)))


async def save(tx: Tx, appointment: Appointment) -> None:
    """After a change of its state; what was agreed never changes."""
    row = update(AppointmentRow).where(col(AppointmentRow.id) == appointment.id)
    values = {"state": appointment.state, "moved_to": appointment.moved_to, "version": appointment.version}
    await tx.execute(row.values(**values))


async def load(tx: Tx, appointment: UUID) -> Appointment:
    """Raises `NotFound`."""
    row = await tx.row(_rows().where(col(AppointmentRow.id) == appointment))
    if row is None:
        raise NotFound
    return await _read(tx, row)


async def lock(tx: Tx, appointment: UUID, version: int | None = None) -> Appointment:
    """The appointment, held until the transaction ends. Raises `NotFound`, or `Stale` for another version."""
    row = await tx.row(_rows().where(col(AppointmentRow.id) == appointment).with_for_update())
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Stale
    return await _read(tx, row)


async def of(tx: Tx, participant: ParticipantId, agency: AgencyId | None = None) -> list[Appointment]:
    """A participant's appointments, the latest first; with this agency, if one is given."""
    rows = _rows().where(col(AppointmentRow.participant) == participant)
    if agency is not None:
        rows = rows.where(col(AppointmentRow.agency) == agency)
    return [await _read(tx, row) for row in await tx.rows(rows.order_by(col(AppointmentRow.begins_at).desc()))]


async def of_staff(
    tx: Tx, staff: StaffId, agency: AgencyId, since: datetime, until: datetime, limit: int
) -> list[Appointment]:
    """What a member of staff has planned in that time, in order, with people whom the agency may still contact."""
    rows = (
        _rows()
        .where(col(AppointmentRow.staff) == staff, col(AppointmentRow.agency) == agency)
        .where(col(AppointmentRow.begins_at) >= since, col(AppointmentRow.begins_at) < until)
        .where(col(AppointmentRow.state).in_([State.PLANNED, State.CAME, State.DID_NOT_COME]))
        .where(col(AppointmentRow.participant).in_(access.visible(tx, agency, Category.CONTACT)))
        .order_by(col(AppointmentRow.begins_at), col(AppointmentRow.id))
        .limit(limit)
    )
    return [await _read(tx, row) for row in await tx.rows(rows)]


async def forget(tx: Tx, participant: ParticipantId) -> list[UUID]:
    """The ids of those that are gone."""
    gone = delete(AppointmentRow).where(col(AppointmentRow.participant) == participant)
    return [row.id for row in await tx.rows(gone.returning(col(AppointmentRow.id)))]


def _rows() -> Any:
    return select(table(AppointmentRow))


async def _values(tx: Tx, one: Appointment) -> dict[str, Any]:
    words = {"place": one.terms.place, "words": one.terms.words}
    return {
        "id": one.id,
        "participant": one.participant,
        "agency": one.agency,
        "staff": one.staff,
        "begins_at": one.terms.begins_at,
        "minutes": one.terms.minutes,
        "kind": one.terms.kind,
        "sealed": await tx.vault.seal(tx, one.participant, words),
        "state": one.state,
        "moved_to": one.moved_to,
        "version": one.version,
    }


async def _read(tx: Tx, row: Any) -> Appointment:
    words = await tx.vault.unseal(row.participant, row.sealed)
    return Appointment(
        id=row.id,
        participant=ParticipantId(row.participant),
        agency=row.agency,
        staff=StaffId(row.staff),
        terms=Terms(row.begins_at, row.minutes, Kind(row.kind), words["place"], words["words"]),
        state=State(row.state),
        moved_to=row.moved_to,
        version=row.version,
    )
