"""Is a key durable before anything is sealed under it, and gone for good after an erasure? On two real databases."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Table

from infra.chassis.clock import SystemClock
from infra.chassis.db import Database
from infra.chassis.ids import RandomIds
from infra.chassis.master_keys import MasterKeys
from infra.chassis.sealed import AHEAD, Gone, InvalidTag, KeyOf, Vault, WrongMasterKey, make_keys_schema
from tests.support.postgres import FreshDatabase


@dataclass(frozen=True)
class Sealing:
    """A service's database and its key database; `vault` is one process's."""

    db: Database
    vault: Vault
    keys_url: str
    another: Callable[[], Vault]

    def keys(self) -> int:
        with psycopg.connect(self.keys_url) as conn:
            row = conn.execute("select count(*) from keys.key").fetchone()
        return int(row[0]) if row else 0


@pytest.fixture
async def sealing(postgres: FreshDatabase) -> AsyncIterator[Sealing]:
    url, keys_url = (postgres().replace("postgresql+psycopg://", "postgresql://", 1) for _ in range(2))
    make_keys_schema(keys_url)
    db = Database(url, clock=SystemClock(), ids=RandomIds())
    table = vars(KeyOf)["__table__"]
    assert isinstance(table, Table)
    async with db.engine.begin() as conn:
        await conn.exec_driver_sql(f"create schema {table.schema}")
        await conn.run_sync(table.create)
    vaults: list[Vault] = []

    def another() -> Vault:
        vaults.append(Vault(keys_url, MasterKeys(bytes(32))))
        return vaults[-1]

    made = Sealing(db, another(), keys_url, another)
    await made.vault.open()
    yield made
    for vault in vaults:
        await vault.close()
    await db.close()


async def test_sealing_for_many_people_asks_the_key_database_once_per_batch(sealing: Sealing) -> None:
    people = [uuid4() for _ in range(AHEAD + 1)]
    stored = []
    async with sealing.db.transaction() as tx:
        for person in people:
            await sealing.vault.seal(tx, person, "a name")
            stored.append(sealing.keys())

    assert stored == [AHEAD] * AHEAD + [2 * AHEAD]


async def test_a_key_is_durable_before_the_transaction_that_uses_it(sealing: Sealing) -> None:
    """Another process reads what was sealed, as soon as it is committed: the key was there before."""
    person = uuid4()
    async with sealing.db.transaction() as tx:
        blob = await sealing.vault.seal(tx, person, {"name": "Amal"})
    other = sealing.another()
    await other.open()

    assert await other.unseal(person, blob) == {"name": "Amal"}


async def test_a_roll_back_wastes_a_key_and_nothing_else(sealing: Sealing) -> None:
    person = uuid4()

    async def seal_and_fail() -> None:
        async with sealing.db.transaction() as tx:
            await sealing.vault.seal(tx, person, "a name")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await seal_and_fail()

    async with sealing.db.transaction() as tx:
        blob = await sealing.vault.seal(tx, person, "a name")

    assert await sealing.vault.unseal(person, blob) == "a name"
    assert sealing.keys() == AHEAD


async def test_after_an_erasure_nobody_reads_it_again(sealing: Sealing) -> None:
    person, somebody_else = uuid4(), uuid4()
    async with sealing.db.transaction() as tx:
        blob = await sealing.vault.seal(tx, person, "a name")
        other = await sealing.vault.seal(tx, somebody_else, "another")
    async with sealing.db.transaction() as tx:
        await sealing.vault.shred(tx, person)

    with pytest.raises(Gone):
        await sealing.vault.unseal(person, blob)
    assert await sealing.vault.unseal(somebody_else, other) == "another"


async def test_what_was_sealed_for_one_person_opens_for_no_other(sealing: Sealing) -> None:
    person = uuid4()
    async with sealing.db.transaction() as tx:
        blob = await sealing.vault.seal(tx, person, "a name")

    with pytest.raises(InvalidTag):
        await sealing.vault.unseal(uuid4(), blob)


async def test_the_wrong_master_key_opens_nothing(sealing: Sealing) -> None:
    person = uuid4()
    async with sealing.db.transaction() as tx:
        blob = await sealing.vault.seal(tx, person, "a name")
    stranger = Vault(sealing.keys_url, MasterKeys(bytes(31) + b"x"))
    try:
        with pytest.raises(WrongMasterKey):
            await stranger.open()
        with pytest.raises(InvalidTag):
            await stranger.unseal(person, blob)
    finally:
        await stranger.close()
