"""The audit trail tells when it was tampered with, and is sealed without a gap while others write."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from infra.chassis import audit
from infra.chassis.audit import Entry, Verdict
from tests.support.worlds import World
from tests.support.worlds import world as world


async def write(world: World, rows: int) -> None:
    async with world.matching.db.transaction() as tx:
        await audit.note(tx, *(Entry(f"participant:read-{n}", uuid4(), own=True) for n in range(rows)))


async def seal(world: World, look_back: int | None = None) -> int:
    async with world.matching.db.transaction() as tx:
        return await audit.seal(tx, look_back)


async def verify(world: World, witness: tuple[int, str] | None = None) -> Verdict:
    async with world.matching.db.transaction() as tx:
        return await audit.verify(tx, witness)


async def tamper(world: World, *statements: str) -> None:
    async with world.matching.db.transaction() as tx:
        for statement in statements:
            await tx.execute(text(statement))


async def test_an_untouched_trail_is_sound(world: World) -> None:
    await write(world, 7)
    assert await seal(world) == 7
    await write(world, 2)
    verdict = await verify(world)
    assert (verdict.fault, verdict.sealed, verdict.unsealed) == (None, 7, 2)


SWAP_ROWS = (
    "update chassis.audit set action = (case id when 3 then 'participant:read-3' else 'participant:read-2' end)"
    " where id in (3, 4)",
)
SWAP_SEALS = (
    "update chassis.audit_seal set audit_id = -audit_id where audit_id in (3, 4)",
    "update chassis.audit_seal set audit_id = case audit_id when -3 then 4 else 3 end where audit_id < 0",
)
INSERT = (
    "insert into chassis.audit (id, at, action, own) overriding system value values (99, now(), 'x', true)",
    "update chassis.audit_seal set position = -position where position > 3",
    "update chassis.audit_seal set position = 1 - position where position < 0",
    "insert into chassis.audit_seal values (4, 99, '\\x00')",
)


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        (("update chassis.audit set action = 'other' where id = 3",), "row 3 was changed"),
        (("update chassis.audit set participant = gen_random_uuid() where id = 5",), "row 5 was changed"),
        (("delete from chassis.audit where id = 3",), "row 3 was removed"),
        (("delete from chassis.audit where id = 3", "delete from chassis.audit_seal where audit_id = 3"), "missing"),
        (SWAP_ROWS, "changed, inserted or moved"),
        (SWAP_SEALS, "changed, inserted or moved"),
        (INSERT, "row 99 was changed, inserted or moved"),
    ],
    ids=["edit", "edit of a person", "removal", "removal with its seal", "reorder", "reorder of seals", "insertion"],
)
async def test_tampering_is_found(world: World, deed: tuple[str, ...], found: str) -> None:
    await write(world, 6)
    await seal(world)
    await tamper(world, *deed)
    verdict = await verify(world)
    assert verdict.fault is not None
    assert found in verdict.fault


async def test_a_cut_tail_shows_against_a_witness(world: World) -> None:
    await write(world, 6)
    await seal(world)
    whole = await verify(world)
    await tamper(world, "delete from chassis.audit where id > 4", "delete from chassis.audit_seal where audit_id > 4")
    assert (await verify(world)).fault is None, "without a witness nobody can know"
    assert "tail was cut" in str((await verify(world, (whole.sealed, whole.head))).fault)


async def test_a_chain_that_was_made_anew_shows_against_a_witness(world: World) -> None:
    await write(world, 6)
    await seal(world)
    whole = await verify(world)
    await tamper(world, "update chassis.audit set action = 'other' where id = 3", "delete from chassis.audit_seal")
    await seal(world)
    assert "differs from the witness" in str((await verify(world, (whole.sealed, whole.head))).fault)


async def test_sealing_beside_writers_leaves_no_gap(world: World) -> None:
    stop = asyncio.Event()

    async def go_on_sealing() -> None:
        while not stop.is_set():
            await seal(world, audit.LOOK_BACK)

    sealers = [asyncio.create_task(go_on_sealing()) for _ in range(2)]
    await asyncio.gather(*(write(world, 1 + n % 3) for n in range(40)))
    stop.set()
    await asyncio.gather(*sealers)
    await seal(world, audit.LOOK_BACK)
    verdict = await verify(world)
    assert (verdict.fault, verdict.sealed, verdict.unsealed) == (None, sum(1 + n % 3 for n in range(40)), 0)


async def test_a_row_that_commits_late_is_sealed_after_the_others(world: World) -> None:
    async with world.matching.db.transaction() as tx:
        await audit.note(tx, Entry("participant:read", own=True))
        await tx.flush()
        await write(world, 3)
        assert await seal(world, audit.LOOK_BACK) == 3
    assert await seal(world, look_back=1) == 0, "it lies further behind than was looked"
    assert await seal(world, audit.LOOK_BACK) == 1
    assert (await verify(world)).fault is None
