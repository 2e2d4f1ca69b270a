"""Where cohorts and enrolments lie."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Index, String, delete, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from contracts.vocabulary import CohortId, EnrolmentId, JourneyId, ParticipantId, StaffId
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, position
from infra.chassis.schema import instant, table
from services.referrals.cohort.domain import Cohort, Enrolment, EnrolmentState

SCHEMA = "cohort"


class CohortRow(SQLModel, table=True):
    """One cohort. Holds no participant."""

    __tablename__ = "cohort"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    programme: str
    name: str
    starts_on: date
    agency: str = Field(index=True)
    coach: UUID
    bindings: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))


class EnrolmentRow(SQLModel, table=True):
    """One request for a place."""

    __tablename__ = "enrolment"
    __table_args__ = (Index("enrolment_cohort", "cohort", "participant"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    cohort: UUID
    participant: UUID = Field(index=True)
    requested_by: UUID
    agency: str
    requested_at: datetime = instant()
    state: str
    reasons: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    journey: UUID | None = None


async def add(tx: Tx, cohort: Cohort) -> None:
    """A new cohort."""
    await tx.execute(
        insert(CohortRow).values(
            id=cohort.id,
            programme=cohort.programme,
            name=cohort.name,
            starts_on=cohort.starts_on,
            agency=cohort.agency,
            coach=cohort.coach,
            bindings=dict(cohort.bindings),
        )
    )


async def load(tx: Tx, cohort: CohortId) -> Cohort:
    """Raises `NotFound`."""
    row = await tx.row(select(table(CohortRow)).where(col(CohortRow.id) == cohort))
    if row is None:
        raise NotFound
    return _cohort(row)


async def all_of(tx: Tx, limit: int, after: str | None) -> tuple[list[Cohort], str | None]:
    """A page of cohorts, newest first."""
    query = select(table(CohortRow)).order_by(col(CohortRow.id).desc()).limit(limit + 1)
    if (place := position(after, UUID)) is not None:
        query = query.where(col(CohortRow.id) < place[0])
    rows = await tx.rows(query)
    page = [_cohort(row) for row in rows[:limit]]
    return page, cursor(page[-1].id) if len(rows) > limit else None


async def add_enrolment(tx: Tx, enrolment: Enrolment) -> None:
    await tx.execute(insert(EnrolmentRow).values(**_values(enrolment)))


async def save_enrolment(tx: Tx, enrolment: Enrolment) -> None:
    await tx.execute(update(EnrolmentRow).where(col(EnrolmentRow.id) == enrolment.id).values(**_values(enrolment)))


async def enrolment(tx: Tx, enrolment_id: EnrolmentId, *, hold: bool = False) -> Enrolment | None:
    """One enrolment, or None; with `hold` nobody else changes it until the transaction ends."""
    query = select(table(EnrolmentRow)).where(col(EnrolmentRow.id) == enrolment_id)
    row = await tx.row(query.with_for_update() if hold else query)
    return _enrolment(row) if row else None


async def enrolments_of(tx: Tx, cohort: CohortId, participant: ParticipantId) -> Sequence[Enrolment]:
    """Every time this participant asked for this cohort."""
    query = select(table(EnrolmentRow)).where(
        col(EnrolmentRow.cohort) == cohort, col(EnrolmentRow.participant) == participant
    )
    return [_enrolment(row) for row in await tx.rows(query)]


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """Nothing of a request is needed once the person is forgotten; the cohort holds nobody."""
    await tx.execute(delete(EnrolmentRow).where(col(EnrolmentRow.participant) == participant))


def _cohort(row: Any) -> Cohort:
    return Cohort(
        id=CohortId(row.id),
        programme=row.programme,
        name=row.name,
        starts_on=row.starts_on,
        agency=row.agency,
        coach=StaffId(row.coach),
        bindings=row.bindings,
    )


def _enrolment(row: Any) -> Enrolment:
    return Enrolment(
        id=EnrolmentId(row.id),
        cohort=CohortId(row.cohort),
        participant=ParticipantId(row.participant),
        requested_by=StaffId(row.requested_by),
        agency=row.agency,
        requested_at=row.requested_at,
        state=EnrolmentState(row.state),
        reasons=tuple(row.reasons),
        journey=JourneyId(row.journey) if row.journey else None,
    )


def _values(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "id": enrolment.id,
        "cohort": enrolment.cohort,
        "participant": enrolment.participant,
        "requested_by": enrolment.requested_by,
        "agency": enrolment.agency,
        "requested_at": enrolment.requested_at,
        "state": enrolment.state,
        "reasons": list(enrolment.reasons),
        "journey": enrolment.journey,
    }
