"""What is due is done: once, when it is due, whatever another deadline does."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import col

from infra.chassis import deadlines
from infra.chassis.db import Tx
from infra.chassis.deadlines import Deadline
from infra.chassis.service import Runtime
from tests.support.tiny import Effect, count, effects
from tests.support.waiting import beside, until
from tests.support.worlds import World
from tests.support.worlds import world as world


async def remind(tx: Tx, about: UUID, details: Mapping[str, Any]) -> None:
    if details.get("broken"):
        raise ZeroDivisionError
    tx.add(Effect, event_id=about, key=about, type="reminded")


async def slowly(tx: Tx, about: UUID, details: Mapping[str, Any]) -> None:
    await asyncio.sleep(0.05)
    await remind(tx, about, details)


HANDLERS = {"remind": remind, "slowly": slowly}


async def put(runtime: Runtime, about: UUID, minutes: float, kind: str = "remind", **details: Any) -> None:
    async with runtime.db.transaction() as tx:
        await deadlines.put(tx, kind, about, tx.now + timedelta(minutes=minutes), **details)


async def due_now(runtime: Runtime) -> None:
    while await deadlines.call_next(runtime.db, HANDLERS):
        pass


async def test_a_deadline_is_called_when_business_time_reaches_it(world: World) -> None:
    early, late = uuid4(), uuid4()
    await put(world.matching, early, 30)
    await put(world.matching, late, 90)
    await due_now(world.matching)
    assert await effects(world.matching) == []
    world.matching.clock.offset = timedelta(hours=1)
    await due_now(world.matching)
    assert await effects(world.matching) == [early]
    world.matching.clock.offset = timedelta(hours=2)
    await due_now(world.matching)
    assert await effects(world.matching) == [early, late]
    assert await count(world.matching, Deadline) == 0


async def test_setting_it_again_moves_it_and_an_answer_in_time_cancels_it(world: World) -> None:
    moved, cancelled = uuid4(), uuid4()
    await put(world.matching, moved, -1)
    await put(world.matching, moved, 30)
    await put(world.matching, cancelled, -1)
    async with world.matching.db.transaction() as tx:
        await deadlines.cancel(tx, "remind", cancelled)
    await due_now(world.matching)
    assert await effects(world.matching) == []
    assert await count(world.matching, Deadline) == 1


async def test_one_that_fails_is_tried_again_later_and_stops_nobody(world: World) -> None:
    broken, sound = uuid4(), uuid4()
    await put(world.matching, broken, -60, broken=True)
    await put(world.matching, sound, -1)
    await due_now(world.matching)
    assert await effects(world.matching) == [sound]
    async with world.matching.db.transaction() as tx:
        await tx.execute(update(Deadline).where(col(Deadline.about) == broken).values(details={}, not_before=None))
    await due_now(world.matching)
    assert await effects(world.matching) == [sound, broken]


async def test_one_that_has_failed_for_weeks_does_not_bring_the_worker_down(world: World) -> None:
    broken = uuid4()
    await put(world.matching, broken, -60, broken=True)
    async with world.matching.db.transaction() as tx:
        await tx.execute(update(Deadline).values(tries=900))

    async def tried() -> bool:
        async with world.matching.db.transaction() as tx:
            rows = await tx.rows(update(Deadline).values(kind="remind").returning(col(Deadline.tries)))
            return int(rows[0].tries) > 900

    async with beside(deadlines.work_off(world.matching.db, HANDLERS, 0.05)) as [working]:
        await until(tried, "it was tried again")
        assert not working.done()


async def test_two_workers_do_not_do_one_twice(world: World) -> None:
    about = [uuid4() for _ in range(12)]
    for one in about:
        await put(world.matching, one, -1, "slowly")

    async def all_done() -> bool:
        return await count(world.matching, Deadline) == 0

    async with beside(*(deadlines.work_off(world.matching.db, HANDLERS, 0.02) for _ in range(3))):
        await until(all_done, "all deadlines are done")
    assert sorted(await effects(world.matching)) == sorted(about)


async def test_a_deadline_that_meets_the_answer_in_a_deadlock_is_over_without_a_failure(world: World) -> None:
    """The answer holds what it is about, then takes the deadline off; the deadline holds itself first."""
    about, held, called = uuid4(), asyncio.Event(), []

    async def overdue(tx: Tx, about: UUID, details: Mapping[str, Any]) -> None:
        held.set()
        await tx.lock("it", about)
        called.append(about)

    await put(world.matching, about, 0)

    async def answer() -> None:
        async with world.matching.db.transaction() as tx:
            await tx.lock("it", about)
            await held.wait()
            await asyncio.sleep(0.3)  # so that it is the deadline which waits longest, and is ended
            await deadlines.cancel(tx, "remind", about)

    answering = asyncio.create_task(answer())
    await asyncio.sleep(0.1)
    calling = asyncio.create_task(deadlines.call_next(world.matching.db, {"remind": overdue}))
    await answering
    assert not await calling, "nothing is due any more"
    assert called == []
    assert await count(world.matching, Deadline) == 0
