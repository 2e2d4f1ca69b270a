"""Where items lie, and the one condition under which a reader still gets to see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    UniqueConstraint,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from infra.chassis import access
from infra.chassis.db import Tx, lock_id
from infra.chassis.freshness import GrantsStale
from infra.chassis.paging import cursor, number, position
from infra.chassis.schema import instant, table
from services.notifications.inbox.domain import Item, ItemAdded, Reader, State
from services.notifications.rules.domain import Staff

SCHEMA: Final = "inbox"


class ItemRow(SQLModel, table=True):
    """One item. `staff` and `agency` repeat what `recipient` says, as far as it is known."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("event", "recipient"),
        Index("item_recipient", "recipient", "position"),
        {"schema": SCHEMA},
    )

    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    id: UUID = Field(unique=True)
    event: UUID
    recipient: str
    staff: UUID | None = None
    agency: str | None = None
    type: str
    message: str
    participant: UUID | None = Field(default=None, index=True)
    reference: str | None = None
    link: str | None = None
    party: bool
    blind: bool
    at: datetime = instant()
    state: str
    snoozed_until: datetime | None = instant(optional=True)


class Forgotten(SQLModel, table=True):
    """A tombstone: nothing about this participant is ever told again."""

    __tablename__ = "forgotten"
    __table_args__ = {"schema": SCHEMA}

    participant: UUID = Field(primary_key=True)


_THERE: Final = "select recipient from inbox.item where event = any(%(events)s)"


async def add(tx: Tx, items: Sequence[ItemAdded], at: datetime) -> list[ItemAdded]:
    """Put items of an event into their inboxes; those that were not there already.

    A position is drawn last of all, in turn with whoever adds to the same inbox: so positions are in commit order, and
    a stream that goes on after the last one it sent misses nothing.
    """
    [rows] = await tx.ask((_THERE, {"events": [item.event for item in items]})) if items else [[]]
    there = {recipient for (recipient,) in rows}
    fresh = [item for item in items if item.recipient.key not in there]
    for item in fresh:
        recipient = item.recipient
        tx.add_in_turn(
            lock_id("inbox", recipient.key),
            ItemRow,
            id=tx.ids.ordered(),
            event=item.event,
            recipient=recipient.key,
            staff=recipient.id if isinstance(recipient, Staff) else None,
            agency=getattr(recipient, "agency", None),
            type=item.type,
            message=item.message,
            participant=item.participant,
            reference=item.reference,
            link=item.link,
            party=item.party,
            blind=item.blind,
            at=at,
            state=State.UNREAD.value,
        )
    return fresh


async def page(
    tx: Tx,
    reader: Reader,
    *,
    state: State | None,
    participant: ParticipantId | None,
    limit: int,
    after: str | None,
) -> tuple[list[Item], str | None]:
    """The reader's items, newest first."""
    query = _visible(tx, reader)
    if state is not None:
        query = query.where(_state(tx) == state)
    if participant is not None:
        query = query.where(col(ItemRow.participant) == participant, ~col(ItemRow.blind))
    if (place := position(after, number)) is not None:
        query = query.where(col(ItemRow.position) < place[0])
    rows = await tx.rows(query.order_by(col(ItemRow.position).desc()).limit(limit + 1))
    items = [_read(row, tx) for row in rows[:limit]]
    return items, cursor(items[-1].position) if len(rows) > limit else None


async def load(tx: Tx, reader: Reader, item: UUID) -> tuple[Item, AgencyId | None]:
    """(the item, held until the transaction ends; the agency whose queue it is in).

    Raises `NotFound`, and `GrantsStale` for an item that is withheld for now.
    """
    row = await tx.row(_visible(tx, reader).where(col(ItemRow.id) == item).with_for_update())
    if row is None:
        right = _right(tx, reader, by_the_last_word=True)
        if tx.stale and await tx.row(_items(reader).where(right, col(ItemRow.id) == item)) is not None:
            raise GrantsStale
        raise NotFound
    return _read(row, tx), row.agency if row.staff is None else None


async def save_state(tx: Tx, item: UUID, state: State, until: datetime | None = None) -> None:
    await tx.execute(update(ItemRow).where(col(ItemRow.id) == item).values(state=state, snoozed_until=until))


async def latest(tx: Tx, inboxes: Mapping[str, str]) -> dict[str, int]:
    """Short name of an inbox -> position of its last item."""
    query = select(col(ItemRow.recipient), func.max(col(ItemRow.position)).label("last"))
    rows = await tx.rows(query.where(col(ItemRow.recipient).in_(inboxes.values())).group_by(col(ItemRow.recipient)))
    last = {row.recipient: row.last for row in rows}
    return {name: last.get(key, 0) for name, key in inboxes.items()}


async def newer(tx: Tx, reader: Reader, seen: Mapping[str, int], limit: int) -> list[tuple[Item, bool]]:
    """What came into the reader's inboxes after the positions in `seen`, oldest first; False: withheld for now."""
    beyond = or_(
        *(
            and_(col(ItemRow.recipient) == key, col(ItemRow.position) > seen.get(name, 0))
            for name, key in reader.inboxes().items()
        )
    )
    right = _right(tx, reader, by_the_last_word=True)
    shown = _right(tx, reader).label("shown") if tx.stale else literal(True).label("shown")
    found = _items(reader, shown).where(right, beyond).order_by(col(ItemRow.position)).limit(limit)
    return [(_read(row, tx), row.shown) for row in await tx.rows(found)]


async def arrived(tx: Tx, since: int, limit: int) -> Sequence[tuple[int, str]]:
    """(position, recipient) of what was added after `since`, for waking streams."""
    query = select(col(ItemRow.position), col(ItemRow.recipient)).where(col(ItemRow.position) > since)
    return [(row.position, row.recipient) for row in await tx.rows(query.order_by(col(ItemRow.position)).limit(limit))]


async def last_position(tx: Tx) -> int:
    """The highest position there is."""
    [last] = (await tx.execute(select(func.coalesce(func.max(col(ItemRow.position)), 0)))).one()
    return int(last)


async def told(tx: Tx, participant: ParticipantId, agency: AgencyId) -> list[Staff]:
    """The staff of an agency who have an item about this participant."""
    tx.end()  # an earlier event of the same transaction may have told them
    query = select(col(ItemRow.staff)).where(
        col(ItemRow.participant) == participant, col(ItemRow.agency) == agency, col(ItemRow.staff).is_not(None)
    )
    return [Staff(StaffId(row.staff), agency) for row in await tx.rows(query.distinct().order_by(col(ItemRow.staff)))]


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """Delete every item about, or for, the participant, and remember never to write one again."""
    tx.end()  # one that an earlier event of the same transaction has led to, too
    await tx.execute(delete(ItemRow).where(_of(participant)))
    await tx.execute(insert(Forgotten).values(participant=participant).on_conflict_do_nothing())


_FORGOTTEN: Final = "select 1 from inbox.forgotten where participant = %(participant)s"


async def forgotten(tx: Tx, participant: ParticipantId) -> bool:
    """Was the participant erased?"""
    return bool((await tx.ask((_FORGOTTEN, {"participant": participant})))[0])


def _of(participant: ParticipantId) -> Any:
    return or_(col(ItemRow.participant) == participant, col(ItemRow.recipient) == f"participant:{participant}")


def _visible(tx: Tx, reader: Reader) -> Any:
    """The reader's items, as far as they may know of the participant at this moment."""
    return _items(reader).where(_right(tx, reader))


def _items(reader: Reader, *more: Any) -> Any:
    return select(table(ItemRow), *more).where(col(ItemRow.recipient).in_(reader.inboxes().values()))


def _right(tx: Tx, reader: Reader, *, by_the_last_word: bool = False) -> Any:
    rights: list[Any] = [col(ItemRow.participant).is_(None)]
    if reader.participant is not None:
        rights.append(col(ItemRow.participant) == reader.participant)
    if reader.agency is not None:
        rights.append(and_(col(ItemRow.party), col(ItemRow.agency) == reader.agency))
        reachable = access.reachable(tx, reader.agency, by_the_last_word=by_the_last_word)
        rights.append(col(ItemRow.participant).in_(reachable))
    return or_(*rights)


def _state(tx: Tx) -> Any:
    awake = and_(col(ItemRow.state) == State.SNOOZED, col(ItemRow.snoozed_until) <= tx.now)
    return case((awake, State.UNREAD.value), else_=col(ItemRow.state))


def _read(row: Any, tx: Tx) -> Item:
    awake = row.state == State.SNOOZED and row.snoozed_until <= tx.now
    return Item(
        id=row.id,
        position=row.position,
        event=row.event,
        recipient=row.recipient,
        type=row.type,
        message=row.message,
        participant=None if row.blind or row.participant is None else ParticipantId(row.participant),
        reference=None if row.blind else row.reference,
        link=row.link,
        at=row.at,
        state=State.UNREAD if awake else State(row.state),
        snoozed_until=None if awake else row.snoozed_until,
        blind=row.blind,
    )
