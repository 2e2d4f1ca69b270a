"""Where the lines lie: in two tables of one form, read as one.

What other services say is a projection in the schema `timeline`, which replay fills anew. Referrals does not read its
own topic, so replay would lose what it says itself: those lines are written when it is said, into `timeline_own`, which
is never rebuilt. Reading them from the other capabilities' tables would tie the timeline to all of them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Index, String, any_, delete, literal, or_, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.envelope import Fact
from contracts.vocabulary import AgencyId, Category, ParticipantId
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, moment, position
from infra.chassis.schema import instant, table
from services.referrals.timeline.domain import LINES, short, whose

SCHEMA = "timeline"
OWN = "timeline_own"


class HeardRow(SQLModel, table=True):
    """A line about a fact of another service; `id` is the event's."""

    __tablename__ = "line"
    __table_args__ = (Index("line_participant", "participant", "at", "id"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(primary_key=True)
    at: datetime = instant()
    what: str
    by: str | None = None
    about: UUID | None = None
    category: str | None = None
    sides: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    home: bool
    person: bool


class OwnRow(SQLModel, table=True):
    """A line about what referrals itself said."""

    __tablename__ = "line"
    __table_args__ = (Index("own_line_participant", "participant", "at", "id"), {"schema": OWN})

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(primary_key=True)
    at: datetime = instant()
    what: str
    by: str | None = None
    about: UUID | None = None
    category: str | None = None
    sides: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    home: bool
    person: bool


async def heard(tx: Tx, event: UUID, agency: AgencyId | None, fact: Fact) -> None:
    """Another service said something."""
    await _add(tx, HeardRow, event, agency, fact)


async def said(tx: Tx, fact: Fact) -> None:
    """Referrals itself says something."""
    if type(fact) in LINES:
        await _add(tx, OwnRow, tx.ids.ordered(), tx.by.agency, fact)


async def unhear(tx: Tx, participant: ParticipantId) -> None:
    """The person is forgotten: the projection's part."""
    await tx.execute(delete(HeardRow).where(col(HeardRow.participant) == participant))


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person is forgotten: our own part."""
    await tx.execute(delete(OwnRow).where(col(OwnRow.participant) == participant))


async def read(
    tx: Tx,
    participant: ParticipantId,
    *,
    own_person: bool,
    at_home: bool,
    agency: AgencyId | None,
    granted: Collection[Category],
    limit: int,
    after: str | None,
) -> tuple[Sequence[Any], str | None]:
    """A page of the lines that this reader may see, newest first: rows of (id, at, what, by, about)."""
    place = position(after, moment, UUID)
    parts = []
    for row in (HeardRow, OwnRow):
        c = table(row).c
        if own_person:
            mine: Any = c.person
        else:
            mine = or_(c.category.in_(list(granted)), literal(agency) == any_(c.sides), c.home & literal(at_home))
        part = select(c.id, c.at, c.what, c.by, c.about).where(c.participant == participant, mine)
        if place is not None:
            part = part.where(tuple_(c.at, c.id) < tuple_(literal(place[0]), place[1]))
        parts.append(part.order_by(c.at.desc(), c.id.desc()).limit(limit + 1).subquery())
    both = union_all(*(select(part) for part in parts)).subquery()
    rows = await tx.rows(select(both).order_by(both.c.at.desc(), both.c.id.desc()).limit(limit + 1))
    page = rows[:limit]
    return page, cursor(page[-1].at, page[-1].id) if len(rows) > limit else None


async def _add(tx: Tx, model: type[SQLModel], line_id: UUID, agency: str | None, fact: Fact) -> None:
    line = LINES[type(fact)](fact)
    for participant in whose(fact):
        row = insert(model).values(
            id=line_id,
            participant=participant,
            at=fact.at,
            what=short(type(fact)),
            by=agency if line.tells_agency else None,
            about=line.about,
            category=line.category,
            sides=sorted(line.sides),
            home=line.home,
            person=line.person,
        )
        await tx.execute(row.on_conflict_do_nothing())
