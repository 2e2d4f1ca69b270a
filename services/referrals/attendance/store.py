"""Where attendance and warnings lie. Notes are sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.seat import Seat
from contracts.vocabulary import JourneyId, ParticipantId, PlacementId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.referrals.attendance.domain import EarlyWarning, Entry

SCHEMA = "attendance"


class EntryRow(SQLModel, table=True):
    """What one agency saw on one day of a journey."""

    __tablename__ = "entry"
    __table_args__ = {"schema": SCHEMA}

    journey: UUID = Field(primary_key=True)
    on: date = Field(primary_key=True)
    recorded_by: str = Field(primary_key=True)
    participant: UUID = Field(index=True)
    present: bool
    placement: UUID | None = None
    recorded_at: datetime = instant()


class WarningRow(SQLModel, table=True):
    """A rule that fired."""

    __tablename__ = "warning"
    __table_args__ = (Index("warning_journey", "journey", "id"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    journey: UUID
    participant: UUID = Field(index=True)
    rule: str
    raised_at: datetime = instant()
    cleared_at: datetime | None = instant(optional=True)
    cleared_by: str | None = None
    note: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


@dataclass(frozen=True, slots=True)
class Noted:
    """A warning with what the one who cleared it wrote."""

    warning: EarlyWarning
    cleared_by: str | None
    note: str | None


async def put(tx: Tx, seat: Seat, entry: Entry) -> None:
    """The entry of this agency for this day, new or corrected."""
    values = {"present": entry.present, "placement": entry.placement, "recorded_at": entry.recorded_at}
    row = insert(EntryRow).values(
        journey=seat.journey, on=entry.on, recorded_by=entry.recorded_by, participant=seat.participant, **values
    )
    await tx.execute(row.on_conflict_do_update(index_elements=["journey", "on", "recorded_by"], set_=values))


async def entries(tx: Tx, journey: JourneyId) -> Sequence[Entry]:
    """Everything recorded on a journey, by day."""
    query = select(table(EntryRow)).where(col(EntryRow.journey) == journey)
    return [
        Entry(
            row.on, row.present, row.recorded_by, PlacementId(row.placement) if row.placement else None, row.recorded_at
        )
        for row in await tx.rows(query.order_by(col(EntryRow.on), col(EntryRow.recorded_by)))
    ]


async def warnings(tx: Tx, journey: JourneyId) -> Sequence[EarlyWarning]:
    """Every warning of a journey, oldest first."""
    query = select(col(WarningRow.rule), col(WarningRow.raised_at), col(WarningRow.cleared_at)).where(
        col(WarningRow.journey) == journey
    )
    return [
        EarlyWarning(row.rule, row.raised_at, row.cleared_at)
        for row in await tx.rows(query.order_by(col(WarningRow.id)))
    ]


async def noted(tx: Tx, seat: Seat) -> Sequence[Noted]:
    """Every warning with its note, newest first."""
    query = select(table(WarningRow)).where(col(WarningRow.journey) == seat.journey)
    return [
        Noted(
            EarlyWarning(row.rule, row.raised_at, row.cleared_at),
            row.cleared_by,
            await tx.vault.unseal(seat.participant, row.note) if row.note else None,
        )
        for row in await tx.rows(query.order_by(col(WarningRow.id).desc()))
    ]


async def raised(tx: Tx, seat: Seat, rule: str, at: datetime) -> None:
    """A warning is open from now on."""
    values = {"id": tx.ids.ordered(), "journey": seat.journey, "participant": seat.participant}
    await tx.execute(insert(WarningRow).values(**values, rule=rule, raised_at=at))


async def cleared(tx: Tx, seat: Seat, rule: str, *, by: str | None, note: str, at: datetime) -> None:
    """The open warning of this rule is dealt with."""
    sealed = await tx.vault.seal(tx, seat.participant, note)
    await tx.execute(
        update(WarningRow)
        .where(
            col(WarningRow.journey) == seat.journey,
            col(WarningRow.rule) == rule,
            col(WarningRow.cleared_at).is_(None),
        )
        .values(cleared_at=at, cleared_by=by, note=sealed)
    )


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """Days and warnings of a forgotten person go."""
    await tx.execute(delete(EntryRow).where(col(EntryRow.participant) == participant))
    await tx.execute(delete(WarningRow).where(col(WarningRow.participant) == participant))
