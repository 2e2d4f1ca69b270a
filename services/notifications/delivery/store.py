"""Where deliveries lie until they have left: a queue that workers share, each row with one of them at a time."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, delete, or_, select, text, update
from sqlmodel import Field, SQLModel, col

from contracts.vocabulary import ParticipantId, Role, StaffId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.notifications.delivery.domain import EMAIL, Delivery, Letter, Notice, State

SCHEMA: Final = "delivery"


class DeliveryRow(SQLModel, table=True):
    """One delivery. All its times are system time. Holds no address and no name: they are asked for when it leaves."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("event", "recipient", "channel"),
        Index("delivery_due", "tries", "next_try_at", postgresql_where=text("state = 'waiting'")),
        {"schema": SCHEMA},
    )

    id: UUID = Field(primary_key=True)
    event: UUID
    recipient: str
    channel: str
    staff: UUID | None = None
    agency: str | None = None
    role: str | None = None
    type: str
    message: str
    participant: UUID | None = Field(default=None, index=True)
    reference: str | None = None
    link: str | None = None
    party: bool
    blind: bool
    escalation: bool
    bundle: UUID | None = Field(default=None, index=True)
    state: str
    tries: int
    next_try_at: datetime = instant()
    lease: UUID | None = None
    leased_until: datetime | None = instant(optional=True)
    error: str | None = None
    """Class of the last failure and nothing of its text."""
    traceparent: str | None = None
    created_at: datetime = instant()
    ended_at: datetime | None = instant(optional=True)


def add(
    tx: Tx,
    notice: Notice,
    *,
    recipient: str,
    staff: StaffId | None,
    agency: str | None,
    role: Role | None,
    traceparent: str | None,
    not_before: datetime | None = None,
    bundle: UUID | None = None,
) -> None:
    """A delivery that waits for its time; once per (event, recipient, channel)."""
    tx.add_unless_there(
        DeliveryRow,
        id=tx.ids.ordered(),
        recipient=recipient,
        channel=EMAIL,
        staff=staff,
        agency=agency,
        role=role and role.value,
        bundle=bundle,
        state=State.WAITING.value,
        tries=0,
        next_try_at=not_before or tx.system_now,
        traceparent=traceparent,
        created_at=tx.system_now,
        **asdict(notice),
    )


async def claim(tx: Tx, lease: UUID, term: timedelta, letters: int) -> list[Letter]:
    """The next due letters, at most so many, held by this lease for `term`.

    Those that failed come after those that did not: a dead recipient never slows the others.
    """
    query = _due(tx).order_by(col(DeliveryRow.tries), col(DeliveryRow.next_try_at)).limit(letters)
    rows = list(await tx.rows(query.with_for_update(skip_locked=True)))
    if bundles := {row.bundle for row in rows if row.bundle is not None}:
        with_them = _due(tx).where(col(DeliveryRow.bundle).in_(bundles)).order_by(col(DeliveryRow.id))
        rows = [row for row in rows if row.bundle is None]
        rows += await tx.rows(with_them.with_for_update(skip_locked=True))
    if rows:
        held = update(DeliveryRow).where(col(DeliveryRow.id).in_([row.id for row in rows]))
        await tx.execute(held.values(lease=lease, leased_until=tx.system_now + term))
    found: dict[UUID, list[Delivery]] = {}
    for row in rows:
        found.setdefault(row.bundle or row.id, []).append(_read(row))
    return [tuple(letter) for letter in found.values()]


async def end(
    tx: Tx, deliveries: Collection[UUID], lease: UUID, state: State, error: str | None = None
) -> frozenset[UUID]:
    """They came to their end; those of which the lease was lost meanwhile did not, and are left out of the answer."""
    values = {"state": state, "ended_at": tx.system_now, "lease": None, "leased_until": None, "error": error}
    return await _change(tx, deliveries, lease, values)


async def later(tx: Tx, delivery: UUID, lease: UUID, at: datetime, tries: int, error: str | None) -> None:
    """Try again at `at`, unless the lease was lost meanwhile."""
    values = {"next_try_at": at, "tries": tries, "lease": None, "leased_until": None, "error": error}
    await _change(tx, [delivery], lease, values)


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """Nothing about this participant leaves any more."""
    await tx.execute(delete(DeliveryRow).where(col(DeliveryRow.participant) == participant))


async def _change(tx: Tx, deliveries: Collection[UUID], lease: UUID, values: dict[str, Any]) -> frozenset[UUID]:
    if not deliveries:
        return frozenset()
    mine = (col(DeliveryRow.id).in_(deliveries), col(DeliveryRow.lease) == lease)
    changed = await tx.rows(update(DeliveryRow).where(*mine).values(**values).returning(col(DeliveryRow.id)))
    return frozenset(row.id for row in changed)


def _due(tx: Tx) -> Any:
    return select(table(DeliveryRow)).where(
        col(DeliveryRow.state) == State.WAITING,
        col(DeliveryRow.next_try_at) <= tx.system_now,
        or_(col(DeliveryRow.leased_until).is_(None), col(DeliveryRow.leased_until) <= tx.system_now),
    )


def _read(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        recipient=row.recipient,
        staff=None if row.staff is None else StaffId(row.staff),
        agency=row.agency,
        role=None if row.role is None else Role(row.role),
        notice=Notice(
            event=row.event,
            type=row.type,
            message=row.message,
            participant=None if row.participant is None else ParticipantId(row.participant),
            reference=row.reference,
            link=row.link,
            party=row.party,
            blind=row.blind,
            escalation=row.escalation,
        ),
        bundle=row.bundle,
        created_at=row.created_at,
        tries=row.tries,
        traceparent=row.traceparent,
    )
