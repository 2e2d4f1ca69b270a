"""What an agency sees of the deliveries to its systems, and how it asks for them once more. Part of the store."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select, text, update
from sqlmodel import col

from contracts.refusal import NotFound
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, number, position
from infra.chassis.schema import table
from services.notifications.webhook.domain import Backlog, Listed, Progress, Trouble
from services.notifications.webhook.queue import DeliveryRow, EventRow


async def backlogs(tx: Tx, subscriptions: Collection[UUID]) -> Mapping[UUID, Backlog]:
    """What has not left, for each of them."""
    waiting = col(DeliveryRow.state) == Progress.WAITING
    query = (
        select(
            col(DeliveryRow.subscription),
            func.count().filter(waiting).label("waiting"),
            func.count().filter(col(DeliveryRow.state) == Progress.PARKED).label("parked"),
            func.min(col(DeliveryRow.created_at)).filter(waiting).label("oldest"),
        )
        .where(
            col(DeliveryRow.subscription).in_(subscriptions),
            col(DeliveryRow.state).in_((Progress.WAITING, Progress.PARKED)),
        )
        .group_by(col(DeliveryRow.subscription))
    )
    found = {row.subscription: Backlog(row.waiting, row.parked, row.oldest) for row in await tx.rows(query)}
    return {one: found.get(one, Backlog()) for one in subscriptions}


async def page(
    tx: Tx, subscription: UUID, *, state: Progress | None, limit: int, after: str | None
) -> tuple[list[Listed], str | None]:
    """The deliveries of a subscription, newest first."""
    query = select(table(DeliveryRow)).where(col(DeliveryRow.subscription) == subscription)
    if state is not None:
        query = query.where(col(DeliveryRow.state) == state)
    if (place := position(after, number)) is not None:
        query = query.where(col(DeliveryRow.position) < place[0])
    rows = await tx.rows(query.order_by(col(DeliveryRow.position).desc()).limit(limit + 1))
    items = [_listed(row) for row in rows[:limit]]
    return items, cursor(items[-1].position) if len(rows) > limit else None


async def again(tx: Tx, subscription: UUID, delivery: UUID) -> Listed:
    """It leaves once more, under its own id. Raises `NotFound`."""
    mine = (col(DeliveryRow.id) == delivery, col(DeliveryRow.subscription) == subscription)
    row = (await tx.execute(_fresh(tx).where(*mine).returning(table(DeliveryRow)))).one_or_none()
    if row is None:
        raise NotFound
    return _listed(row)


async def again_since(tx: Tx, subscription: UUID, since: datetime) -> int:
    """Everything that came to its end and happened since then leaves once more; how many those are."""
    happened = exists().where(
        col(EventRow.event) == col(DeliveryRow.event),
        col(EventRow.key) == col(DeliveryRow.key),
        col(EventRow.time) >= since,
    )
    ended = (col(DeliveryRow.subscription) == subscription, col(DeliveryRow.state) != Progress.WAITING)
    return (await tx.execute(_fresh(tx).where(*ended, happened))).rowcount


def _fresh(tx: Tx) -> Any:
    return update(DeliveryRow).values(
        state=Progress.WAITING,
        tries=0,
        next_try_at=tx.system_now,
        queued_at=tx.system_now,
        lease=None,
        leased_until=None,
        ended_at=None,
    )


async def oldest(tx: Tx) -> datetime | None:
    """Since when the oldest delivery waits that nothing but its receiver, or we, hold up."""
    found: datetime | None = (await tx.execute(_OLDEST)).scalar_one()
    return found


_OLDEST: Final = text(
    "select min(d.created_at) from webhook.subscription s cross join lateral (select created_at from webhook.delivery"
    " where subscription = s.id and state = 'waiting' order by position limit 1) d where s.state = 'active'"
)


def _listed(row: Any) -> Listed:
    waits = row.state == Progress.WAITING
    return Listed(
        id=row.id,
        position=row.position,
        event=row.event,
        type=row.type,
        state=Progress(row.state),
        tries=row.tries,
        next_try_at=row.next_try_at if waits else None,
        status=row.status,
        problem=row.problem and Trouble(row.problem),
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
