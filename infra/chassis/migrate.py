"""Brings a service's database to the version of the code: Alembic, under a lock, with time-outs.

Two chains of migrations share a database, each with a version of its own: first the chassis' tables, one chain for all
services, then the service's. Each migration must be compatible with the release before it. The role that owns the
tables runs them; the service's own role gets rows, not tables, and may only add to the audit trail.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlmodel import SQLModel

# Their tables are the chassis' chain, whether a service imports them or not.
from infra.chassis import (  # noqa: F401
    access,
    audit,
    deadlines,
    erasures,
    freshness,
    idempotency,
    inbox,
    lanes,
    moved_clock,
    outbox,
    sealed,
)
from infra.chassis.db import lock_id, sqlalchemy_url
from infra.chassis.schema import ACCESS, CHASSIS, table
from infra.chassis.service import Service

HERE: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Chain:
    """One line of versions: where its files are, which schemas are its own, and where a database says how far it is."""

    folder: Path
    schemas: tuple[str, ...]
    version_table: str


CHASSIS_CHAIN: Final = Chain(HERE, (CHASSIS, ACCESS), "alembic_version_chassis")


def chains(service: Service) -> tuple[Chain, Chain]:
    """In the order in which they run."""
    return CHASSIS_CHAIN, Chain(service.migrations, service.schemas, "alembic_version")


def config(chain: Chain, connection: Connection | None = None) -> Config:
    """Alembic's configuration for one chain, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.set_main_option("version_locations", str(chain.folder / "versions"))
    made.set_main_option("path_separator", "newline")
    made.attributes["chain"] = chain
    made.attributes["connection"] = connection
    return made


def upgrade(service: Service, owner_url: str, role: str) -> None:
    """Run what is missing, then give the service's role its rights. Waits for another one that is at it."""
    with _connection(owner_url) as connection:
        connection.execute(text("select pg_advisory_lock(:id)"), {"id": lock_id("migrate", service.name)})
        connection.execute(text("set lock_timeout = '4s'"))
        connection.execute(text("set statement_timeout = '60s'"))
        connection.commit()
        for chain in chains(service):
            run(chain, connection)
        for schema in schemas(service):
            for right in _rights(schema, role):
                connection.execute(text(right))
        connection.execute(text(f"grant execute on all functions in schema {CHASSIS} to {role}"))
        for right in _only_add_to_the_audit_trail(role):
            connection.execute(text(right))
        connection.commit()


def run(chain: Chain, connection: Connection) -> None:
    """What is missing of one chain. The caller holds the lock."""
    command.upgrade(config(chain, connection), "head")


def schemas(service: Service) -> tuple[str, ...]:
    """All schemas of a service's database."""
    return tuple(schema for chain in chains(service) for schema in chain.schemas)


def _rights(schema: str, role: str) -> tuple[str, ...]:
    return (
        f'grant usage on schema "{schema}" to {role}',
        f'grant select, insert, update, delete on all tables in schema "{schema}" to {role}',
        f'grant usage on all sequences in schema "{schema}" to {role}',
    )


def _only_add_to_the_audit_trail(role: str) -> tuple[str, ...]:
    """No ids of its own: the sealer goes by them, and one far ahead would hide the real rows from it."""
    columns = ", ".join(column.name for column in table(audit.AuditRow).c if not column.primary_key)
    return (
        f"revoke insert, update, delete, truncate on {CHASSIS}.audit from {role}",
        f"grant insert ({columns}) on {CHASSIS}.audit to {role}",
        f"revoke update, delete, truncate on {CHASSIS}.audit_seal from {role}",
    )


def difference(chain: Chain, owner_url: str) -> list[Any]:
    """What the tables in the code have that the migrated database has not, and the reverse. Empty if they agree."""
    with _connection(owner_url) as connection:
        made = MigrationContext.configure(connection, opts=_scope(chain, connection))
        return list(compare_metadata(made, SQLModel.metadata))


def run_env() -> None:
    """The body of `migrations/env.py`."""
    attributes = context.config.attributes
    chain: Chain = attributes["chain"]
    connection: Connection = attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        version_table=chain.version_table,
        transaction_per_migration=True,
        **_scope(chain, connection),
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


def _scope(chain: Chain, connection: Connection) -> dict[str, Any]:
    """What Alembic may compare: the schemas of this chain, and the tables in them. A partition belongs to its table."""
    found = connection.execute(
        text("select relnamespace::regnamespace::text as schema, relname from pg_class where relispartition")
    )
    partitions = {(row.schema, row.relname) for row in found}

    def named(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "table":
            return (parents["schema_name"], name) not in partitions
        return kind != "schema" or name in chain.schemas

    def ours(thing: Any, _name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or thing.schema in chain.schemas

    return {"include_schemas": True, "include_name": named, "include_object": ours}


@contextmanager
def _connection(owner_url: str) -> Iterator[Connection]:
    engine = create_engine(sqlalchemy_url(owner_url))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
