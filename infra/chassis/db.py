"""The database of one service, and the transaction in which everything happens.

One request or one event is one transaction. It is opened and committed at the edge (`Database.transaction()`), never
inside application code, which gets a `Tx` and nothing else.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Executable, Row, func, insert, select, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import SQLModel

from contracts.envelope import Envelope
from infra.chassis import telemetry
from infra.chassis.clock import Clock
from infra.chassis.crashpoints import NEVER, Crashpoints
from infra.chassis.ids import Ids
from infra.chassis.schema import table

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
        self.memo: dict[object, Any] = {}
        """What was looked up once and stays true until the transaction ends."""
        self._pending: list[tuple[str | type[SQLModel], Mapping[str, Any]]] = []
        self._after_commit: list[Callable[[], None]] = []

    def add(self, model: type[SQLModel], **values: Any) -> None:
        """Insert a row by the end of the transaction: all such rows travel together, in this order, in one go.

        A later read of this transaction sends them first, so it always sees them.
        """
        self._pending.append((model, values))

    def later(self, statement: str, **values: Any) -> None:
        """Like `add`, for a statement of which nobody reads the answer; `%(name)s` stands for a value."""
        self._pending.append((statement, values))

    @property
    def _translated(self) -> bool:
        """Whether a rebuild lets this transaction write to other schemas than the models name."""
        connection = self.conn.sync_connection
        return connection is not None and bool(connection.get_execution_options().get("schema_translate_map"))

    async def flush(self) -> None:
        """Send what `add` and `later` have gathered."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        if self._translated:
            for statement, values in pending:  # a rebuild writes elsewhere: only SQLAlchemy knows where
                await self.conn.execute(text(statement) if isinstance(statement, str) else insert(statement), values)
            return
        driver: Any = (await self.conn.get_raw_connection()).driver_connection
        async with driver.pipeline():
            for statement, values in pending:
                sql = statement if isinstance(statement, str) else _insert(statement, tuple(values))
                await driver.execute(sql, values)

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run one statement."""
        await self.flush()
        return await self.conn.execute(statement, values)

    async def row(self, statement: Executable) -> Row[Any] | None:
        """The one row, or None."""
        return (await self.execute(statement)).one_or_none()

    async def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows."""
        return (await self.execute(statement)).all()

    async def lock(self, *names: object) -> None:
        """Hold an advisory lock until the transaction ends; several transactions with the same name take turns."""
        await self.execute(select(func.pg_advisory_xact_lock(lock_id(*names))))

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


@cache
def _insert(model: type[SQLModel], columns: tuple[str, ...]) -> str:
    """The insert statement of a model, as the driver takes it."""
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
    return str(insert(table(model)).compile(dialect=dialect, column_keys=list(columns)))


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
                await tx.flush()
                self._crashpoints.reach("before-commit")
                await conn.commit()
                self._crashpoints.reach("after-commit")
        tx.committed()

    async def close(self) -> None:
        await self.engine.dispose()


def sqlalchemy_url(url: str) -> str:
    """The same address, naming the driver we use."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
