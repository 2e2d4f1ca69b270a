"""The read table of open needs. Care data: read it to decide about gates, never to show it to a course."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlmodel import Field, SQLModel, col

from contracts.events import intake
from contracts.vocabulary import NeedDomain, ParticipantId
from infra.chassis.db import Tx
from services.referrals.needs.domain import OpenNeed

SCHEMA = "needs"


class NeedRow(SQLModel, table=True):
    """One open need."""

    __tablename__ = "need"
    __table_args__ = {"schema": SCHEMA}

    barrier: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    domain: str
    severity: str


async def put(tx: Tx, participant: ParticipantId, barriers: Iterable[intake.Barrier]) -> None:
    """What is open now, instead of what was."""
    await tx.execute(delete(NeedRow).where(col(NeedRow.participant) == participant))
    rows = [
        {"barrier": one.barrier, "participant": participant, "domain": one.domain, "severity": one.severity}
        for one in barriers
        if one.open
    ]
    if rows:
        await tx.execute(insert(NeedRow), rows)


async def open_of(tx: Tx, participant: ParticipantId) -> tuple[OpenNeed, ...]:
    """What is open now."""
    query = select(col(NeedRow.domain), col(NeedRow.severity)).where(col(NeedRow.participant) == participant)
    return tuple(OpenNeed(NeedDomain(row.domain), row.severity) for row in await tx.rows(query))
