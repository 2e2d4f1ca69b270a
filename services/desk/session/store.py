"""Where sessions lie: with `schema.py` the only place of the desk that knows SQL.

It sees digests and sealed bytes, no token and no name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

_READ: Final = "select id, sealed, language, seen_at, ends_at from session.session where id = %s"


@dataclass(frozen=True, slots=True)
class Row:
    """A session as it lies there. `id` is the digest of the browser's cookie."""

    id: bytes
    sealed: bytes
    language: str | None
    seen_at: datetime
    ends_at: datetime


class Store:
    """The table of sessions. Each method is one transaction of its own."""

    def __init__(self, url: str, pool_size: int) -> None:
        self._pool = AsyncConnectionPool(url, min_size=1, max_size=pool_size, open=False, timeout=3)

    async def open(self) -> None:
        """Begins to connect; does not wait for the database."""
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close()

    async def answers(self) -> None:
        """Raises if the database doesn't."""
        async with self._pool.connection() as conn:
            await conn.execute("select 1")

    async def add(self, row: Row, *, unseen_since: datetime) -> None:
        """A new session; those that are over are swept out on the way."""
        async with self._pool.connection() as conn:
            await conn.execute(
                "delete from session.session where ends_at <= %s or seen_at <= %s", (row.seen_at, unseen_since)
            )
            await conn.execute(
                "insert into session.session (id, sealed, language, seen_at, ends_at) values (%s, %s, %s, %s, %s)",
                (row.id, row.sealed, row.language, row.seen_at, row.ends_at),
            )

    async def find(self, id_: bytes) -> Row | None:
        async with self._pool.connection() as conn:
            return await _one(conn, _READ, id_)

    async def seen(self, id_: bytes, at: datetime) -> None:
        async with self._pool.connection() as conn:
            await conn.execute("update session.session set seen_at = %s where id = %s", (at, id_))

    async def speak(self, id_: bytes, language: str) -> None:
        async with self._pool.connection() as conn:
            await conn.execute("update session.session set language = %s where id = %s", (language, id_))

    async def end(self, id_: bytes) -> None:
        async with self._pool.connection() as conn:
            await conn.execute("delete from session.session where id = %s", (id_,))

    @asynccontextmanager
    async def held(self, id_: bytes) -> "AsyncIterator[Held | None]":
        """The session, which nobody else changes meanwhile, in whatever process; None if it is gone."""
        async with self._pool.connection() as conn:
            row = await _one(conn, f"{_READ} for update", id_)
            yield Held(conn, row) if row else None


@dataclass(frozen=True, slots=True)
class Held:
    """A session that is held."""

    conn: AsyncConnection[Any]
    row: Row

    async def reseal(self, sealed: bytes) -> None:
        await self.conn.execute("update session.session set sealed = %s where id = %s", (sealed, self.row.id))


async def _one(conn: AsyncConnection[Any], query: str, id_: bytes) -> Row | None:
    async with conn.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(query.encode(), (id_,))
        return await cursor.fetchone()
