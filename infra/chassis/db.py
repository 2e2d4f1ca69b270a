"""The database of one service, and the transaction in which everything happens.

One request or one event is one transaction. It is opened and committed at the edge (`Database.transaction()`), never
inside application code, which gets a `Tx` and nothing else.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import Executable, Row, func, insert, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import SQLModel

from contracts.envelope import Envelope
from infra.chassis import limits, telemetry
from infra.chassis.clock import Clock
from infra.chassis.crashpoints import NEVER, Crashpoints
from infra.chassis.ids import Ids
from infra.chassis.schema import table

if TYPE_CHECKING:
    from infra.chassis.sealed import Vault

Pending = tuple[str | type[SQLModel], Mapping[str, Any]]
"""A statement, or the model of a row, with its values."""
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
        self.withheld = False
        """Something was left out because nothing recent is known of the grants that open it; the answer says so."""
        self.memo: dict[object, Any] = {}
        """What was looked up once and stays true until the transaction ends or turns to another event."""
        self._pending: list[Pending] = []
        self._in_turn: list[Pending] = []
        self._turns: set[int] = set()
        self._after_commit: list[Callable[[], None]] = []

    def turn_to(self, cause: Envelope) -> None:
        """What follows is caused by this event: one of several that share the transaction."""
        self.cause = cause
        self.memo.clear()

    @property
    def stale(self) -> frozenset[int]:
        """Partitions of whose grants nothing recent is known (`freshness.py`).

        None for what a fact causes: that is decided on what was known when the fact was stated, however late it comes.
        """
        return frozenset() if self.cause is not None else self._db.stale(self.system_now)

    def add(self, model: type[SQLModel], **values: Any) -> None:
        """Insert a row by the end of the transaction: all such rows travel together, in this order, in one go.

        A later read of this transaction sends them first, so it always sees them.
        """
        self._pending.append((model, values))

    def later(self, statement: str, **values: Any) -> None:
        """Like `add`, for a statement of which nobody reads the answer; `%(name)s` stands for a value."""
        self._pending.append((statement, values))

    def add_in_turn(self, turn: int, model: type[SQLModel], **values: Any) -> None:
        """Insert a row at the very end, while nobody else who asked for the same `turn` is between insert and commit.

        The turns (`lock_id`) of a transaction are taken together, smallest first, after all else that it does: whoever
        holds one waits for larger ones only, so transactions can't wait for each other in a circle.
        """
        self._turns.add(turn)
        self._in_turn.append((model, values))

    def end(self) -> None:
        """Let the next `flush` send what waits for the end, too; what follows should be short, for others wait."""
        turns, rows = sorted(self._turns), self._in_turn
        self._turns, self._in_turn = set(), []
        for turn in turns:
            self.later("select pg_advisory_xact_lock(%(turn)s)", turn=turn)
        self._pending += rows

    @property
    def _translated(self) -> bool:
        """Whether a rebuild lets this transaction write to other schemas than the models name."""
        connection = self.conn.sync_connection
        return connection is not None and bool(connection.get_execution_options().get("schema_translate_map"))

    async def flush(self, *, commit: bool = False) -> None:
        """Send what `add` and `later` have gathered; with `commit` make all durable on the same way."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        if self._translated:
            for statement, values in pending:  # a rebuild writes elsewhere: only SQLAlchemy knows where
                if isinstance(statement, str):
                    await self.conn.exec_driver_sql(statement, dict(values))
                else:
                    await self.conn.execute(insert(statement), values)
            return
        driver: Any = (await self.conn.get_raw_connection()).driver_connection
        async with driver.pipeline():
            for sql, values in _gathered(pending):
                await driver.execute(sql, values)
            if commit:
                await driver.commit()

    async def ask(self, *questions: tuple[str, Mapping[str, Any]]) -> list[list[Any]]:
        """The rows of several statements that travel together, in order; each sees what those before it did.

        For the few hot paths: `%(name)s` stands for a value, and a rebuild's other schemas are not known here.
        """
        if self._translated:
            await self.flush()
        pending, self._pending = self._pending, []
        driver: Any = (await self.conn.get_raw_connection()).driver_connection
        async with driver.pipeline():
            for statement, values in _gathered(pending):
                await driver.execute(statement, values)
            answers = [await driver.execute(statement, values) for statement, values in questions]
        return [await answer.fetchall() for answer in answers]

    def add_unless_there(self, model: type[SQLModel], **values: Any) -> None:
        """Like `add`, for a row whose like may be there already: then it stays as it is."""
        named = {f"{name}_0": value for name, value in values.items()}
        self.later(f"{_insert(model, tuple(values), 1)} ON CONFLICT DO NOTHING", **named)

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run one statement."""
        await self.flush()
        return await self.conn.execute(statement, values)

    async def row(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The one row, or None."""
        return (await self.execute(statement, values)).one_or_none()

    async def rows(self, statement: Executable, *, beside: bool = False) -> Sequence[Row[Any]]:
        """All rows. `beside`: the answer does not depend on what was added and not yet sent, so don't send it first."""
        return (await (self.conn.execute if beside else self.execute)(statement)).all()

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


def _gathered(pending: Sequence[Pending]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Statements in order; neighbouring rows of one table in one of them."""
    for (statement, columns), run in groupby(pending, key=lambda one: (one[0], tuple(one[1]))):
        rows = [values for _, values in run]
        if isinstance(statement, str):
            yield from ((statement, values) for values in rows)
        else:
            named = {f"{name}_{number}": value for number, row in enumerate(rows) for name, value in row.items()}
            yield _insert(statement, columns, len(rows)), named


@cache
def _insert(model: type[SQLModel], columns: tuple[str, ...], rows: int) -> str:
    """The insert statement of a model for some rows, as the driver takes it; values are named `column_row`."""
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
    one = str(insert(table(model)).inline().compile(dialect=dialect, column_keys=list(columns)))
    head, _, place = one.partition(" VALUES ")
    places = (re.sub(r"%\((\w+)\)s", rf"%(\1_{number})s", place) for number in range(rows))
    return f"{head} VALUES {', '.join(places)}"


def lock_id(*names: object) -> int:
    """A signed 64-bit number for an advisory lock; the same in every process."""
    digest = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


OPTIONS: Final = f"{limits.options(limits.RUNTIME)} -c timezone=UTC"


class Database:
    """A service's own database."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        ids: Ids,
        pool_size: int = 8,
        crashpoints: Crashpoints = NEVER,
        options: str = "",
    ) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=4,
            pool_timeout=10,
            hide_parameters=True,
            connect_args={"options": f"{OPTIONS} {options}"},
        )
        self.clock, self.ids = clock, ids
        self.vault: Vault | None = None
        self.speak: Speak | None = None
        self.stale: Callable[[datetime], frozenset[int]] = lambda _: frozenset()
        self._crashpoints = crashpoints

    @asynccontextmanager
    async def transaction(self, by: Actor = PLATFORM, cause: Envelope | None = None) -> AsyncIterator[Tx]:
        """Everything inside becomes durable together, or not at all."""
        with telemetry.span("transaction"):
            async with self.engine.connect() as conn:
                # Not left to the first statement: rows that only `add` gathered pass SQLAlchemy by, and its commit
                # would then do nothing.
                _ = await conn.begin()
                tx = Tx(conn, self, by, cause)
                yield tx
                self._crashpoints.reach("before-commit")
                tx.end()
                await tx.flush(commit=True)
                await conn.commit()  # if something was flushed: only tells SQLAlchemy that it is done
                self._crashpoints.reach("after-commit")
        tx.committed()

    async def close(self) -> None:
        await self.engine.dispose()


def sqlalchemy_url(url: str) -> str:
    """The same address, naming the driver we use."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
