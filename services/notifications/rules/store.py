"""Who has a part in whose journey or placement: a projection of referrals' and matching's facts, rebuilt by replay.

Handlers write only these two tables.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.envelope import Fact
from contracts.events import intake, matching, referrals
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from infra.chassis.arrival import Handler
from infra.chassis.db import Tx
from services.notifications.rules.domain import Staff

SCHEMA: Final = "rules"


class JourneyPart(SQLModel, table=True):
    """Who leads a journey that is under way."""

    __tablename__ = "journey_part"
    __table_args__ = {"schema": SCHEMA}

    journey: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    agency: str
    coach: UUID


class PlacementPart(SQLModel, table=True):
    """The company of a placement that is confirmed and not over."""

    __tablename__ = "placement_part"
    __table_args__ = {"schema": SCHEMA}

    placement: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    employer: str


_PARTS: Final = """
select journey as part, agency, coach from rules.journey_part where participant = %(participant)s
union all
select placement, employer, null from rules.placement_part where participant = %(participant)s
order by part
"""


async def parts(tx: Tx, participant: ParticipantId) -> tuple[tuple[Staff, ...], tuple[AgencyId, ...]]:
    """(the coaches of the participant's journeys that are under way, the companies where they have a placement)."""
    [rows] = await tx.ask((_PARTS, {"participant": participant}))
    coaches = tuple(Staff(StaffId(coach), agency) for _, agency, coach in rows if coach is not None)
    return coaches, tuple(sorted({agency for _, agency, coach in rows if coach is None}))


async def journey_started(tx: Tx, fact: referrals.JourneyStarted) -> None:
    row = insert(JourneyPart).values(
        journey=fact.journey, participant=fact.participant, agency=fact.agency, coach=fact.coach
    )
    await tx.execute(row.on_conflict_do_nothing())


async def coach_named(tx: Tx, fact: referrals.StageEntered) -> None:
    """A stage may begin under another coach."""
    await tx.execute(
        update(JourneyPart).where(col(JourneyPart.journey) == fact.journey).values(coach=fact.coach, agency=fact.agency)
    )


async def journey_ended(tx: Tx, fact: referrals.JourneyEnded) -> None:
    await tx.execute(delete(JourneyPart).where(col(JourneyPart.journey) == fact.journey))


async def placement_confirmed(tx: Tx, fact: matching.PlacementConfirmed) -> None:
    row = insert(PlacementPart).values(placement=fact.placement, participant=fact.participant, employer=fact.employer)
    await tx.execute(row.on_conflict_do_nothing())


async def placement_ended(tx: Tx, fact: matching.PlacementEnded) -> None:
    await tx.execute(delete(PlacementPart).where(col(PlacementPart.placement) == fact.placement))


async def erased(tx: Tx, fact: intake.ParticipantErased) -> None:
    for table in (JourneyPart, PlacementPart):
        person: Any = table.participant
        await tx.execute(delete(table).where(person == fact.participant))


PROJECTION: Final[Mapping[type[Fact], Handler]] = {
    intake.ParticipantErased: erased,
    referrals.JourneyStarted: journey_started,
    referrals.StageEntered: coach_named,
    referrals.JourneyEnded: journey_ended,
    matching.PlacementConfirmed: placement_confirmed,
    matching.PlacementEnded: placement_ended,
}
