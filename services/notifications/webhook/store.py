"""Where subscriptions lie. What is on its way to them: `queue.py`. All times are system time."""

import base64
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    LargeBinary,
    String,
    delete,
    select,
    update,
)
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import AgencyId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.notifications.webhook.domain import (
    Health,
    Secrets,
    Subscription,
    SubscriptionState,
    Trouble,
    Why,
)

SCHEMA: Final = "webhook"


class SubscriptionRow(SQLModel, table=True):
    """One subscription. `secrets` are sealed under a key of its own, which is destroyed with it."""

    __tablename__ = "subscription"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    agency: str = Field(index=True)
    url: str
    types: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    state: str
    why: str | None = None
    secrets: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    responsible: UUID
    vouched_at: datetime = instant()
    tried_since: datetime = instant()
    created_at: datetime = instant()
    version: int
    failures: int
    rests_until: datetime | None = instant(optional=True)
    last_delivered_at: datetime | None = instant(optional=True)
    last_failed_at: datetime | None = instant(optional=True)
    last_problem: str | None = None
    last_status: int | None = None


async def add(tx: Tx, subscription: Subscription, keys: Secrets) -> None:
    tx.add(SubscriptionRow, **_values(subscription), secrets=await _sealed(tx, subscription.id, keys))


async def of_agency(tx: Tx, agency: AgencyId) -> list[Subscription]:
    """All of them, oldest first: there are few."""
    query = select(table(SubscriptionRow)).where(col(SubscriptionRow.agency) == agency)
    return [_read(row) for row in await tx.rows(query.order_by(col(SubscriptionRow.created_at)))]


async def load(tx: Tx, subscription: UUID) -> Subscription:
    """Raises `NotFound`."""
    row = await tx.row(select(table(SubscriptionRow)).where(col(SubscriptionRow.id) == subscription))
    if row is None:
        raise NotFound
    return _read(row)


async def lock(tx: Tx, subscription: UUID, version: int | None = None) -> Subscription:
    """The same, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    query = select(table(SubscriptionRow)).where(col(SubscriptionRow.id) == subscription).with_for_update()
    row = await tx.row(query)
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Stale
    return _read(row)


async def still_active(tx: Tx, subscription: UUID) -> Subscription | None:
    """The same, unless it was paused, stopped or removed meanwhile."""
    active = (col(SubscriptionRow.id) == subscription, col(SubscriptionRow.state) == SubscriptionState.ACTIVE)
    row = await tx.row(select(table(SubscriptionRow)).where(*active).with_for_update())
    return None if row is None else _read(row)


async def save(tx: Tx, subscription: Subscription) -> None:
    await tx.execute(
        update(SubscriptionRow).where(col(SubscriptionRow.id) == subscription.id).values(**_values(subscription))
    )


async def save_secrets(tx: Tx, subscription: UUID, keys: Secrets) -> None:
    sealed = await _sealed(tx, subscription, keys)
    await tx.execute(update(SubscriptionRow).where(col(SubscriptionRow.id) == subscription).values(secrets=sealed))


async def secrets_of(tx: Tx, subscription: UUID) -> Secrets:
    """Raises `NotFound`."""
    return (await load_to_send(tx, subscription))[1]


async def load_to_send(tx: Tx, subscription: UUID) -> tuple[Subscription, Secrets]:
    """With what signs. Raises `NotFound`."""
    row = await tx.row(select(table(SubscriptionRow)).where(col(SubscriptionRow.id) == subscription))
    if row is None:
        raise NotFound
    found = await tx.vault.unseal(subscription, row.secrets)
    before, until = found.get("before"), found.get("before_until")
    keys = Secrets(
        base64.b64decode(found["current"]),
        None if before is None else base64.b64decode(before),
        None if until is None else datetime.fromisoformat(until),
    )
    return _read(row), keys


async def remove(tx: Tx, subscription: UUID) -> None:
    """With the key of its secrets. Call it last: the key is gone whatever becomes of the transaction."""
    await tx.execute(delete(SubscriptionRow).where(col(SubscriptionRow.id) == subscription))
    await tx.vault.shred(tx, subscription)


_SUBSCRIBED: Final = "select id, agency from webhook.subscription where %(type)s = any(types) order by id"


async def subscribed(tx: Tx, type_: str) -> list[tuple[UUID, AgencyId]]:
    """(subscription, agency) of all that want this type, whether they run or stand still."""
    [rows] = await tx.ask((_SUBSCRIBED, {"type": type_}))
    return [(UUID(str(one)), agency) for one, agency in rows]


def note_health(tx: Tx, subscription: UUID, health: Health) -> None:
    tx.later(
        "update webhook.subscription set failures = %(failures)s, rests_until = %(rests)s,"
        " last_delivered_at = %(delivered)s, last_failed_at = %(failed)s, last_problem = %(problem)s,"
        " last_status = %(status)s where id = %(id)s",
        id=subscription,
        failures=health.failures,
        rests=health.rests_until,
        delivered=health.last_delivered_at,
        failed=health.last_failed_at,
        problem=health.last_problem and health.last_problem.value,
        status=health.last_status,
    )


async def _sealed(tx: Tx, subscription: UUID, keys: Secrets) -> bytes:
    said = {"current": base64.b64encode(keys.current).decode()}
    if keys.before is not None and keys.before_until is not None:
        said["before"] = base64.b64encode(keys.before).decode()
        said["before_until"] = keys.before_until.isoformat()
    return await tx.vault.seal(tx, subscription, said)


def _values(subscription: Subscription) -> dict[str, Any]:
    health = subscription.health
    return {
        "id": subscription.id,
        "agency": subscription.agency,
        "url": subscription.url,
        "types": sorted(subscription.types),
        "state": subscription.state.value,
        "why": subscription.why and subscription.why.value,
        "responsible": subscription.responsible,
        "vouched_at": subscription.vouched_at,
        "tried_since": subscription.tried_since,
        "created_at": subscription.created_at,
        "version": subscription.version,
        "failures": health.failures,
        "rests_until": health.rests_until,
        "last_delivered_at": health.last_delivered_at,
        "last_failed_at": health.last_failed_at,
        "last_problem": health.last_problem and health.last_problem.value,
        "last_status": health.last_status,
    }


def _read(row: Any) -> Subscription:
    return Subscription(
        id=row.id,
        agency=row.agency,
        url=row.url,
        types=frozenset(row.types),
        state=SubscriptionState(row.state),
        why=row.why and Why(row.why),
        responsible=row.responsible,
        vouched_at=row.vouched_at,
        tried_since=row.tried_since,
        created_at=row.created_at,
        version=row.version,
        health=Health(
            failures=row.failures,
            rests_until=row.rests_until,
            last_delivered_at=row.last_delivered_at,
            last_failed_at=row.last_failed_at,
            last_problem=row.last_problem and Trouble(row.last_problem),
            last_status=row.last_status,
        ),
    )
