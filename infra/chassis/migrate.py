"""Brings a service's database to the version of the code: Alembic, under a lock, with time-outs.

Each service has its own chain of migrations; each must be compatible with the release before it. The role that owns the
tables runs them; the service's own role gets rows, not tables, and may only add to the audit trail.
"""

from typing import Any, Final

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlmodel import SQLModel

from infra.chassis import moved_clock  # noqa: F401 - its table belongs to every service, and no service imports it
from infra.chassis.db import lock_id, sqlalchemy_url
from infra.chassis.schema import ACCESS, CHASSIS
from infra.chassis.service import Service

VERSIONS: Final = "alembic_version"


def config(service: Service, connection: Connection | None = None) -> Config:
    """Alembic's configuration for one service, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(service.migrations))
    made.attributes["service"] = service
    made.attributes["connection"] = connection
    return made


def upgrade(service: Service, owner_url: str, role: str) -> None:
    """Run what is missing, then give the service's role its rights. Waits for another one that is at it."""
    engine = create_engine(sqlalchemy_url(owner_url))
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:id)"), {"id": lock_id("migrate", service.name)})
            connection.execute(text("set lock_timeout = '4s'"))
            connection.execute(text("set statement_timeout = '60s'"))
            connection.commit()
            command.upgrade(config(service, connection), "head")
            for schema in schemas(service):
                for right in _rights(schema, role):
                    connection.execute(text(right))
            connection.execute(
                text(f"revoke update, delete, truncate on {CHASSIS}.audit, {CHASSIS}.audit_seal from {role}")
            )
            connection.commit()
    finally:
        engine.dispose()


def schemas(service: Service) -> tuple[str, ...]:
    """All schemas of a service's database."""
    return (CHASSIS, ACCESS, *service.schemas)


def _rights(schema: str, role: str) -> tuple[str, ...]:
    return (
        f'grant usage on schema "{schema}" to {role}',
        f'grant select, insert, update, delete on all tables in schema "{schema}" to {role}',
        f'grant usage on all sequences in schema "{schema}" to {role}',
    )


def difference(service: Service, owner_url: str) -> list[Any]:
    """What the tables in the code have that the migrated database has not, and the reverse. Empty if they agree."""
    engine = create_engine(sqlalchemy_url(owner_url))
    try:
        with engine.connect() as connection:
            options = {"include_schemas": True, "include_name": _named(service), "include_object": _ours(service)}
            found = compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata)
    finally:
        engine.dispose()
    return list(found)


def run_env() -> None:
    """The body of each service's `migrations/env.py`."""
    attributes = context.config.attributes
    service: Service = attributes["service"]
    connection: Connection = attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_schemas=True,
        include_name=_named(service),
        include_object=_ours(service),
        version_table=VERSIONS,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


def _named(service: Service) -> Any:
    ours = set(schemas(service))

    def include(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "schema" or name in ours

    return include


def _ours(service: Service) -> Any:
    ours = set(schemas(service))

    def include(thing: Any, _name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or thing.schema in ours

    return include
