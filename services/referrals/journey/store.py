"""Where journeys lie. The reason of an early end is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from contracts.seat import Seat
from contracts.vocabulary import CohortId, Destination, JourneyId, ParticipantId, PlacementId, StaffId
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, position
from infra.chassis.schema import instant, table
from services.referrals.journey.domain import Ending, Journey, Stage, Why

SCHEMA = "journey"


class JourneyRow(SQLModel, table=True):
    """One journey. After an erasure it stays, under a random id that is nobody's, so that outcomes can be counted."""

    __tablename__ = "journey"
    __table_args__ = (Index("journey_cohort", "cohort"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    cohort: UUID
    programme: str
    agency: str
    coach: UUID
    started_at: datetime = instant()
    ended_at: datetime | None = instant(optional=True)
    why: str | None = None
    destination: str | None = None
    placement: UUID | None = None
    reason: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class StageRow(SQLModel, table=True):
    """A stage that was entered; `position` counts from 0."""

    __tablename__ = "stage"
    __table_args__ = {"schema": SCHEMA}

    journey: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    stage: str
    entered_at: datetime = instant()
    completed_at: datetime | None = instant(optional=True)


async def save(tx: Tx, journey: Journey) -> None:
    """The journey as it is now, new or changed."""
    values = await _values(tx, journey)
    row = insert(JourneyRow).values(**values)
    await tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
    for number, stage in enumerate(journey.stages):
        dates = {"entered_at": stage.entered_at, "completed_at": stage.completed_at}
        one = insert(StageRow).values(journey=journey.seat.journey, position=number, stage=stage.id, **dates)
        await tx.execute(one.on_conflict_do_update(index_elements=["journey", "position"], set_=dates))


async def load(tx: Tx, journey: JourneyId, *, hold: bool = False) -> Journey:
    """One journey; with `hold` nobody else changes it until the transaction ends. Raises `NotFound`."""
    query = _rows().where(col(JourneyRow.id) == journey)
    row = await tx.row(query.with_for_update() if hold else query)
    if row is None:
        raise NotFound
    [found] = await _read(tx, [row])
    return found


async def find(
    tx: Tx,
    shown: Any,
    *,
    participant: ParticipantId | None,
    cohort: CohortId | None,
    limit: int,
    after: str | None,
) -> tuple[list[Journey], str | None]:
    """Journeys of the participants in `shown` (ids, or a query for ids), newest first."""
    query = _rows().where(col(JourneyRow.participant).in_(shown))
    if participant is not None:
        query = query.where(col(JourneyRow.participant) == participant)
    if cohort is not None:
        query = query.where(col(JourneyRow.cohort) == cohort)
    if (place := position(after, UUID)) is not None:
        query = query.where(col(JourneyRow.id) < place[0])
    rows = await tx.rows(query.order_by(col(JourneyRow.id).desc()).limit(limit + 1))
    page = await _read(tx, rows[:limit])
    return page, cursor(page[-1].seat.journey) if len(rows) > limit else None


async def under_way(tx: Tx, participant: ParticipantId) -> list[Journey]:
    """The participant's journeys that have not ended, oldest first."""
    query = _rows().where(col(JourneyRow.participant) == participant, col(JourneyRow.ended_at).is_(None))
    return await _read(tx, await tx.rows(query.order_by(col(JourneyRow.id))))


async def forget(tx: Tx, participant: ParticipantId, nobody: UUID) -> None:
    """Give the journeys of a forgotten person to nobody, without reason and placement."""
    await tx.execute(
        update(JourneyRow)
        .where(col(JourneyRow.participant) == participant)
        .values(participant=nobody, reason=None, placement=None)
    )


def _rows() -> Any:
    return select(table(JourneyRow))


async def _values(tx: Tx, journey: Journey) -> dict[str, Any]:
    seat, ending = journey.seat, journey.ending
    values: dict[str, Any] = {
        "id": seat.journey,
        "participant": seat.participant,
        "cohort": seat.cohort,
        "programme": seat.programme,
        "agency": seat.agency,
        "coach": seat.coach,
        "started_at": journey.started_at,
    }
    if ending is not None:
        reason = await tx.vault.seal(tx, seat.participant, ending.reason) if ending.reason else None
        values |= {
            "ended_at": ending.at,
            "why": ending.why,
            "destination": ending.destination,
            "placement": ending.placement,
            "reason": reason,
        }
    return values


async def _read(tx: Tx, rows: Sequence[Any]) -> list[Journey]:
    ids = [row.id for row in rows]
    query = select(table(StageRow)).where(col(StageRow.journey).in_(ids)).order_by(col(StageRow.position))
    stages: dict[UUID, list[Stage]] = {one: [] for one in ids}
    for stage in await tx.rows(query):
        stages[stage.journey].append(Stage(stage.stage, stage.entered_at, stage.completed_at))
    return [
        Journey(
            seat=Seat(
                JourneyId(row.id),
                ParticipantId(row.participant),
                CohortId(row.cohort),
                row.programme,
                row.agency,
                StaffId(row.coach),
            ),
            started_at=row.started_at,
            stages=tuple(stages[row.id]),
            ending=await _ending(tx, row),
        )
        for row in rows
    ]


async def _ending(tx: Tx, row: Any) -> Ending | None:
    if row.ended_at is None:
        return None
    reason = await tx.vault.unseal(row.participant, row.reason) if row.reason else None
    placement = PlacementId(row.placement) if row.placement else None
    return Ending(Why(row.why), Destination(row.destination), placement, reason, row.ended_at)
