"""What is kept for how long: every table of the chassis says it, the worker does it, and the audit trail proves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel, col

from contracts.topics import TOPICS
from contracts.vocabulary import ParticipantId
from infra.chassis import idempotency, inbox, lanes, retention
from infra.chassis.audit import AuditRow
from infra.chassis.clock import SystemClock
from infra.chassis.db import Database, Tx
from infra.chassis.deliver import Outcome
from infra.chassis.idempotency import Answer
from infra.chassis.ids import RandomIds
from infra.chassis.inbox import InboxRow
from infra.chassis.lanes import Lane
from infra.chassis.schema import CHASSIS, table
from infra.chassis.service import Runtime
from tests.support.tiny import count, effects, profile, registered, said, say, someone, tally
from tests.support.worlds import World
from tests.support.worlds import world as world


@asynccontextmanager
async def later(runtime: Runtime, by: timedelta) -> AsyncIterator[Database]:
    """The same database, by a system clock that is ahead."""
    url = runtime.settings.database_url.get_secret_value()
    db = Database(url, clock=SystemClock(lambda: datetime.now(UTC) + by), ids=RandomIds(), pool_size=1)
    yield db
    await db.close()


async def kept_after(runtime: Runtime, by: timedelta) -> dict[str, int]:
    async with later(runtime, by) as db:
        return await retention.keep(db)


async def proofs(runtime: Runtime) -> list[str | None]:
    async with runtime.db.transaction() as tx:
        query = select(table(AuditRow).c.subject).where(col(AuditRow.action) == "retention:delete")
        return [row.subject for row in await tx.rows(query.order_by(col(AuditRow.id)))]


async def deal_with(runtime: Runtime, events: int) -> None:
    async with runtime.db.transaction() as tx:
        for _ in range(events):
            await inbox.enter(tx, "reactions", uuid4())


def test_every_table_of_the_chassis_says_how_long_its_rows_are_kept() -> None:
    ours = {found.name for found in SQLModel.metadata.sorted_tables if found.schema == CHASSIS}
    named = [table(rule.model).name for rule in retention.RULES]

    assert set(named) == ours
    assert len(named) == len(ours)
    for rule in retention.RULES:
        assert (rule.kept is None) == (not rule.since), rule
        assert rule.kept is None or rule.since in table(rule.model).c


def test_the_inbox_remembers_longer_than_any_topic() -> None:
    a_segment = timedelta(days=7)

    assert max(topic.retention for topic in TOPICS) + a_segment < inbox.REMEMBERED


async def test_the_inbox_forgets_after_45_days_and_leaves_a_proof(world: World) -> None:
    await deal_with(world.matching, 3)

    assert await kept_after(world.matching, timedelta(days=45) - timedelta(minutes=1)) == {}
    assert await count(world.matching, InboxRow) == 3
    assert await kept_after(world.matching, timedelta(days=45, minutes=1)) == {"inbox": 3}
    assert await count(world.matching, InboxRow) == 0
    assert await proofs(world.matching) == ["inbox/3"]


async def test_answers_are_kept_for_a_day(world: World) -> None:
    async def ask(tx: Tx) -> None:
        assert await idempotency.recall(tx, world.matching.vault, uuid4(), "a-key", b"print") is None

    async with world.matching.db.transaction() as tx:
        await ask(tx)
    async with later(world.matching, timedelta(hours=2)) as db, db.transaction() as tx:
        await ask(tx)

    assert await kept_after(world.matching, timedelta(hours=25)) == {"answer": 1}
    assert await count(world.matching, Answer) == 1


async def test_many_rows_go_in_small_batches_each_with_its_proof(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    await deal_with(world.matching, 5)

    assert await kept_after(world.matching, timedelta(days=46)) == {"inbox": 5}
    assert await proofs(world.matching) == ["inbox/2", "inbox/2", "inbox/1"]


async def test_the_record_of_what_was_stated_does_not_end_by_age(world: World) -> None:
    await say(world.intake, registered(someone()))

    assert await kept_after(world.intake, timedelta(days=36500)) == {}
    assert len(await said(world.intake)) == 1


async def test_a_fact_older_than_the_inbox_is_parked_and_an_operator_can_have_it_done(world: World) -> None:
    await say_long_ago(world, someone())

    await world.publish()
    await world.deliver()
    assert await effects(world.matching) == []
    assert await tally(world.matching) == []

    assert await drain_all(world) == 3  # access, the projection, the reactions
    assert await effects(world.matching) == [each.id for each in await said(world.intake)]


async def test_a_fact_that_comes_again_after_its_inbox_row_was_forgotten_is_not_done_twice(world: World) -> None:
    await say_long_ago(world, someone())
    await world.publish()
    await world.deliver()
    await drain_all(world)
    done, counted = await effects(world.matching), await tally(world.matching)
    await send_again(world)
    assert await count(world.matching, Lane) == 0, "the inbox still knows it: a repeat"

    assert await kept_after(world.matching, timedelta(days=46)) != {}
    await send_again(world)

    assert await count(world.matching, Lane) == 3, "nobody can tell any more, so it waits for an operator"
    assert await effects(world.matching) == done
    assert await tally(world.matching) == counted


async def test_a_rebuild_takes_facts_of_any_age(world: World) -> None:
    person = someone()
    await say_long_ago(world, person)

    await world.rebuild()

    assert [row.profiles for row in (await tally(world.matching))[:1]] == [1]


async def say_long_ago(world: World, person: ParticipantId) -> None:
    """As if intake had stated it a year ago and its relay had slept since."""
    now, world.intake.db.clock = world.intake.db.clock, SystemClock(lambda: datetime.now(UTC) - timedelta(days=365))
    await say(world.intake, registered(person), profile(person, 1))
    world.intake.db.clock = now


async def drain_all(world: World) -> int:
    """An operator has every lane worked off; how many there were."""
    async with world.matching.db.transaction() as tx:
        stopped = [(row.consumer, row.topic, row.key) for row in await lanes.stopped(tx)]
    for lane in stopped:
        assert await world.matching.delivery.drain(lane) is Outcome.DONE
    return len(stopped)


async def send_again(world: World) -> None:
    async with world.intake.db.transaction() as tx:
        await tx.conn.exec_driver_sql("update chassis.outbox set published_at = null")
    await world.publish()
    await world.deliver()
