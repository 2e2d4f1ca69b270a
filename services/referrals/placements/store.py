"""The read table of placements."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.events import matching
from contracts.vocabulary import OpportunityKind, ParticipantId, PlacementId
from infra.chassis.db import Tx
from infra.chassis.schema import table
from services.referrals.placements.domain import Placement

SCHEMA = "placements"


class PlacementRow(SQLModel, table=True):
    """One placement that both sides agreed to."""

    __tablename__ = "placement"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    kind: str
    employer: str
    started_on: date | None = None
    ended_on: date | None = None


async def put(
    tx: Tx, fact: matching.PlacementConfirmed | matching.PlacementStarted | matching.PlacementEnded, **days: Any
) -> None:
    """What this event tells of the placement; the other day, if known, stays."""
    row = insert(PlacementRow).values(
        id=fact.placement, participant=fact.participant, kind=fact.kind, employer=fact.employer, **days
    )
    await tx.execute(row.on_conflict_do_update(index_elements=["id"], set_={"participant": fact.participant, **days}))


async def forget(tx: Tx, participant: ParticipantId) -> None:
    await tx.execute(delete(PlacementRow).where(col(PlacementRow.participant) == participant))


async def of(tx: Tx, participant: ParticipantId) -> tuple[Placement, ...]:
    """All placements of a participant, in the order of their ids."""
    query = select(table(PlacementRow)).where(col(PlacementRow.participant) == participant)
    return tuple(
        Placement(PlacementId(row.id), OpportunityKind(row.kind), row.employer, row.started_on, row.ended_on)
        for row in await tx.rows(query.order_by(col(PlacementRow.id)))
    )


async def whose(tx: Tx, placement: PlacementId) -> ParticipantId | None:
    """Who has this placement; None if it is not known."""
    query = select(col(PlacementRow.participant)).where(col(PlacementRow.id) == placement)
    found = await tx.rows(query)
    return ParticipantId(found[0].participant) if found else None
