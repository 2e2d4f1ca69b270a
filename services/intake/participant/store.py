"""Where records lie. Names, birth dates and contacts are sealed; what can be searched are keyed tokens of them."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Column, Index, LargeBinary, and_, case, delete, false, or_, select, true, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import Category, ParticipantId, StaffId
from infra.chassis import access
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, moment, position
from infra.chassis.paging import number as integer
from infra.chassis.schema import instant, table
from services.intake.participant import finding
from services.intake.participant.domain import BirthDate, Contact, Identity, Participant
from services.intake.participant.finding import Mark, Of

SCHEMA = "participant"


class ParticipantRow(SQLModel, table=True):
    """One record."""

    __tablename__ = "participant"
    __table_args__ = (Index("participant_agency", "agency", "registered_at", "id"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    agency: str
    caseworker: UUID | None = None
    identity: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    contact: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    language: str | None = None
    registered_at: datetime = instant()
    protected: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    version: int


class TokenRow(SQLModel, table=True):
    """A keyed token of something by which a record is found (`finding.py`); goes with the record."""

    __tablename__ = "token"
    __table_args__ = {"schema": SCHEMA}

    token: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    participant: UUID = Field(primary_key=True, index=True)
    kind: str = Field(primary_key=True)


async def add(tx: Tx, participant: Participant) -> None:
    """A new record with its search tokens."""
    await tx.vault.new_person(tx, participant.id)
    tx.add(ParticipantRow, **await _values(tx, participant))
    _index(tx, participant)


async def save(tx: Tx, participant: Participant) -> None:
    """The record after a change."""
    values = await _values(tx, participant)
    await tx.execute(update(ParticipantRow).where(col(ParticipantRow.id) == participant.id).values(**values))
    await tx.execute(delete(TokenRow).where(col(TokenRow.participant) == participant.id))
    _index(tx, participant)


async def save_assigned(tx: Tx, participant: Participant) -> None:
    """The record after a change of who looks after it: nothing that is sealed or searched is written anew."""
    values = {"caseworker": participant.caseworker, "version": participant.version}
    await tx.execute(update(ParticipantRow).where(col(ParticipantRow.id) == participant.id).values(**values))


async def lock_assigned_to(tx: Tx, agency: str, staff: StaffId, limit: int) -> list[Participant]:
    """The records of the agency that `staff` looks after, held until the transaction ends."""
    rows = _rows().where(col(ParticipantRow.agency) == agency, col(ParticipantRow.caseworker) == staff)
    return [
        await _read(tx, row)
        for row in await tx.rows(rows.order_by(col(ParticipantRow.id)).limit(limit).with_for_update())
    ]


async def load(tx: Tx, participant: ParticipantId) -> Participant:
    """Raises `NotFound`."""
    row = await tx.row(_rows().where(col(ParticipantRow.id) == participant))
    if row is None:
        raise NotFound
    return await _read(tx, row)


async def load_all(tx: Tx, participants: Collection[ParticipantId]) -> list[Participant]:
    """Those of them that are there, in no order."""
    rows = await tx.rows(_rows().where(col(ParticipantRow.id).in_(participants)))
    return [await _read(tx, row) for row in rows]


async def lock(tx: Tx, participant: ParticipantId, version: int | None = None) -> Participant:
    """The record, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    row = await tx.row(_rows().where(col(ParticipantRow.id) == participant).with_for_update())
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Stale
    return await _read(tx, row)


@dataclass(frozen=True, slots=True)
class Whose:
    """Who looks after those that are looked for."""

    staff: frozenset[UUID] | None = None
    """One of these, if given."""
    nobodys: bool = False
    """Nobody yet: the queue of the team."""


EVERYBODY: Final = Whose()


async def find(
    tx: Tx, agency: str, query: str | None, limit: int, after: str | None, whose: Whose = EVERYBODY
) -> tuple[list[Participant], str | None]:
    """The records whose identity `agency` may see; those that fit all parts of `query`, if given, and that are
    `whose`. Those that fit to the letter come first, then the newest.

    By its phone number a record is found only by those who may read the number: else searching would tell it.
    """
    sought = finding.read(query or "")
    if query and query.strip() and not sought:
        return [], None  # it was asked for something, and nobody has it
    number = col(ParticipantRow.id)
    exactly: Any = and_(*(number.in_(_having(tx, agency, part.exactly)) for part in sought)) if sought else true()
    rank = case((exactly, 0), else_=1).label("rank")
    rows = select(table(ParticipantRow), rank).where(number.in_(access.visible(tx, agency, Category.IDENTITY)))
    rows = rows.where(*(number.in_(_having(tx, agency, part.fits)) for part in sought))
    if whose.staff is not None:
        rows = rows.where(col(ParticipantRow.caseworker).in_(whose.staff))
    if whose.nobodys:
        rows = rows.where(col(ParticipantRow.caseworker).is_(None), col(ParticipantRow.agency) == agency)
    at = col(ParticipantRow.registered_at)
    if (place := position(after, integer, moment, UUID)) is not None:
        newest = (at < place[1]) | ((at == place[1]) & (number < place[2]))
        rows = rows.where((rank > place[0]) | ((rank == place[0]) & newest))
    rows = rows.order_by(rank, at.desc(), number.desc()).limit(limit + 1)
    found = await tx.rows(rows)
    page = [await _read(tx, row) for row in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return page, cursor(last.rank, last.registered_at, last.id) if last else None


def _having(tx: Tx, agency: str, marks: Collection[Mark]) -> Any:
    """The records that have one of these marks."""
    open_to_all = [_token(tx, mark) for mark in marks if mark[0] is not Of.PHONE]
    numbers = [_token(tx, mark) for mark in marks if mark[0] is Of.PHONE]
    token, kind = col(TokenRow.token), col(TokenRow.kind)
    fits: Any = and_(token.in_(open_to_all), kind != Of.PHONE)
    if numbers:
        readable = col(TokenRow.participant).in_(access.visible(tx, agency, Category.CONTACT))
        fits = or_(fits, and_(token.in_(numbers), kind == Of.PHONE, readable))
    return select(col(TokenRow.participant)).where(fits)


async def lock_next(tx: Tx, after: UUID | None, limit: int) -> list[Participant]:
    """The next `limit` records by id, held until the transaction ends."""
    rows = select(table(ParticipantRow)).order_by(col(ParticipantRow.id)).limit(limit).with_for_update()
    return [
        await _read(tx, row) for row in await tx.rows(rows.where(col(ParticipantRow.id) > after) if after else rows)
    ]


async def index_again(tx: Tx, participants: Collection[Participant]) -> None:
    """Makes their tokens anew."""
    await tx.execute(delete(TokenRow).where(col(TokenRow.participant).in_([one.id for one in participants])))
    for participant in participants:
        _index(tx, participant)


async def by_reference(tx: Tx, reference: str) -> ParticipantId | None:
    """Whose code this is."""
    row = await tx.row(select(col(ParticipantRow.id)).where(col(ParticipantRow.reference) == reference))
    return ParticipantId(row.id) if row else None


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: the record and what it was found by; how many rows there were."""
    tokens = await tx.execute(delete(TokenRow).where(col(TokenRow.participant) == participant))
    record = await tx.execute(delete(ParticipantRow).where(col(ParticipantRow.id) == participant))
    return tokens.rowcount + record.rowcount


def _index(tx: Tx, participant: Participant) -> None:
    for mark in sorted(finding.marks(participant)):
        tx.add(TokenRow, token=_token(tx, mark), participant=participant.id, kind=mark[0])


def _token(tx: Tx, mark: Mark) -> bytes:
    kind, text = mark
    return tx.vault.token("participant", text if kind in PLAIN else f"{kind} {text}")


PLAIN: Final = frozenset({Of.NAME, Of.REFERENCE})
"""What is told from other marks by its kind alone."""


def _rows() -> Any:
    return select(table(ParticipantRow))


async def _values(tx: Tx, participant: Participant) -> dict[str, Any]:
    return {
        "id": participant.id,
        "reference": participant.reference,
        "agency": participant.agency,
        "caseworker": participant.caseworker,
        "identity": await tx.vault.seal(tx, participant.id, asdict(participant.identity)),
        "contact": await tx.vault.seal(tx, participant.id, asdict(participant.contact)),
        "language": participant.language,
        "registered_at": participant.registered_at,
        "protected": participant.protected,
        "version": participant.version,
    }


async def _read(tx: Tx, row: Any) -> Participant:
    identity = await tx.vault.unseal(row.id, row.identity)
    return Participant(
        id=ParticipantId(row.id),
        reference=row.reference,
        agency=row.agency,
        caseworker=StaffId(row.caseworker) if row.caseworker else None,
        identity=Identity(identity["given_name"], identity["family_name"], BirthDate(**identity["birth"])),
        contact=Contact(**await tx.vault.unseal(row.id, row.contact)),
        language=row.language,
        registered_at=row.registered_at,
        protected=row.protected,
        version=row.version,
    )
