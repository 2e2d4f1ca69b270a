"""Personal data at rest: AES-256-GCM under a key per person and service.

The keys lie in a separate database with short back-ups, wrapped by the master key (`master_keys.py`); the service's
own database knows only which key is whose. Erasing a person deletes the key: what was sealed under it is noise from
then on, in every back-up of the service's database, too. New keys are made ahead in batches, so that registering
somebody does not wait for the second database.
"""

import hmac
import json
import os
from collections import OrderedDict, deque
from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from infra.chassis.db import Tx
from infra.chassis.master_keys import TOKENS, MasterKeys
from infra.chassis.schema import CHASSIS

AHEAD: Final = 64
"""Keys made at once."""
REMEMBERED: Final = 4096
REMEMBERED_FOR: Final = 60.0
"""Seconds after which another process's erasure is noticed at the latest."""

KEYS_SCHEMA: Final = """
create schema if not exists keys;
create table if not exists keys.key (id uuid primary key, wrapped bytea not null);
create table if not exists keys.erased (participant uuid primary key, at timestamptz not null);
create table if not exists keys.tokens (one boolean primary key default true check (one), wrapped bytea not null);
"""
KEYS_RIGHTS: Final = """
grant usage on schema keys to {role};
grant select, insert on keys.erased, keys.tokens to {role};
grant select, insert, delete on keys.key to {role};
"""


class KeyOf(SQLModel, table=True):
    """Which key seals what this service holds about a person."""

    __tablename__ = "key_of"
    __table_args__ = {"schema": CHASSIS}

    person: UUID = Field(primary_key=True)
    key: UUID


class Gone(NotFound):
    """The key was destroyed: the person was erased, and nothing is known of them."""


class WrongMasterKey(Exception):
    """Another one was in use when the keys in the key database were made."""


class Vault:
    """Seals and opens JSON values for a person."""

    def __init__(self, keys_url: str, master: MasterKeys) -> None:
        self._master = master
        self._tokens: bytes | None = None
        self._pool = AsyncConnectionPool(keys_url, min_size=1, max_size=2, open=False)
        self._ready: deque[tuple[UUID, bytes]] = deque()
        self._remembered: OrderedDict[UUID, tuple[bytes, float]] = OrderedDict()

    async def open(self) -> None:
        """Raises `WrongMasterKey`."""
        await self._pool.open()
        self._tokens = await self._key_of_tokens()

    async def close(self) -> None:
        await self._pool.close()

    async def seal(self, tx: Tx, person: UUID, value: Any) -> bytes:
        """key id (16 bytes) + nonce (12) + ciphertext; bound to the person."""
        key_id, key = await self._key_for(tx, person)
        nonce = os.urandom(12)
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return key_id.bytes + nonce + AESGCM(key).encrypt(nonce, plain, person.bytes)

    async def unseal(self, person: UUID, blob: bytes) -> Any:
        """Raises `Gone` after an erasure, `InvalidTag` if the row was moved to another person or changed."""
        key = await self._key(UUID(bytes=bytes(blob[:16])))
        return json.loads(AESGCM(key).decrypt(bytes(blob[16:28]), bytes(blob[28:]), person.bytes))

    async def seal_bytes(self, tx: Tx, person: UUID, plain: bytes, place: bytes) -> bytes:
        """Like `seal`, for a part of a file: bound to the person and to its place, so that no part can be moved."""
        key_id, key = await self._key_for(tx, person)
        nonce = os.urandom(12)
        return key_id.bytes + nonce + AESGCM(key).encrypt(nonce, plain, person.bytes + place)

    async def unseal_bytes(self, person: UUID, blob: bytes, place: bytes) -> bytes:
        """Raises `Gone` after an erasure, `InvalidTag` for another person's, another place's or a changed part."""
        key = await self._key(UUID(bytes=bytes(blob[:16])))
        return AESGCM(key).decrypt(bytes(blob[16:28]), bytes(blob[28:]), person.bytes + place)

    def seal_brief(self, value: bytes, bound_to: bytes) -> bytes:
        """For short-lived answers: under the master key itself. Deleted, not shredded, on erasure."""
        return self._master.wrap(value, bound_to)

    def unseal_brief(self, blob: bytes, bound_to: bytes) -> bytes:
        return self._master.unwrap(blob, bound_to)

    def token(self, purpose: str, text: str) -> bytes:
        """A keyed token: equal texts give equal tokens, and nobody without the key can tell which text it was."""
        if self._tokens is None:
            raise LookupError("the vault was not opened")
        return hmac.digest(self._tokens, f"{purpose}\x1f{text}".encode(), "sha256")[:16]

    async def shred(self, tx: Tx, person: UUID) -> None:
        """Destroy the person's key. Not undone by a roll-back: call it last."""
        row = await tx.row(delete(KeyOf).where(col(KeyOf.person) == person).returning(col(KeyOf.key)))
        if row is not None:
            async with self._pool.connection() as conn:
                await conn.execute("delete from keys.key where id = %s", (row.key,))
            self._remembered.pop(row.key, None)

    async def note_erased(self, people: Mapping[UUID, datetime]) -> None:
        """Into the ledger of erasures, which lies beside the keys (`erasures.py`)."""
        async with self._pool.connection() as conn, conn.cursor() as cursor:
            await cursor.executemany(
                "insert into keys.erased values (%s, %s) on conflict do nothing", list(people.items())
            )

    async def erased(self) -> Mapping[UUID, datetime]:
        """The ledger."""
        async with self._pool.connection() as conn:
            rows = await (await conn.execute("select participant, at from keys.erased")).fetchall()
        return {UUID(str(participant)): at for participant, at in rows}

    async def new_person(self, tx: Tx, person: UUID) -> None:
        """Give somebody a key of whom this service knows nothing yet: saves looking for one."""
        key_id, _ = await self._take(tx)
        tx.add(KeyOf, person=person, key=key_id)
        tx.memo[KeyOf, person] = key_id

    async def _key_for(self, tx: Tx, person: UUID) -> tuple[UUID, bytes]:
        if (key_id := tx.memo.get((KeyOf, person))) is not None:
            return key_id, await self._key(key_id)
        query = select(col(KeyOf.key)).where(col(KeyOf.person) == person)
        known = await tx.row(query)
        if known is None:
            fresh, _ = await self._take(tx)
            await tx.execute(insert(KeyOf).values(person=person, key=fresh).on_conflict_do_nothing())
            known = (await tx.execute(query)).one()
        tx.memo[KeyOf, person] = known.key
        return known.key, await self._key(known.key)

    async def _take(self, tx: Tx) -> tuple[UUID, bytes]:
        if not self._ready:
            made = [(tx.ids.random(), AESGCM.generate_key(256)) for _ in range(AHEAD)]
            async with self._pool.connection() as conn, conn.cursor() as cursor:
                await cursor.executemany(
                    "insert into keys.key values (%s, %s)",
                    [(key_id, self._master.wrap(key, key_id.bytes)) for key_id, key in made],
                )
            self._ready.extend(made)
        key_id, key = self._ready.popleft()
        self._remember(key_id, key)
        return key_id, key

    async def _key(self, key_id: UUID) -> bytes:
        known = self._remembered.get(key_id)
        if known is not None and known[1] > monotonic():
            return known[0]
        async with self._pool.connection() as conn:
            row = await (await conn.execute("select wrapped from keys.key where id = %s", (key_id,))).fetchone()
        if row is None:
            self._remembered.pop(key_id, None)
            raise Gone
        key = self._master.unwrap(row[0], key_id.bytes)
        self._remember(key_id, key)
        return key

    async def _key_of_tokens(self) -> bytes:
        """Outlives an exchange of the master key, for all tokens would have to be made anew.

        The first one is made of the master key that there is: so were the tokens before it was kept.
        """
        first = hmac.digest(self._master.current, TOKENS, "sha256")
        async with self._pool.connection() as conn:
            row = await (await conn.execute("select wrapped from keys.tokens")).fetchone()
            if row is None:
                mine = self._master.wrap(first, TOKENS)
                await conn.execute("insert into keys.tokens (wrapped) values (%s) on conflict do nothing", (mine,))
                row = await (await conn.execute("select wrapped from keys.tokens")).fetchone()
        if row is None:
            raise LookupError("the key of the search tokens was destroyed")
        try:
            return self._master.unwrap(row[0], TOKENS)
        except InvalidTag as error:
            raise WrongMasterKey(
                "put the master key that was in use before behind this one, on its own line"
            ) from error

    def _remember(self, key_id: UUID, key: bytes) -> None:
        self._remembered[key_id] = (key, monotonic() + REMEMBERED_FOR)
        self._remembered.move_to_end(key_id)
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)


def make_keys_schema(url: str, role: str | None = None) -> None:
    """Create the key table; `role`, where it is not the owner, may add, read and destroy keys and no more."""
    with psycopg.connect(url) as conn:
        conn.execute(KEYS_SCHEMA.encode())
        if role is not None:
            conn.execute(sql.SQL(KEYS_RIGHTS).format(role=sql.Identifier(role)))


__all__ = ["Gone", "InvalidTag", "KeyOf", "Vault", "WrongMasterKey", "make_keys_schema"]
