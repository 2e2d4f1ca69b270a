"""Where opportunities lie. No personal data; lists for suggestions are narrowed here, by index."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Index, String, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import Cefr, ConceptUri, LanguageCode, OpportunityId, OpportunityKind, SkillLevel
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, position
from infra.chassis.schema import table
from services.matching.opportunity.domain import (
    LanguageNeed,
    Offer,
    Opportunity,
    OpportunityState,
    SkillNeed,
    SkillWish,
)

SCHEMA = "opportunity"


class OpportunityRow(SQLModel, table=True):
    """One opportunity. `needed` and `spoken` repeat the musts as arrays, for the index."""

    __tablename__ = "opportunity"
    __table_args__ = (
        Index("opportunity_on_offer", "state", "kind", "starts_on", "id"),
        Index("opportunity_needed", "needed", postgresql_using="gin"),
        {"schema": SCHEMA},
    )

    id: UUID = Field(primary_key=True)
    agency: str = Field(index=True)
    state: str
    kind: str
    title: str
    occupation: str = Field(index=True)
    region: str
    capacity: int
    taken: int
    starts_on: date
    must_skills: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    can_skills: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    language_needs: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    needed: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    spoken: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    description: str
    version: int


async def add(tx: Tx, opportunity: Opportunity) -> None:
    await tx.execute(insert(OpportunityRow).values(**_values(opportunity)))


async def save(tx: Tx, opportunity: Opportunity) -> None:
    values = _values(opportunity)
    await tx.execute(update(OpportunityRow).where(col(OpportunityRow.id) == opportunity.id).values(**values))


async def load(tx: Tx, opportunity: OpportunityId) -> Opportunity:
    """Raises `NotFound`."""
    row = await tx.row(_rows().where(col(OpportunityRow.id) == opportunity))
    if row is None:
        raise NotFound
    return _read(row)


async def lock(tx: Tx, opportunity: OpportunityId, version: int | None = None) -> Opportunity:
    """The opportunity, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    row = await tx.row(_rows().where(col(OpportunityRow.id) == opportunity).with_for_update())
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Stale
    return _read(row)


async def find(
    tx: Tx,
    *,
    drafts_of: str | None,
    kind: OpportunityKind | None,
    state: OpportunityState | None,
    limit: int,
    after: str | None,
) -> tuple[list[Opportunity], str | None]:
    """What was published, and the drafts of one agency, newest first."""
    rows = _rows().where(
        or_(col(OpportunityRow.state) != OpportunityState.DRAFT, col(OpportunityRow.agency) == drafts_of)
    )
    if kind is not None:
        rows = rows.where(col(OpportunityRow.kind) == kind)
    if state is not None:
        rows = rows.where(col(OpportunityRow.state) == state)
    if (place := position(after, UUID)) is not None:
        rows = rows.where(col(OpportunityRow.id) < place[0])
    found = await tx.rows(rows.order_by(col(OpportunityRow.id).desc()).limit(limit + 1))
    page = [_read(row) for row in found[:limit]]
    return page, cursor(page[-1].id) if len(found) > limit else None


async def on_offer(
    tx: Tx,
    kinds: Iterable[OpportunityKind],
    *,
    not_before: date | None,
    holding: Iterable[ConceptUri] | None = None,
    speaking: Iterable[LanguageCode] | None = None,
    occupations: Iterable[ConceptUri] | None = None,
    limit: int,
) -> Sequence[Opportunity]:
    """Open opportunities of these kinds, the earliest first, at most `limit`.

    `holding` and `speaking` leave out what asks for a skill or language beyond those, at whatever level;
    `not_before` what starts earlier; `occupations` everything else.
    """
    rows = _rows().where(
        col(OpportunityRow.state) == OpportunityState.OPEN, col(OpportunityRow.kind).in_(sorted(kinds))
    )
    if not_before is not None:
        rows = rows.where(col(OpportunityRow.starts_on) >= not_before)
    if holding is not None:
        rows = rows.where(_within(OpportunityRow.needed, holding))
    if speaking is not None:
        rows = rows.where(_within(OpportunityRow.spoken, speaking))
    if occupations is not None:
        rows = rows.where(col(OpportunityRow.occupation).in_(sorted(occupations)))
    rows = rows.order_by(col(OpportunityRow.starts_on), col(OpportunityRow.id)).limit(limit)
    return [_read(row) for row in await tx.rows(rows)]


def _within(column: Any, values: Iterable[str]) -> Any:
    return col(column).op("<@")(literal(sorted(values), ARRAY(String)))


def _rows() -> Any:
    return select(table(OpportunityRow))


def _values(opportunity: Opportunity) -> dict[str, Any]:
    offer = opportunity.offer
    return {
        "id": opportunity.id,
        "agency": opportunity.agency,
        "state": opportunity.state,
        "kind": offer.kind,
        "title": offer.title,
        "occupation": offer.occupation,
        "region": offer.region,
        "capacity": offer.capacity,
        "taken": opportunity.taken,
        "starts_on": offer.starts_on,
        "must_skills": [asdict(need) for need in offer.must_skills],
        "can_skills": [asdict(wish) for wish in offer.can_skills],
        "language_needs": [asdict(need) for need in offer.language_needs],
        "needed": [need.concept for need in offer.must_skills],
        "spoken": [need.language for need in offer.language_needs],
        "description": offer.description,
        "version": opportunity.version,
    }


def _read(row: Any) -> Opportunity:
    return Opportunity(
        id=OpportunityId(row.id),
        agency=row.agency,
        offer=Offer(
            kind=OpportunityKind(row.kind),
            title=row.title,
            occupation=row.occupation,
            region=row.region,
            capacity=row.capacity,
            starts_on=row.starts_on,
            must_skills=tuple(SkillNeed(n["concept"], SkillLevel(n["level"])) for n in row.must_skills),
            can_skills=tuple(SkillWish(w["concept"], SkillLevel(w["level"]), w["weight"]) for w in row.can_skills),
            language_needs=tuple(LanguageNeed(n["language"], Cefr(n["level"])) for n in row.language_needs),
            description=row.description,
        ),
        state=OpportunityState(row.state),
        taken=row.taken,
        version=row.version,
    )
