"""The record of grants, living and ended. What counts for access is the chassis' projection of the same facts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, LargeBinary, String, delete, insert, select, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from contracts.vocabulary import Basis, Category, GrantEnd, GrantId, ParticipantId, PlacementId, StaffId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.grant.domain import Grant, Recorded

SCHEMA = "grant"


class GrantRow(SQLModel, table=True):
    """One grant."""

    __tablename__ = "grant_record"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    recipient: str
    categories: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    basis: str
    purpose: str
    valid_from: datetime = instant()
    valid_until: datetime = instant()
    recorded_by: UUID | None = None
    recorded_how: str
    text_version: str
    language: str
    norm: str | None = None
    ended: str | None = None
    ended_at: datetime | None = instant(optional=True)
    placement: UUID | None = Field(default=None, index=True)
    started_on: date | None = None
    reason: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """Sealed: what happened when the glass was broken."""


async def add(tx: Tx, grant: Grant) -> None:
    reason = None if grant.reason is None else await tx.vault.seal(tx, grant.participant, grant.reason)
    await tx.execute(insert(GrantRow).values(**_values(grant), reason=reason))


async def reason_of(tx: Tx, grant: GrantId) -> str | None:
    """Why the glass was broken; None for every other grant."""
    row = await tx.row(select(col(GrantRow.participant), col(GrantRow.reason)).where(col(GrantRow.id) == grant))
    if row is None or row.reason is None:
        return None
    return str(await tx.vault.unseal(row.participant, row.reason))


async def save(tx: Tx, grant: Grant) -> None:
    await tx.execute(update(GrantRow).where(col(GrantRow.id) == grant.id).values(**_values(grant)))


async def lock(tx: Tx, grant: GrantId) -> Grant:
    """The grant, held until the transaction ends. Raises `NotFound`."""
    row = await tx.row(_rows().where(col(GrantRow.id) == grant).with_for_update())
    if row is None:
        raise NotFound
    return _read(row)


async def lock_of_placement(tx: Tx, placement: PlacementId) -> Grant | None:
    """The grant that came with a placement, held until the transaction ends; None if there is none."""
    row = await tx.row(_rows().where(col(GrantRow.placement) == placement).with_for_update())
    return _read(row) if row else None


async def load(tx: Tx, grant: GrantId) -> Grant:
    """Raises `NotFound`."""
    row = await tx.row(_rows().where(col(GrantRow.id) == grant))
    if row is None:
        raise NotFound
    return _read(row)


async def of(tx: Tx, participant: ParticipantId) -> Sequence[Grant]:
    """All grants of a participant, newest first."""
    rows = _rows().where(col(GrantRow.participant) == participant).order_by(col(GrantRow.id).desc())
    return [_read(row) for row in await tx.rows(rows)]


async def forget(tx: Tx, participant: ParticipantId) -> list[GrantId]:
    """The person was erased; the ids of the grants that were theirs."""
    rows = delete(GrantRow).where(col(GrantRow.participant) == participant).returning(col(GrantRow.id))
    return [GrantId(row.id) for row in await tx.rows(rows)]


def _rows() -> Any:
    return select(table(GrantRow))


def _values(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "participant": grant.participant,
        "recipient": grant.recipient,
        "categories": sorted(grant.categories),
        "basis": grant.basis,
        "purpose": grant.purpose,
        "valid_from": grant.valid_from,
        "valid_until": grant.valid_until,
        "recorded_by": grant.recorded_by,
        "recorded_how": grant.recorded_how,
        "text_version": grant.text_version,
        "language": grant.language,
        "norm": grant.norm,
        "ended": grant.ended,
        "ended_at": grant.ended_at,
        "placement": grant.placement,
        "started_on": grant.started_on,
    }


def _read(row: Any) -> Grant:
    return Grant(
        id=GrantId(row.id),
        participant=ParticipantId(row.participant),
        recipient=row.recipient,
        categories=frozenset(map(Category, row.categories)),
        basis=Basis(row.basis),
        purpose=row.purpose,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        recorded_by=StaffId(row.recorded_by) if row.recorded_by else None,
        recorded_how=Recorded(row.recorded_how),
        text_version=row.text_version,
        language=row.language,
        norm=row.norm,
        ended=GrantEnd(row.ended) if row.ended else None,
        ended_at=row.ended_at,
        placement=PlacementId(row.placement) if row.placement else None,
        started_on=row.started_on,
    )
