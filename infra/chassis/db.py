"""The database of one service, and the transaction in which everything happens.

One request or one event is one transaction. It is opened and committed at the edge (`Database.transaction()`), never
inside application code, which gets a `Tx` and nothing else.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Executable, Row, func, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from contracts.envelope import Envelope
from infra.chassis import telemetry
from infra.chassis.clock import Clock
from infra.chassis.crashpoints import NEVER, Crashpoints
from infra.chassis.ids import Ids

if TYPE_CHECKING:
    from infra.chassis.sealed import Vault

Speak = Callable[["Tx", tuple[Any, ...]], Awaitable[None]]
"""Takes domain events to whoever has to know: other capabilities, and the outbox."""


@dataclass(frozen=True, slots=True)
class Actor:
    """In whose name something happens: a person, an agency's system, or (all None) the platform itself."""

    subject: UUID | None = None
    agency: str | None = None


PLATFORM = Actor()


class Tx:
    """One transaction: the connection, both times fixed at its start, who acts, and what caused it."""

    def __init__(self, conn: AsyncConnection, db: "Database", by: Actor, cause: Envelope | None) -> None:
        self.conn = conn
        self.now: datetime = db.clock.business()
        self.system_now: datetime = db.clock.system()
        self.ids = db.ids
        self.by = by
        self.cause = cause
        self._db = db
        self._after_commit: list[Callable[[], None]] = []

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run one statement."""
        return await self.conn.execute(statement, values)

    async def row(self, statement: Executable) -> Row[Any] | None:
        """The one row, or None."""
        return (await self.conn.execute(statement)).one_or_none()

    async def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows."""
        return (await self.conn.execute(statement)).all()

    async def lock(self, *names: object) -> None:
        """Hold an advisory lock until the transaction ends; several transactions with the same name take turns."""
        await self.conn.execute(select(func.pg_advisory_xact_lock(lock_id(*names))))

    @property
    def vault(self) -> "Vault":
        """Seals and opens personal data."""
        if self._db.vault is None:
            raise LookupError("this database was opened without a vault")
        return self._db.vault

    async def say(self, *events: Any) -> None:
        """Domain events happened: tell the service's other capabilities and, through `outgoing.py`, other services."""
        if self._db.speak is None:
            raise LookupError("this database was opened without anybody to speak to")
        await self._db.speak(self, events)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Call `act` once the transaction is durable; not at all if it is rolled back."""
        self._after_commit.append(act)

    def committed(self) -> None:
        """Run what waits for the commit (the edge calls this)."""
        for act in self._after_commit:
            act()


def lock_id(*names: object) -> int:
    """A signed 64-bit number for an advisory lock; the same in every process."""
    digest = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


class Database:
    """A service's own database. Statement and lock time-outs are short, so that nothing holds the others up."""

    def __init__(
        self, url: str, *, clock: Clock, ids: Ids, pool_size: int = 8, crashpoints: Crashpoints = NEVER
    ) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=4,
            pool_timeout=10,
            hide_parameters=True,
            connect_args={"options": "-c statement_timeout=15000 -c lock_timeout=8000 -c timezone=UTC"},
        )
        self.clock, self.ids = clock, ids
        self.vault: Vault | None = None
        self.speak: Speak | None = None
        self._crashpoints = crashpoints

    @asynccontextmanager
    async def transaction(self, by: Actor = PLATFORM, cause: Envelope | None = None) -> AsyncIterator[Tx]:
        """Everything inside becomes durable together, or not at all."""
        with telemetry.span("transaction"):
            async with self.engine.connect() as conn:
                tx = Tx(conn, self, by, cause)
                yield tx
                self._crashpoints.reach("before-commit")
                await conn.commit()
                self._crashpoints.reach("after-commit")
        tx.committed()

    async def close(self) -> None:
        await self.engine.dispose()


def sqlalchemy_url(url: str) -> str:
    """The same address, naming the driver we use."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
