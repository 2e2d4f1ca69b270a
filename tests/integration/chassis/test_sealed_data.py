"""Sealed data opens for its person only, and never again after the key was destroyed."""

from time import monotonic
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from infra.chassis import sealed
from infra.chassis.sealed import Gone
from tests.support.tiny import someone
from tests.support.worlds import World
from tests.support.worlds import world as world


async def put(world: World, person: object, value: object) -> bytes:
    async with world.matching.db.transaction() as tx:
        return await tx.vault.seal(tx, person, value)  # type: ignore[arg-type]


async def test_what_was_sealed_opens_again_and_shows_nothing(world: World) -> None:
    person, note = someone(), {"note": "تسكن عند أختها", "phone": "+49 170 1234567"}
    blob = await put(world, person, note)
    assert await world.matching.vault.unseal(person, blob) == note
    assert b"170" not in blob
    assert await put(world, person, note) != blob, "the same text must not look the same"


async def test_another_process_opens_it_too(world: World) -> None:
    person = someone()
    blob = await put(world, person, "a note")
    async with world.pair.running("matching") as other:
        assert await other.vault.unseal(person, blob) == "a note"


async def test_a_row_that_was_moved_to_another_person_does_not_open(world: World) -> None:
    person, other = someone(), someone()
    blob = await put(world, person, "a note")
    await put(world, other, "another note")
    with pytest.raises(InvalidTag):
        await world.matching.vault.unseal(other, blob)


async def test_a_part_of_a_file_opens_in_its_own_place_only(world: World) -> None:
    person, other = someone(), someone()
    async with world.matching.db.transaction() as tx:
        blob = await tx.vault.seal_bytes(tx, person, b"a part", b"place 1")
        await tx.vault.seal_bytes(tx, other, b"a part", b"place 1")
    assert await world.matching.vault.unseal_bytes(person, blob, b"place 1") == b"a part"
    for whose, place in ((person, b"place 2"), (other, b"place 1")):
        with pytest.raises(InvalidTag):
            await world.matching.vault.unseal_bytes(whose, blob, place)


async def test_a_changed_row_does_not_open(world: World) -> None:
    person = someone()
    blob = bytearray(await put(world, person, "a note"))
    blob[-1] ^= 1
    with pytest.raises(InvalidTag):
        await world.matching.vault.unseal(person, bytes(blob))


async def test_a_destroyed_key_is_gone_here_at_once_and_elsewhere_when_the_cache_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, other = someone(), someone()
    blob, kept = await put(world, person, "a note"), await put(world, other, "another note")
    async with world.pair.running("matching") as elsewhere:
        assert await elsewhere.vault.unseal(person, blob) == "a note"
        async with world.matching.db.transaction() as tx:
            await tx.vault.shred(tx, person)
        with pytest.raises(Gone):
            await world.matching.vault.unseal(person, blob)
        now = monotonic()
        monkeypatch.setattr(sealed, "monotonic", lambda: now + sealed.REMEMBERED_FOR + 1)
        with pytest.raises(Gone):
            await elsewhere.vault.unseal(person, blob)
        assert await elsewhere.vault.unseal(other, kept) == "another note"


async def test_tokens_are_keyed_and_differ_by_purpose(world: World) -> None:
    vault = world.matching.vault
    assert vault.token("name", "jonas") == vault.token("name", "jonas")
    assert vault.token("name", "jonas") != vault.token("place", "jonas")
    assert len({vault.token("name", str(uuid4())) for _ in range(50)}) == 50
