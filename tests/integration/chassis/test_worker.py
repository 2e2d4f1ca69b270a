"""A worker of which one part has failed: it is started again, as a whole."""

import psycopg

from infra.chassis.db import lock_id
from infra.chassis.worker import supervise
from tests.support.tiny import plain
from tests.support.waiting import beside, until
from tests.support.worlds import World
from tests.support.worlds import world as world

HOLDER = """
select pid from pg_locks where locktype = 'advisory' and objsubid = 1 and granted
and classid = %s::bigint::oid and objid = %s::bigint::oid
"""


async def test_a_worker_whose_connection_was_cut_works_again(world: World) -> None:
    number = lock_id("relay", "intake")
    key = (number >> 32 & 0xFFFFFFFF, number & 0xFFFFFFFF)
    url = plain(world.intake.db.url)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:

        async def relays() -> set[int]:
            return {pid for (pid,) in await (await admin.execute(HOLDER, key)).fetchall()}

        async with beside(supervise(world.intake, first_pause=0.05)) as [supervising]:
            await until(relays, "the relay is active")
            cut = await relays()
            for _ in range(2):
                for pid in cut:
                    await admin.execute("select pg_terminate_backend(%s)", (pid,))

                async def another(before: set[int] = cut) -> bool:
                    return bool(await relays() - before)

                await until(another, "another relay is active")
                cut = await relays()
            assert not supervising.done()
