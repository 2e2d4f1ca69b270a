"""Wrong pieces: what each does instead of the right one, in the real code's own terms. The table is `planted.py`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, select, text, update
from sqlmodel import col

from contracts.events import intake
from infra.chassis import access, arrival, deadlines, deliver, generation, idempotency, inbox, lanes, outbox
from infra.chassis.db import Tx
from infra.chassis.deliver import Delivery, Outcome
from infra.chassis.generation import Generation
from infra.chassis.lanes import Lane, LaneKey, Waiting
from infra.chassis.outbox import OutboxRow
from services.notifications.delivery import use_cases as mailing
from services.notifications.delivery.sender import Sender
from services.referrals.follow_up import use_cases as follow_up
from tests.simulation.bus import SimulatedBus
from tests.simulation.drive import Drive
from tests.simulation.patching import patched


async def nothing(*_: Any, **__: Any) -> None:
    """Forgets what it should do."""


# --- inbox and lanes -------------------------------------------------------------------------------------------------

_enter, _leave, _state_after, _live = inbox.enter, lanes.leave, deliver._state_after, access._live
_arrive = lanes.arrive
Arrivals = Sequence[tuple[LaneKey, UUID]]


async def always_fresh(tx: Tx, arrivals: Arrivals) -> list[tuple[bool, bool]]:
    return [(flows, True) for flows, _ in await _arrive(tx, arrivals)]


async def dropped(self: Delivery, lane: LaneKey, envelope: Any, value: bytes, error: Exception) -> Outcome:
    async with self._db.transaction(cause=envelope) as tx:
        await _enter(tx, lane[0], envelope.id)
    return Outcome.DONE


def drops(kind: type[Exception]) -> Any:
    """Failures of this kind are taken for success."""
    real = Delivery._set_aside

    async def set_aside(self: Delivery, lane: LaneKey, envelope: Any, value: bytes, error: Exception) -> Outcome:
        wrong = dropped if isinstance(error, kind) else real
        return await wrong(self, lane, envelope, value, error)

    return set_aside


async def newest_first(tx: Tx, lane: LaneKey) -> Any | None:
    query = select(col(Waiting.id), col(Waiting.event_id), col(Waiting.value)).where(*lanes._of(Waiting, lane))
    return (await tx.execute(query.order_by(col(Waiting.id).desc()).limit(1))).one_or_none()


async def leaves_two(tx: Tx, lane: LaneKey, waiting_id: int) -> None:
    await _leave(tx, lane, waiting_id)
    following = await lanes.first(tx, lane)
    if following is not None:
        await _leave(tx, lane, following.id)


async def lane_flows(tx: Tx, arrivals: Arrivals) -> list[tuple[bool, bool]]:
    return [(True, await _enter(tx, lane[0], event_id)) for lane, event_id in arrivals]


async def none_due(*_: Any) -> Sequence[LaneKey]:
    return []


# --- outbox and relay ------------------------------------------------------------------------------------------------

_unpublished = outbox.unpublished


async def mark_first(tx: Tx, limit: int, **more: Any) -> Any:
    rows = await _unpublished(tx, limit, **more)
    ids = [row[0] for row in rows]
    await tx.execute(update(OutboxRow).where(col(OutboxRow.id).in_(ids)).values(published_at=tx.system_now))
    return rows


async def newest_published_first(tx: Tx, limit: int, **more: Any) -> Any:
    return list(reversed(await _unpublished(tx, limit, **more)))


async def hold_back_one_row(tx: Tx, limit: int, *, without_keys: Any = (), without_topics: Any = ()) -> Any:
    """Of a key that failed only the first row is held back."""
    rows = await _unpublished(tx, 500, without_topics=without_topics)
    seen: set[UUID] = set()
    kept = []
    for row in rows:
        if row[1] in without_keys and row[1] not in seen:
            seen.add(row[1])
        else:
            kept.append(row)
    return kept[:limit] if len(kept) < len(rows) or not without_keys else []


@contextmanager
def behind_the_last_seen() -> Iterator[None]:
    """Reads on behind the last row that it read, whatever became of that."""
    last: dict[int, int] = {}

    async def unpublished(tx: Tx, limit: int, **more: Any) -> Any:
        seen = last.get(id(tx._db), 0)
        rows = [row for row in await _unpublished(tx, limit, **more) if row[0] > seen]
        if rows:
            last[id(tx._db)] = rows[-1][0]
        return rows

    with patched(outbox, "unpublished", unpublished):
        yield


async def all_acknowledged(self: SimulatedBus, messages: Sequence[Any]) -> Sequence[Exception | None]:
    real = _publish
    await real(self, messages)
    return [None] * len(messages)


_publish = SimulatedBus.publish


# --- consumers -------------------------------------------------------------------------------------------------------


def offset_first(self: Drive, service: str, places: Sequence[Any]) -> None:
    runtime, bus = self.world.runtime(service), self.world.bus
    for at in places:
        begin = bus.position[runtime.group, at]
        batch = bus.log[at][begin : begin + 5]
        bus.position[runtime.group, at] = begin + len(batch)

        async def work(batch: Sequence[Any] = batch) -> None:
            for message in batch:
                await runtime.delivery(message)

        self._enter(service, f"{at[0]}/{at[1]}", work)


_wants = arrival.Consumer.wants


def misses(type_: str) -> Any:
    def wants(self: arrival.Consumer, name: str, topic: str) -> bool:
        return _wants(self, name, topic) and not name.endswith(type_)

    return wants


# --- access ----------------------------------------------------------------------------------------------------------


def never_ends(now: Any) -> tuple[Any, ...]:
    stuck = exists().where(col(Lane.consumer) == access.CONSUMER, col(Lane.key) == col(access.Grant.participant))
    return (col(access.Grant.valid_from) <= now, ~stuck)


def open_while_stuck(now: Any) -> tuple[Any, ...]:
    return _live(now)[:2]


async def first_category_only(tx: Tx, fact: intake.GrantEnded) -> None:
    await tx.execute(
        delete(access.Grant).where(
            col(access.Grant.id) == fact.grant, col(access.Grant.category) == str(fact.categories[0])
        )
    )


# --- the rest --------------------------------------------------------------------------------------------------------


async def never_repeated(*_: Any) -> None:
    return None


_recall, _put = idempotency.recall, deadlines.put


async def no_follow_ups(tx: Tx, kind: str, *more: Any, **details: Any) -> None:
    if kind != follow_up.DUE:
        await _put(tx, kind, *more, **details)


async def every_request_is_new(tx: Tx, vault: Any, subject: UUID, key: str, print_: bytes) -> None:
    await tx.execute(delete(idempotency.Answer).where(col(idempotency.Answer.key) == key))
    await _recall(tx, vault, subject, key, print_)


async def forgets_what_failed(tx: Tx, deliveries: Any, lease: UUID, channel: Any, error: str) -> None:
    await mailing.sent(tx, deliveries, lease, channel)


_envelope = Sender._envelope


def new_id_each_time(self: Sender, delivery: Any, member: Any) -> Any:
    return replace(_envelope(self, delivery, member), message_id=f"<{uuid4()}@lotse.example>")


async def inbox_stays(self: Generation, tx: Tx) -> None:
    """The live consumer does not learn what the new tables hold."""
    for statement in generation.HAND_OVER[1:]:
        await tx.execute(statement, self._names)


_hand_over = Generation.hand_over


async def reactions_run_again(self: Generation, tx: Tx) -> None:
    """A rebuild forgets what reactions have dealt with, too."""
    await _hand_over(self, tx)
    await tx.execute(text("delete from chassis.inbox where consumer = 'reactions'"))
