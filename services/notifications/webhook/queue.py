"""The other half of the store: what is on its way to subscriptions. A line per key that workers share.

An event is one row however many hear of it. All times are system time.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, String, delete, exists, select, text
from sqlmodel import Field, SQLModel, col

from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from infra.chassis.schema import instant
from services.notifications.webhook.domain import Delivery, Happening, Progress, Trouble
from services.notifications.webhook.store import SCHEMA

KEPT: Final = timedelta(days=30)
"""After which what was delivered or withheld is forgotten, and can't be replayed any more. What is parked stays."""
_WAITING: Final = text("state = 'waiting'")


class EventRow(SQLModel, table=True):
    """What may leave of an event, for as long as a delivery of it is kept."""

    __tablename__ = "event"
    __table_args__ = {"schema": SCHEMA}

    event: UUID = Field(primary_key=True)
    key: UUID = Field(primary_key=True)
    type: str
    source: str
    dataschema: str
    time: datetime = instant()
    participant: UUID | None = Field(default=None, index=True)
    subject: str
    data: str
    parts: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    leading: str | None = None
    blind: bool
    traceparent: str | None = None


class DeliveryRow(SQLModel, table=True):
    """One event on its way to one subscription. `position` grows per key in the order of the commits."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("webhook_line", "subscription", "key", "position", postgresql_where=_WAITING),
        Index("webhook_due", "subscription", "position", postgresql_where=_WAITING),
        Index("webhook_listed", "subscription", "position"),
        Index("webhook_of_event", "event", "key"),
        {"schema": SCHEMA},
    )

    id: UUID = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    subscription: UUID
    event: UUID
    key: UUID
    type: str
    state: str
    tries: int
    next_try_at: datetime = instant()
    lease: UUID | None = None
    leased_until: datetime | None = instant(optional=True)
    status: int | None = None
    problem: str | None = None
    created_at: datetime = instant()
    queued_at: datetime = instant()
    ended_at: datetime | None = instant(optional=True)


def add(tx: Tx, happening: Happening, subscriptions: Sequence[UUID]) -> None:
    """A delivery to each of them, once per event."""
    tx.add_unless_there(
        EventRow,
        event=happening.event,
        key=happening.key,
        type=happening.type,
        source=happening.source,
        dataschema=happening.dataschema,
        time=happening.time,
        participant=happening.participant,
        subject=happening.subject,
        data=json.dumps(happening.data),
        parts=sorted(happening.parts),
        leading=happening.leading,
        blind=happening.blind,
        traceparent=happening.traceparent,
    )
    for subscription in subscriptions:
        tx.add_unless_there(
            DeliveryRow,
            id=uuid5(subscription, f"{happening.event}/{happening.key}"),
            subscription=subscription,
            event=happening.event,
            key=happening.key,
            type=happening.type,
            state=Progress.WAITING.value,
            tries=0,
            next_try_at=tx.system_now,
            created_at=tx.system_now,
            queued_at=tx.system_now,
        )


_DUE: Final = """
select s.id from webhook.subscription s
where s.state = 'active' and (s.rests_until is null or s.rests_until <= %(now)s) and exists (
  select 1 from webhook.delivery d where d.subscription = s.id and d.state = 'waiting' and d.next_try_at <= %(now)s
    and (d.leased_until is null or d.leased_until <= %(now)s))
"""


async def due(tx: Tx) -> list[UUID]:
    """The subscriptions to which something could leave now."""
    [rows] = await tx.ask((_DUE, {"now": tx.system_now}))
    return [UUID(str(one)) for (one,) in rows]


_CLAIM: Final = """
with due as (
  select d.id from webhook.delivery d
  where d.subscription = %(subscription)s and d.state = 'waiting' and d.next_try_at <= %(now)s
    and (d.leased_until is null or d.leased_until <= %(now)s)
    and not exists (select 1 from webhook.delivery e where e.subscription = d.subscription and e.key = d.key
      and e.state = 'waiting' and e.position < d.position)
  order by d.position limit %(limit)s for update skip locked
), claimed as (
  update webhook.delivery d set lease = %(lease)s, leased_until = %(until)s from due where d.id = due.id
  returning d.id, d.position, d.tries, d.queued_at, d.event, d.key
)
select c.id, c.tries, c.queued_at, e.event, e.key, e.type, e.source, e.dataschema, e.time, e.participant, e.subject,
  e.data, e.parts, e.leading, e.blind, e.traceparent
from claimed c join webhook.event e on e.event = c.event and e.key = c.key order by c.position
"""


async def claim(tx: Tx, subscription: UUID, lease: UUID, term: timedelta, limit: int) -> list[Delivery]:
    """The next due deliveries of a subscription, held by this lease for `term`: of each key the oldest that waits."""
    now = tx.system_now
    values = {"subscription": subscription, "now": now, "lease": lease, "until": now + term, "limit": limit}
    [rows] = await tx.ask((_CLAIM, values))
    return [Delivery(row[0], subscription, _happening(row[3:]), row[1], row[2]) for row in rows]


def delivered(tx: Tx, deliveries: Collection[UUID], lease: UUID) -> None:
    """They were taken; `_end` says the same of those that will not be."""
    _end(tx, deliveries, lease, Progress.DELIVERED)


def withheld(tx: Tx, deliveries: Collection[UUID], lease: UUID) -> None:
    _end(tx, deliveries, lease, Progress.WITHHELD)


def _end(tx: Tx, deliveries: Collection[UUID], lease: UUID, state: Progress) -> None:
    if deliveries:
        tx.later(
            "update webhook.delivery set state = %(state)s, tries = tries + %(tried)s, ended_at = %(now)s,"
            " lease = null, leased_until = null, status = null, problem = null"
            " where id = any(%(ids)s) and lease = %(lease)s",
            state=state.value,
            tried=int(state is Progress.DELIVERED),
            now=tx.system_now,
            ids=list(deliveries),
            lease=lease,
        )


def failed(
    tx: Tx, delivery: UUID, lease: UUID, state: Progress, at: datetime, status: int | None, problem: Trouble | None
) -> None:
    """Tried in vain: it waits until `at`, or is parked."""
    tx.later(
        "update webhook.delivery set state = %(state)s, tries = tries + 1, next_try_at = %(at)s, lease = null,"
        " leased_until = null, status = %(status)s, problem = %(problem)s, ended_at = %(ended)s"
        " where id = %(id)s and lease = %(lease)s",
        state=state.value,
        at=at,
        status=status,
        problem=problem and problem.value,
        ended=None if state is Progress.WAITING else tx.system_now,
        id=delivery,
        lease=lease,
    )


def postponed(tx: Tx, deliveries: Collection[UUID], lease: UUID, at: datetime) -> None:
    """Not tried at all: looked at again at that time."""
    if deliveries:
        tx.later(
            "update webhook.delivery set next_try_at = %(at)s, lease = null, leased_until = null"
            " where id = any(%(ids)s) and lease = %(lease)s",
            at=at,
            ids=list(deliveries),
            lease=lease,
        )


def hurry(tx: Tx, subscription: UUID) -> None:
    """The receiver is back: what failed while it was away need not wait any longer."""
    tx.later(
        "update webhook.delivery set next_try_at = %(now)s"
        " where subscription = %(id)s and state = 'waiting' and next_try_at > %(now)s and tries > 0",
        now=tx.system_now,
        id=subscription,
    )


async def remove(tx: Tx, subscription: UUID) -> None:
    """Everything of this subscription."""
    await tx.execute(delete(DeliveryRow).where(col(DeliveryRow.subscription) == subscription))
    await _forget_unheard(tx)


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """Nothing about this participant leaves any more."""
    about = select(col(EventRow.event)).where(col(EventRow.participant) == participant)
    key = col(DeliveryRow.key) == participant
    await tx.execute(delete(DeliveryRow).where(col(DeliveryRow.event).in_(about), key))
    await tx.execute(delete(EventRow).where(col(EventRow.participant) == participant))


async def tidy(tx: Tx) -> int:
    """Forget what left, or may not leave, so long ago that nobody asks for it again; how many those were."""
    over = (Progress.DELIVERED, Progress.WITHHELD)
    old = (col(DeliveryRow.state).in_(over), col(DeliveryRow.ended_at) < tx.system_now - KEPT)
    gone = (await tx.execute(delete(DeliveryRow).where(*old))).rowcount
    if gone:
        await _forget_unheard(tx)
    return gone


async def _forget_unheard(tx: Tx) -> None:
    heard = exists().where(col(DeliveryRow.event) == col(EventRow.event), col(DeliveryRow.key) == col(EventRow.key))
    await tx.execute(delete(EventRow).where(~heard))


def _happening(row: Sequence[Any]) -> Happening:
    event, key, type_, source, dataschema, time, participant, subject, data, parts, leading, blind, trace = row
    return Happening(
        event=event,
        key=key,
        type=type_,
        source=source,
        dataschema=dataschema,
        time=time,
        participant=None if participant is None else ParticipantId(participant),
        subject=subject,
        data=json.loads(data),
        parts=frozenset(parts),
        leading=leading,
        blind=blind,
        traceparent=trace,
    )
