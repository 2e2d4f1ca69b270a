"""Where requests lie. What the person wrote and what was answered are sealed; the rest is codes, ids and times.

On erasure the person goes out of the rows and their key with the words; what is left proves what was done, and when.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import GrantId, ParticipantId, RightKind, StaffId
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, moment, position
from infra.chassis.schema import instant, table
from services.intake.rights.domain import OPEN, CheckedBy, How, Reason, Request, State

SCHEMA = "rights"


class RequestRow(SQLModel, table=True):
    """One request."""

    __tablename__ = "request"
    __table_args__ = (Index("request_agency", "agency", "state", "due_at"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    participant: UUID | None = Field(default=None, index=True)
    agency: str
    kind: str
    how: str
    filed_at: datetime = instant()
    recorded_by: UUID | None = None
    words: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    due_at: datetime = instant()
    grant: UUID | None = None
    checked: str | None = None
    checked_by: UUID | None = None
    checked_at: datetime | None = instant(optional=True)
    reason: str | None = None
    norm: str | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = instant(optional=True)
    keep_until: datetime | None = instant(optional=True)
    done_at: datetime | None = instant(optional=True)
    proof: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    state: str
    version: int


async def add(tx: Tx, request: Request) -> None:
    await tx.execute(insert(RequestRow).values(**await _values(tx, request)))


async def save(tx: Tx, request: Request) -> None:
    values = await _values(tx, request)
    await tx.execute(update(RequestRow).where(col(RequestRow.id) == request.id).values(**values))


async def load(tx: Tx, request: UUID) -> Request:
    """Raises `NotFound`."""
    return await _found(tx, await tx.row(_rows().where(col(RequestRow.id) == request)))


async def lock(tx: Tx, request: UUID, version: int | None = None) -> Request:
    """The request, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    found = await _found(tx, await tx.row(_rows().where(col(RequestRow.id) == request).with_for_update()))
    if version is not None and found.version != version:
        raise Stale
    return found


async def of(tx: Tx, participant: ParticipantId) -> list[Request]:
    """All requests of a participant, newest first."""
    rows = _rows().where(col(RequestRow.participant) == participant).order_by(col(RequestRow.id).desc())
    return [await _read(tx, row) for row in await tx.rows(rows)]


async def page(
    tx: Tx, agency: str | None, *, only_open: bool, limit: int, after: str | None
) -> tuple[list[Request], str | None]:
    """The requests that an agency answers (None: all agencies), the soonest due first. Without any words."""
    due, one = col(RequestRow.due_at), col(RequestRow.id)
    rows = _rows()
    if agency is not None:
        rows = rows.where(col(RequestRow.agency) == agency)
    if only_open:
        rows = rows.where(col(RequestRow.state).in_([state.value for state in OPEN]))
    if (place := position(after, moment, UUID)) is not None:
        rows = rows.where((due > place[0]) | ((due == place[0]) & (one > place[1])))
    found = await tx.rows(rows.order_by(due, one).limit(limit + 1))
    last = found[limit - 1] if len(found) > limit else None
    return [_without_words(row) for row in found[:limit]], cursor(last.due_at, last.id) if last else None


async def to_be_erased(tx: Tx, limit: int) -> Sequence[tuple[UUID, ParticipantId]]:
    """(request, participant) of the erasures that were granted and not carried out."""
    rows = select(col(RequestRow.id), col(RequestRow.participant)).where(
        col(RequestRow.kind) == RightKind.ERASURE.value,
        col(RequestRow.state) == State.GRANTED.value,
        col(RequestRow.participant).is_not(None),
    )
    return [
        (row.id, ParticipantId(row.participant))
        for row in await tx.rows(rows.order_by(col(RequestRow.decided_at)).limit(limit))
    ]


async def restrictions(tx: Tx, participant: ParticipantId) -> int:
    """How many requests restrict the record now."""
    rows = select(col(RequestRow.id)).where(
        col(RequestRow.participant) == participant, col(RequestRow.state) == State.RESTRICTED.value
    )
    return len(await tx.rows(rows))


async def forget(tx: Tx, participant: ParticipantId) -> list[UUID]:
    """The requests are nobody's from now on; their ids."""
    gone = await tx.rows(
        update(RequestRow)
        .where(col(RequestRow.participant) == participant)
        .values(participant=None, words=None, grant=None)
        .returning(col(RequestRow.id))
    )
    return [row.id for row in gone]


def _rows() -> Any:
    return select(table(RequestRow))


async def _values(tx: Tx, request: Request) -> dict[str, Any]:
    sealed = None
    if request.participant is not None:
        words = {"words": request.words, "answer": request.answer, "extended": request.extended}
        sealed = await tx.vault.seal(tx, request.participant, words)
    names = RequestRow.model_fields.keys() - {"words", "proof"}
    return {name: getattr(request, name) for name in names} | {"words": sealed, "proof": dict(request.proof)}


async def _found(tx: Tx, row: Any) -> Request:
    if row is None:
        raise NotFound
    return await _read(tx, row)


async def _read(tx: Tx, row: Any) -> Request:
    if row.words is None:
        return _without_words(row)
    return _without_words(row, **await tx.vault.unseal(row.participant, row.words))


def _without_words(row: Any, words: str = "", answer: str = "", extended: str | None = None) -> Request:
    return Request(
        id=row.id,
        participant=ParticipantId(row.participant) if row.participant else None,
        agency=row.agency,
        kind=RightKind(row.kind),
        how=How(row.how),
        filed_at=row.filed_at,
        recorded_by=StaffId(row.recorded_by) if row.recorded_by else None,
        words=words,
        due_at=row.due_at,
        grant=GrantId(row.grant) if row.grant else None,
        checked=CheckedBy(row.checked) if row.checked else None,
        checked_by=StaffId(row.checked_by) if row.checked_by else None,
        checked_at=row.checked_at,
        extended=extended,
        reason=Reason(row.reason) if row.reason else None,
        norm=row.norm,
        answer=answer,
        decided_by=StaffId(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
        keep_until=row.keep_until,
        done_at=row.done_at,
        proof=row.proof,
        state=State(row.state),
        version=row.version,
    )
