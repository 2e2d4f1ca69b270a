"""Spans in PostgreSQL, in a database of their own. The only file of the receiver that knows SQL.

Beside the spans there is one row per trace, made anew from its spans whenever some arrive, so that searching never
reads spans.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.ext.asyncio import create_async_engine

from infra.chassis.db import sqlalchemy_url
from infra.onebox.traces.otlp import ReceivedSpan

KEPT: Final = timedelta(days=14)

_LOCK: Final = 0x6C6F747365
"""Writers take turns, so that a trace's row counts the spans of all of them."""

_TABLES: Final = """
create schema if not exists traces;
create table if not exists traces.span (
    trace_id text not null,
    span_id text not null,
    parent_id text,
    service text not null,
    name text not null,
    began_ns bigint not null,
    ended_ns bigint not null,
    error boolean not null,
    attributes jsonb not null,
    events jsonb not null,
    links jsonb not null,
    journeys text[] not null,
    event_ids text[] not null,
    primary key (trace_id, span_id)
);
create table if not exists traces.trace (
    trace_id text primary key,
    root text not null,
    services text[] not null,
    began_ns bigint not null,
    ended_ns bigint not null,
    error boolean not null,
    spans integer not null,
    journeys text[] not null,
    event_ids text[] not null
);
create index if not exists trace_began on traces.trace (began_ns);
create index if not exists trace_journeys on traces.trace using gin (journeys);
create index if not exists trace_event_ids on traces.trace using gin (event_ids);
"""

_ADD: Final = text(
    """
    insert into traces.span values (:trace_id, :span_id, :parent_id, :service, :name, :began_ns, :ended_ns, :error,
        :attributes, :events, :links, :journeys, :event_ids)
    on conflict do nothing
    """
).bindparams(
    *(bindparam(name, type_=JSONB) for name in ("attributes", "events", "links")),
    *(bindparam(name, type_=ARRAY(TEXT)) for name in ("journeys", "event_ids")),
)

_SUMMARISE: Final = text(
    """
    insert into traces.trace
    select trace_id,
        (array_agg(name order by parent_id is not null, began_ns))[1],
        array_agg(distinct service),
        min(began_ns), max(ended_ns), bool_or(error), count(*),
        array(select distinct unnest(s.journeys) from traces.span s where s.trace_id = span.trace_id),
        array(select distinct unnest(s.event_ids) from traces.span s where s.trace_id = span.trace_id)
    from traces.span
    where trace_id = any(:trace_ids)
    group by trace_id
    on conflict (trace_id) do update set root = excluded.root, services = excluded.services,
        began_ns = excluded.began_ns, ended_ns = excluded.ended_ns, error = excluded.error, spans = excluded.spans,
        journeys = excluded.journeys, event_ids = excluded.event_ids
    """
).bindparams(bindparam("trace_ids", type_=ARRAY(TEXT)))


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; None does not narrow. `since` is the earliest start."""

    journey: UUID | None = None
    event: UUID | None = None
    service: str | None = None
    since: datetime | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One line of the list of traces."""

    trace_id: str
    root: str
    services: list[str]
    started: datetime
    duration_ms: float
    error: bool
    spans: int


class Traces:
    """The kept traces. `database_url` names a database that the receiver has to itself."""

    def __init__(self, database_url: str) -> None:
        self._engine = create_async_engine(sqlalchemy_url(database_url), pool_size=2, max_overflow=4)

    async def prepare(self) -> None:
        """Makes the tables that are missing."""
        async with self._engine.begin() as conn:
            await conn.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            for statement in filter(str.strip, _TABLES.split(";")):
                await conn.execute(text(statement))

    async def add(self, spans: Sequence[ReceivedSpan]) -> None:
        """Keeps these spans; one that is there already stays as it is."""
        if not spans:
            return
        rows = [
            {
                **asdict(span),
                "journeys": sorted(span.words("lotse.journey")),
                "event_ids": sorted(span.words("lotse.event")),
            }
            for span in spans
        ]
        async with self._engine.begin() as conn:
            await conn.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await conn.execute(_ADD, rows)
            await conn.execute(_SUMMARISE, {"trace_ids": sorted({span.trace_id for span in spans})})

    async def search(self, wanted: Search) -> list[TraceSummary]:
        """The matching traces, newest first."""
        clauses: dict[str, tuple[str, object]] = {}
        if wanted.journey is not None:
            clauses["journey"] = ("journeys @> array[:journey]", str(wanted.journey))
        if wanted.event is not None:
            clauses["event"] = ("event_ids @> array[:event]", str(wanted.event))
        if wanted.service is not None:
            clauses["service"] = (":service = any(services)", wanted.service.removeprefix("lotse-"))
        if wanted.since is not None:
            clauses["since"] = ("began_ns >= :since", _nanoseconds(wanted.since))
        where = " and ".join(clause for clause, _ in clauses.values()) or "true"
        query = f"select * from traces.trace where {where} order by began_ns desc, trace_id limit :limit"  # noqa: S608 - fixed clauses
        values: dict[str, Any] = {name: value for name, (_, value) in clauses.items()}
        async with self._engine.connect() as conn:
            rows = (await conn.execute(text(query), {**values, "limit": wanted.limit})).all()
        return [
            TraceSummary(
                trace_id=row.trace_id,
                root=row.root,
                services=list(row.services),
                started=datetime.fromtimestamp(row.began_ns / 1e9, UTC),
                duration_ms=round((row.ended_ns - row.began_ns) / 1e6, 3),
                error=row.error,
                spans=row.spans,
            )
            for row in rows
        ]

    async def spans(self, trace_id: str) -> list[ReceivedSpan]:
        """All spans of a trace by their start; empty if there is no such trace."""
        query = text("select * from traces.span where trace_id = :trace_id order by began_ns, span_id")
        async with self._engine.connect() as conn:
            rows = (await conn.execute(query, {"trace_id": trace_id})).mappings().all()
        return [ReceivedSpan(**{name: row[name] for name in ReceivedSpan.__dataclass_fields__}) for row in rows]

    async def prune(self, now: datetime, kept: timedelta = KEPT) -> int:
        """Deletes traces that began longer than `kept` before `now` (system time); tells how many."""
        cutoff = {"cutoff": _nanoseconds(now - kept)}
        old = "select trace_id from traces.trace where began_ns < :cutoff"
        async with self._engine.begin() as conn:
            await conn.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await conn.execute(text(f"delete from traces.span where trace_id in ({old})"), cutoff)  # noqa: S608
            deleted = await conn.execute(text("delete from traces.trace where began_ns < :cutoff"), cutoff)
        return deleted.rowcount

    async def close(self) -> None:
        await self._engine.dispose()


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
