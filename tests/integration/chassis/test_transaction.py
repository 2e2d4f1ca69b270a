"""A transaction is committed as a whole or not at all, whatever it is made of and whenever it ends."""

import asyncio

import pytest
from sqlalchemy import text

from infra.chassis import fresh_tables
from tests.support.tiny import WORK, Hindrance, count, someone
from tests.support.worlds import World
from tests.support.worlds import world as world


async def test_one_that_only_adds_rows_is_committed(world: World) -> None:
    async with world.matching.db.transaction() as tx:
        tx.add(Hindrance, key=someone(), type="any", how="kaputt")
    assert await count(world.matching, Hindrance) == 1


async def test_one_whose_rows_were_sent_early_is_committed(world: World) -> None:
    async with world.matching.db.transaction() as tx:
        tx.add(Hindrance, key=someone(), type="any", how="kaputt")
        await tx.flush()
    assert await count(world.matching, Hindrance) == 1


async def test_one_whose_last_row_is_refused_leaves_nothing(world: World) -> None:
    person = someone()

    async def twice() -> None:
        async with world.matching.db.transaction() as tx:
            tx.add(Hindrance, key=someone(), type="any", how="kaputt")
            tx.add(Hindrance, key=person, type="any", how="kaputt")
            tx.later("select 1")
            tx.add(Hindrance, key=person, type="any", how="again")

    with pytest.raises(Exception, match="duplicate key"):
        await twice()
    assert await count(world.matching, Hindrance) == 0


async def test_one_that_is_cancelled_in_a_statement_says_so_and_gives_its_connection_back(world: World) -> None:
    async def wait_long() -> None:
        async with world.matching.db.transaction() as tx:
            tx.add(Hindrance, key=someone(), type="any", how="kaputt")
            await tx.execute(text("select pg_sleep(10)"))

    for _ in range(3):
        waiting = asyncio.create_task(wait_long())
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert world.matching.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert await count(world.matching, Hindrance) == 0


async def test_rows_that_wait_go_where_a_rebuild_wants_them_also_on_the_way_of_a_question(world: World) -> None:
    db, copy = world.matching.db, f"{WORK}{fresh_tables.NEXT}"
    rows = f"select count(*) from {copy}.hindrance"  # noqa: S608 - the names are ours
    async with db.transaction() as tx:
        await tx.execute(text(f"create schema {copy}"))
        await tx.execute(text(f"create table {copy}.hindrance (like {WORK}.hindrance)"))
    live = db.engine
    try:
        fresh_tables.filling(db, WORK)
        async with db.transaction() as tx:
            tx.add(Hindrance, key=someone(), type="any", how="kaputt")
            [[(there,)]] = await tx.ask((rows, {}))
    finally:
        db.engine = live
    assert there == 1
    assert await count(world.matching, Hindrance) == 0
