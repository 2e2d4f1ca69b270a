"""A master key is exchanged while the service works, in the steps of `docs/operations.md`. On two real databases."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID, uuid4

import psycopg
import pytest

from infra.chassis.master_keys import BATCH, MasterKeys, rewrap
from infra.chassis.sealed import Gone, InvalidTag, Vault, WrongMasterKey
from tests.integration.chassis.test_keys_made_ahead import Sealing
from tests.integration.chassis.test_keys_made_ahead import sealing as sealing

OLD, NEW = bytes(32), bytes(31) + b"n"


@asynccontextmanager
async def opened(sealing: Sealing, *keys: bytes) -> AsyncIterator[Vault]:
    """A process that knows these master keys."""
    vault = Vault(sealing.keys_url, MasterKeys(*keys))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(vault.close)
        await vault.open()
        yield vault


async def sealed(sealing: Sealing, vault: Vault, text: str) -> tuple[UUID, bytes]:
    person = uuid4()
    async with sealing.db.transaction() as tx:
        return person, await vault.seal(tx, person, text)


async def test_each_step_reads_what_the_steps_beside_it_write(sealing: Sealing) -> None:
    async with opened(sealing, OLD, NEW) as first, opened(sealing, NEW, OLD) as second:
        before = await sealed(sealing, sealing.vault, "before")
        of_first, of_second = await sealed(sealing, first, "first"), await sealed(sealing, second, "second")
        assert await second.unseal(*before) == "before"
        assert await second.unseal(*of_first) == "first"
        assert await first.unseal(*of_second) == "second", "processes of both steps work side by side"
        brief = second.seal_brief(b"an answer", b"somebody")
        assert first.unseal_brief(brief, b"somebody") == b"an answer"


async def test_after_the_exchange_the_new_key_alone_opens_everything(sealing: Sealing) -> None:
    token = sealing.vault.token("participant", "amal")
    before = await sealed(sealing, sealing.vault, "before")
    async with opened(sealing, NEW, OLD) as during:
        meanwhile = await sealed(sealing, during, "meanwhile")
        found = rewrap(sealing.keys_url, MasterKeys(NEW, OLD))
    assert (found.closed, found.renewed > 0) == (0, True)

    async with opened(sealing, NEW) as after:
        assert await after.unseal(*before) == "before"
        assert await after.unseal(*meanwhile) == "meanwhile"
        assert after.token("participant", "amal") == token, "people are found as before"
    with pytest.raises(WrongMasterKey):
        async with opened(sealing, OLD):
            pass


async def test_broken_off_it_is_run_again_and_does_what_is_left(sealing: Sealing) -> None:
    with psycopg.connect(sealing.keys_url) as conn, conn.cursor() as cursor:
        keys = [uuid4() for _ in range(2 * BATCH + 3)]
        cursor.executemany(
            "insert into keys.key values (%s, %s)", [(key, MasterKeys(OLD).wrap(bytes(32), key.bytes)) for key in keys]
        )

    def broken_off(done: int) -> None:
        assert done == BATCH
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rewrap(sealing.keys_url, MasterKeys(NEW, OLD), broken_off)
    again = rewrap(sealing.keys_url, MasterKeys(NEW, OLD))
    assert (again.keys, again.renewed) == (sealing.keys(), sealing.keys() - BATCH)
    nothing_left = rewrap(sealing.keys_url, MasterKeys(NEW, OLD))
    assert (nothing_left.keys, nothing_left.renewed, nothing_left.closed) == (sealing.keys(), 0, 0)


async def test_whoever_was_erased_stays_erased(sealing: Sealing) -> None:
    person, blob = await sealed(sealing, sealing.vault, "a name")
    async with sealing.db.transaction() as tx:
        await sealing.vault.shred(tx, person)
    rewrap(sealing.keys_url, MasterKeys(NEW, OLD))
    async with opened(sealing, NEW) as after:
        with pytest.raises(Gone):
            await after.unseal(person, blob)


async def test_what_opens_with_none_of_the_keys_is_told_and_left_as_it_is(sealing: Sealing) -> None:
    person, blob = await sealed(sealing, sealing.vault, "a name")
    found = rewrap(sealing.keys_url, MasterKeys(NEW))
    assert (found.renewed, found.closed) == (0, found.keys + 1), "the keys, and that of the tokens"
    assert await sealing.vault.unseal(person, blob) == "a name"


def test_a_key_that_is_none_is_refused_with_what_one_looks_like() -> None:
    for text in ("", "not base64!", "c2hvcnQ="):
        with pytest.raises(ValueError, match="openssl rand -base64 32"):
            MasterKeys.read(text)


def test_what_was_moved_or_changed_opens_with_no_key() -> None:
    blob = MasterKeys(OLD).wrap(b"a key", b"its id")
    for changed, bound_to in ((blob, b"another id"), (blob[:-1] + bytes([blob[-1] ^ 1]), b"its id")):
        with pytest.raises(InvalidTag):
            MasterKeys(NEW, OLD).unwrap(changed, bound_to)
