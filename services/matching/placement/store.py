"""Where placements lie, and the one list of them, narrowed in SQL to what its reader may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, and_, delete, false, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import (
    REGIONAL_MATCHING,
    Category,
    Cefr,
    OpportunityId,
    OpportunityKind,
    ParticipantId,
    PlacementId,
    Side,
    SkillLevel,
    StaffId,
)
from infra.chassis import access
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, moment, position
from infra.chassis.schema import instant, table
from services.matching.placement.domain import (
    ACTIVE,
    REVEALED,
    Answer,
    Decline,
    GivenHow,
    Matched,
    Placement,
    PlacementState,
)

SCHEMA = "placement"


class PlacementRow(SQLModel, table=True):
    """One placement. The index says it, too: never two active ones of a kind in one record."""

    __tablename__ = "placement"
    __table_args__ = (
        Index(
            "placement_active",
            "participant",
            "kind",
            unique=True,
            postgresql_where=text("state in ('confirmed', 'started')"),
        ),
        Index("placement_participant", "participant"),
        Index("placement_opportunity", "opportunity"),
        Index("placement_employer", "employer", "id"),
        {"schema": SCHEMA},
    )

    id: UUID = Field(primary_key=True)
    participant: UUID
    agency: str
    opportunity: UUID
    employer: str
    kind: str
    matched: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    proposed_by: UUID
    proposed_at: datetime = instant()
    state: str
    answers: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    started_on: date | None = None
    ended_on: date | None = None
    outcome: str | None = None
    version: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose list it is: the company's, the placing agency's, the participant's own, or several at once."""

    employer: str | None = None
    agency: str | None = None
    participant: ParticipantId | None = None


async def add(tx: Tx, placement: Placement) -> None:
    await tx.execute(insert(PlacementRow).values(**_values(placement)))


async def save(tx: Tx, placement: Placement) -> None:
    await tx.execute(update(PlacementRow).where(col(PlacementRow.id) == placement.id).values(**_values(placement)))


async def load(tx: Tx, placement: PlacementId) -> Placement:
    """Raises `NotFound`."""
    row = await tx.row(_rows().where(col(PlacementRow.id) == placement))
    if row is None:
        raise NotFound
    return _read(row)


async def lock(tx: Tx, placement: PlacementId, version: int | None = None) -> Placement:
    """The placement, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    row = await tx.row(_rows().where(col(PlacementRow.id) == placement).with_for_update())
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Stale
    return _read(row)


async def lock_proposals(
    tx: Tx, *, participant: ParticipantId | None = None, opportunity: OpportunityId | None = None
) -> Sequence[Placement]:
    """The open proposals of a participant, or for an opportunity, held; in the order in which everybody holds them."""
    rows = _rows().where(col(PlacementRow.state) == PlacementState.PROPOSED)
    rows = rows.where(
        col(PlacementRow.participant) == participant if participant else col(PlacementRow.opportunity) == opportunity
    )
    rows = rows.order_by(col(PlacementRow.participant), col(PlacementRow.id)).with_for_update()
    return [_read(row) for row in await tx.rows(rows)]


async def active_of(tx: Tx, participants: Collection[UUID], kind: OpportunityKind | None = None) -> Sequence[Placement]:
    """The confirmed and started placements of these records."""
    rows = _rows().where(col(PlacementRow.participant).in_(participants), col(PlacementRow.state).in_(ACTIVE))
    if kind is not None:
        rows = rows.where(col(PlacementRow.kind) == kind)
    return [_read(row) for row in await tx.rows(rows.order_by(col(PlacementRow.opportunity)))]


async def is_in_play(tx: Tx, participant: ParticipantId, opportunity: OpportunityId) -> bool:
    """Whether the person is proposed for, or placed in, this opportunity."""
    row = select(col(PlacementRow.id)).where(
        col(PlacementRow.participant) == participant,
        col(PlacementRow.opportunity) == opportunity,
        col(PlacementRow.state).in_([PlacementState.PROPOSED, *ACTIVE]),
    )
    return bool(await tx.rows(row.limit(1)))


async def opportunities_of(tx: Tx, participant: ParticipantId) -> Sequence[OpportunityId]:
    """For what the person was ever proposed, in the order in which everybody holds them."""
    rows = select(col(PlacementRow.opportunity)).where(col(PlacementRow.participant) == participant).distinct()
    return [OpportunityId(row.opportunity) for row in await tx.rows(rows.order_by(col(PlacementRow.opportunity)))]


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """Delete everything about this person."""
    await tx.execute(delete(PlacementRow).where(col(PlacementRow.participant) == participant))


async def find(
    tx: Tx,
    reader: Reader,
    *,
    participant: ParticipantId | None,
    state: PlacementState | None,
    limit: int,
    after: str | None,
) -> tuple[list[Placement], str | None]:
    """What the reader may see: a company's list in an order that tells nothing, others' newest first."""
    at, one = col(PlacementRow.proposed_at), col(PlacementRow.id)
    rows = _rows().where(_seen_by(tx, reader, asked_for=participant))
    if participant is not None:
        rows = rows.where(col(PlacementRow.participant) == participant)
    if state is not None:
        rows = rows.where(col(PlacementRow.state) == state)
    if reader.employer is not None:
        if (place := position(after, UUID)) is not None:
            rows = rows.where(one > place[0])
        rows = rows.order_by(one)
    else:
        if (newer := position(after, moment, UUID)) is not None:
            rows = rows.where((at < newer[0]) | ((at == newer[0]) & (one < newer[1])))
        rows = rows.order_by(at.desc(), one.desc())
    found = await tx.rows(rows.limit(limit + 1))
    page = [_read(row) for row in found[:limit]]
    if len(found) <= limit:
        return page, None
    last = page[-1]
    return page, cursor(last.id) if reader.employer is not None else cursor(last.proposed_at, last.id)


def _seen_by(tx: Tx, reader: Reader, *, asked_for: ParticipantId | None) -> Any:
    """A company that asks for a participant finds only those it knows: else asking would tell who is proposed."""
    mine: list[Any] = [false()]
    whose, state = col(PlacementRow.participant), col(PlacementRow.state)
    if reader.participant is not None:
        mine.append(whose == reader.participant)
    if reader.agency is not None:
        mine.append(whose.in_(access.visible(tx, reader.agency, Category.PLACEMENT)))
    if reader.employer is not None:
        known: Any = state.in_(REVEALED)
        if asked_for is None:
            matchable = access.granted_to(tx, REGIONAL_MATCHING, Category.PROFILE)
            known = known | (state == PlacementState.DECLINED) | whose.in_(matchable)
        mine.append(and_(col(PlacementRow.employer) == reader.employer, known))
    return or_(*mine)


def _rows() -> Any:
    return select(table(PlacementRow))


def _values(placement: Placement) -> dict[str, Any]:
    return {
        "id": placement.id,
        "participant": placement.participant,
        "agency": placement.agency,
        "opportunity": placement.opportunity,
        "employer": placement.employer,
        "kind": placement.kind,
        "matched": {
            "must_skills": [list(met) for met in placement.matched.must_skills],
            "can_skills": [list(met) for met in placement.matched.can_skills],
            "languages": [list(met) for met in placement.matched.languages],
        },
        "proposed_by": placement.proposed_by,
        "proposed_at": placement.proposed_at,
        "state": placement.state,
        "answers": [
            {
                "side": answer.side,
                "by": str(answer.by) if answer.by else None,
                "how": answer.how,
                "at": answer.at.isoformat(),
                "reason": answer.reason,
            }
            for answer in placement.answers
        ],
        "started_on": placement.started_on,
        "ended_on": placement.ended_on,
        "outcome": placement.outcome,
        "version": placement.version,
    }


def _read(row: Any) -> Placement:
    return Placement(
        id=PlacementId(row.id),
        participant=ParticipantId(row.participant),
        agency=row.agency,
        opportunity=OpportunityId(row.opportunity),
        employer=row.employer,
        kind=OpportunityKind(row.kind),
        matched=Matched(
            must_skills=tuple((concept, SkillLevel(level)) for concept, level in row.matched["must_skills"]),
            can_skills=tuple((concept, SkillLevel(level)) for concept, level in row.matched["can_skills"]),
            languages=tuple((language, Cefr(level)) for language, level in row.matched["languages"]),
        ),
        proposed_by=StaffId(row.proposed_by),
        proposed_at=row.proposed_at,
        state=PlacementState(row.state),
        answers=tuple(_answer(answer) for answer in row.answers),
        started_on=row.started_on,
        ended_on=row.ended_on,
        outcome=row.outcome,
        version=row.version,
    )


def _answer(kept: dict[str, Any]) -> Answer:
    return Answer(
        side=Side(kept["side"]),
        by=UUID(kept["by"]) if kept["by"] else None,
        how=GivenHow(kept["how"]),
        at=datetime.fromisoformat(kept["at"]),
        reason=Decline(kept["reason"]) if kept["reason"] else None,
    )
