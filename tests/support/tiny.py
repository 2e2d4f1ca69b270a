"""Two tiny services on real PostgreSQL, made up for tests of the chassis: `intake` tells, `matching` listens.

The listener counts a person's profiles in a projection (schema `tiny_tally`), and answers each event once by an
effect and an event of its own in a reaction (schema `tiny_work`). Rows in `tiny_work.hindrance` make its handlers fail
as told.
"""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    create_engine,
    delete,
    func,
    select,
    text,
    update,
)
from sqlmodel import Field, SQLModel, col

from contracts.envelope import Envelope, Fact
from contracts.events import intake, matching
from contracts.vocabulary import (
    AgencyId,
    Allowed,
    Basis,
    Category,
    GrantEnd,
    GrantId,
    OpportunityId,
    ParticipantId,
    Reference,
)
from infra.chassis import migrate
from infra.chassis.arrival import Handler
from infra.chassis.db import Tx, sqlalchemy_url
from infra.chassis.deadlines import Due
from infra.chassis.deliver import NotYet
from infra.chassis.outbox import OutboxRow
from infra.chassis.schema import table
from infra.chassis.sealed import make_keys_schema
from infra.chassis.service import Runtime, Service, running
from infra.chassis.settings import ServiceSettings
from tests.support.postgres import FreshDatabase

TALLY: Final = "tiny_tally"
WORK: Final = "tiny_work"
SCHEMAS: Final = (TALLY, WORK)
START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class TinySettings(ServiceSettings):
    """As any service's."""

    model_config = SettingsConfigDict(env_prefix="TINY_")


class Counted(SQLModel, table=True):
    """The projection: a person and how many profiles there were."""

    __tablename__ = "counted"
    __table_args__ = (Index("counted_reference", "reference"), {"schema": TALLY})

    id: UUID = Field(primary_key=True)
    reference: str
    profiles: int = 0
    correlation: UUID


class Mark(SQLModel, table=True):
    """One row per profile, in the order in which they were applied to the person."""

    __tablename__ = "mark"
    __table_args__ = {"schema": TALLY}

    person: UUID = Field(sa_column=Column(ForeignKey(f"{TALLY}.counted.id", ondelete="cascade"), primary_key=True))
    number: int = Field(primary_key=True)
    at: str


class Effect(SQLModel, table=True):
    """What a reaction did. Nothing keeps it from being written twice, so a test sees it if it is."""

    __tablename__ = "effect"
    __table_args__ = {"schema": WORK}

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: UUID
    key: UUID
    type: str


class Hindrance(SQLModel, table=True):
    """While this row is there, handlers of events of this key and type fail in this way."""

    __tablename__ = "hindrance"
    __table_args__ = {"schema": WORK}

    key: UUID = Field(primary_key=True)
    type: str = Field(primary_key=True)
    how: str


class Kaputt(Exception):
    """A bug in a handler."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A domain event of the tiny services: it carries the fact that leaves."""

    fact: Fact


async def _hindered(tx: Tx, fact: Fact) -> None:
    row = await tx.row(
        select(col(Hindrance.how)).where(col(Hindrance.key) == fact.key, col(Hindrance.type) == fact.TYPE)
    )
    if row is not None:
        raise {"not yet": NotYet, "kaputt": Kaputt}[row.how]


async def counted(tx: Tx, fact: intake.ParticipantRegistered) -> None:
    assert tx.cause is not None
    tx.add(Counted, id=fact.participant, reference=fact.reference, profiles=0, correlation=tx.cause.correlationid)


async def profiled(tx: Tx, fact: intake.ProfileUpdated) -> None:
    await _hindered(tx, fact)
    row = await tx.row(select(col(Counted.profiles)).where(col(Counted.id) == fact.participant))
    if row is None:
        raise NotYet
    number = row.profiles + 1
    await tx.execute(update(Counted).where(col(Counted.id) == fact.participant).values(profiles=number))
    tx.add(Mark, person=fact.participant, number=number, at=fact.at.isoformat())


async def forgotten(tx: Tx, fact: intake.ParticipantErased) -> None:
    await tx.execute(delete(Counted).where(col(Counted.id) == fact.participant))


async def answered(tx: Tx, fact: Fact) -> None:
    """The reaction: an effect, and an event of our own that is keyed by the same person."""
    await _hindered(tx, fact)
    assert tx.cause is not None
    tx.add(Effect, event_id=tx.cause.id, key=fact.key, type=fact.TYPE)
    closed = matching.OpportunityClosed(
        opportunity=OpportunityId(fact.key), agency=AgencyId("harbour-hotel"), at=fact.at
    )
    await tx.say(Stated(closed))


PROJECTIONS: Final[Mapping[str, Mapping[type[Fact], Handler]]] = {
    TALLY: {
        intake.ParticipantRegistered: counted,
        intake.ProfileUpdated: profiled,
        intake.ParticipantErased: forgotten,
    }
}
REACTIONS: Final[Mapping[type[Fact], Handler]] = {
    intake.ParticipantRegistered: answered,
    intake.ProfileUpdated: answered,
    intake.WorkRightsChanged: answered,
}


def tiny(name: str, deadlines: Mapping[str, Due] | None = None) -> Service:
    """`intake` tells only; `matching` listens."""
    listens = name == "matching"
    return Service(
        name=name,
        settings=TinySettings,
        schemas=(TALLY, WORK),
        migrations=Path(),
        outgoing={Stated: lambda stated: [stated.fact]},
        projections=PROJECTIONS if listens else {},
        reactions=REACTIONS if listens else {},
        deadlines=deadlines or {},
    )


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def with_tables(postgres: FreshDatabase) -> str:
    """A database with all tables of a tiny service."""
    url = plain(postgres())
    engine = create_engine(sqlalchemy_url(url))
    with engine.connect() as connection:
        migrate.run(migrate.CHASSIS_CHAIN, connection)
        for schema in SCHEMAS:
            connection.execute(text(f"create schema {schema}"))
        SQLModel.metadata.create_all(connection, [t for t in SQLModel.metadata.sorted_tables if t.schema in SCHEMAS])
        connection.commit()
    engine.dispose()
    return url


@dataclass
class Pair:
    """The addresses of both services and their bus."""

    settings: dict[str, TinySettings]

    @classmethod
    def clean(cls, postgres: FreshDatabase) -> "Pair":
        """One pair per test run, emptied for whoever asks next."""
        pair = _pair(postgres)
        urls = {each.get_secret_value() for one in pair.settings.values() for each in (one.database_url, one.bus_url)}
        for url in urls:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(_EMPTY)
        return pair

    @classmethod
    def make(cls, postgres: FreshDatabase) -> "Pair":
        keys, bus = plain(postgres()), plain(postgres())
        make_keys_schema(keys)
        made = {}
        for name in ("intake", "matching"):
            url = with_tables(postgres)
            made[name] = TinySettings(
                environment="test",
                database_url=SecretStr(url),
                owner_database_url=SecretStr(url),
                keys_database_url=SecretStr(keys),
                master_key=SecretStr(base64.b64encode(bytes(32)).decode()),
                bus_url=SecretStr(bus),
                identity="embedded",
                issuer="http://127.0.0.1:1",
                pool_size=4,
            )
        return cls(made)

    def on(self, bus_url: str) -> "Pair":
        """The same with another bus."""
        other = {"bus_url": SecretStr(bus_url)}
        return Pair({name: each.model_copy(update=other) for name, each in self.settings.items()})

    @asynccontextmanager
    async def running(self, name: str, deadlines: Mapping[str, Due] | None = None) -> AsyncIterator[Runtime]:
        async with running(tiny(name, deadlines), self.settings[name]) as runtime:
            yield runtime

    def environment(self, name: str, **extra: str) -> dict[str, str]:
        """The environment of a worker process: `python -m tests.support.tiny_worker <name>`."""
        kept = {key: getattr(self.settings[name], key) for key in TinySettings.model_fields}
        values = {
            key: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for key, value in kept.items()
            if value is not None
        }
        return {f"TINY_{key.upper()}": value for key, value in {**values, **extra}.items()}


_EMPTY: Final = """
do $$ begin
  execute coalesce(
    (select 'truncate ' || string_agg(format('%I.%I', schemaname, tablename), ', ') || ' restart identity'
     from pg_tables where schemaname in ('chassis', 'access', 'tiny_tally', 'tiny_work', 'bus')),
    'select 1');
end $$
"""


@cache
def _pair(postgres: FreshDatabase) -> Pair:
    return Pair.make(postgres)


def someone() -> ParticipantId:
    return ParticipantId(uuid4())


def registered(person: ParticipantId, at: int = 0) -> intake.ParticipantRegistered:
    return intake.ParticipantRegistered(
        participant=person, reference=Reference("P-7K3M-9Q2X"), agency=AgencyId("job-centre"), at=after(at)
    )


def profile(person: ParticipantId, at: int = 0) -> intake.ProfileUpdated:
    return intake.ProfileUpdated(participant=person, skills=(), languages=(), occupations=(), at=after(at))


def work_rights(person: ParticipantId) -> intake.WorkRightsChanged:
    return intake.WorkRightsChanged(
        participant=person,
        work=Allowed.YES,
        training=Allowed.YES,
        internship=Allowed.YES,
        since=START.date(),
        at=START,
    )


def erased(person: ParticipantId) -> intake.ParticipantErased:
    return intake.ParticipantErased(participant=person, at=START)


def grant(person: ParticipantId, grant_id: UUID, recipient: str = "harbour-hotel") -> intake.GrantGiven:
    return intake.GrantGiven(
        grant=GrantId(grant_id),
        participant=person,
        recipient=AgencyId(recipient),
        categories=(Category.PROFILE,),
        basis=Basis.CONSENT,
        valid_from=START - timedelta(days=3650),
        valid_until=START + timedelta(days=3650),
        at=START,
    )


def grant_ended(person: ParticipantId, grant_id: UUID, recipient: str = "harbour-hotel") -> intake.GrantEnded:
    return intake.GrantEnded(
        grant=GrantId(grant_id),
        participant=person,
        recipient=AgencyId(recipient),
        categories=(Category.PROFILE,),
        why=GrantEnd.WITHDRAWN,
        at=START,
    )


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


async def say(runtime: Runtime, *facts: Fact) -> None:
    """State facts in one transaction."""
    async with runtime.db.transaction() as tx:
        await tx.say(*map(Stated, facts))


async def hinder(runtime: Runtime, key: UUID, kind: type[Fact], how: str) -> None:
    async with runtime.db.transaction() as tx:
        tx.add(Hindrance, key=key, type=kind.TYPE, how=how)


async def mend(runtime: Runtime) -> None:
    async with runtime.db.transaction() as tx:
        await tx.execute(delete(Hindrance))


async def said(runtime: Runtime) -> list[Envelope]:
    """Everything in the outbox, in order."""
    async with runtime.db.transaction() as tx:
        rows = await tx.rows(select(col(OutboxRow.value)).order_by(col(OutboxRow.id)))
    return [Envelope.from_bytes(row.value) for row in rows]


async def effects(runtime: Runtime) -> list[UUID]:
    """The events that the reactions have acted on, in order, repeats included."""
    async with runtime.db.transaction() as tx:
        return [row.event_id for row in await tx.rows(select(col(Effect.event_id)).order_by(col(Effect.id)))]


async def tally(runtime: Runtime) -> Sequence[Any]:
    """All that the projection holds."""
    async with runtime.db.transaction() as tx:
        people = await tx.rows(select(table(Counted)).order_by(col(Counted.id)))
        marks = await tx.rows(select(table(Mark)).order_by(col(Mark.person), col(Mark.number)))
    return [*people, *marks]


async def count(runtime: Runtime, table: type[SQLModel]) -> int:
    async with runtime.db.transaction() as tx:
        [found] = (await tx.execute(select(func.count()).select_from(table))).one()
    return int(found)
