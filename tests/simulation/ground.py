"""The databases under a simulated region: made once per process, emptied for every seed.

Real PostgreSQL with the services' own migrations and roles; what a crash of the machine would need (fsync) is off.
"""

import base64
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import namedtuple_row
from pydantic import SecretStr

from infra.chassis.databases import migrate
from infra.chassis.service import Service
from infra.chassis.settings import ServiceSettings
from infra.onebox import postgres
from infra.onebox.postgres import PostgresServer
from infra.onebox.services import all_services
from infra.postgres import provision

FAST: Final = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
jit = off
max_wal_size = 4GB
"""
EFFECTS: Final = """
create schema simulation;
create table simulation.effect (
  n bigint generated always as identity primary key, consumer text not null, topic text not null, key uuid not null,
  event_id uuid not null, type text not null);
grant usage on schema simulation to {role};
grant insert, select on simulation.effect to {role};
"""
_FULL: Final = """
select format('%I.%I', schemaname, tablename) from pg_tables
where schemaname not in ('pg_catalog', 'information_schema') and tablename not like 'alembic_version%'
"""


@dataclass(frozen=True)
class Ground:
    """Four databases with their tables, and the way in."""

    server: PostgresServer
    services: tuple[Service, ...]
    _tables: dict[str, list[str]]
    _doors: dict[str, Any]

    def url(self, database: str, role: str) -> str:
        uri = self.server.get_uri(database=database)
        return str(uri).replace("postgresql://postgres:@", f"postgresql://{role}@", 1)

    def settings(self, service: Service) -> ServiceSettings:
        name = service.name
        return service.settings(
            environment="test",
            database_url=SecretStr(self.url(f"lotse_{name}", name)),
            owner_database_url=SecretStr(self.url(f"lotse_{name}", f"{name}_owner")),
            keys_database_url=SecretStr(self.url(f"lotse_{name}_keys", name)),
            master_key=SecretStr(base64.b64encode(bytes(32)).decode()),
            bus_url=SecretStr(self.url(f"lotse_{name}", name)),
            identity="embedded",
            issuer="http://127.0.0.1:1",
            pool_size=2,
        )

    def read(self, service: str, query: str, *values: object) -> list[Any]:
        """Rows of a service's database, as they are committed now."""
        door = self._doors[f"lotse_{service}"]
        with door.cursor(row_factory=namedtuple_row) as cursor:
            return list(cursor.execute(query, values or None))

    def clear(self) -> None:
        """Empty every table that holds anything, and begin counting anew."""
        for database, door in self._doors.items():
            names = self._tables[database]
            query = " union all ".join(f"select {n} where exists (select from {name})" for n, name in enumerate(names))  # noqa: S608
            full = [names[row[0]] for row in door.execute(query)]
            if full:
                door.execute(f"truncate {', '.join(full)} restart identity cascade")


@cache
def ground() -> Ground:
    """This process's own server; it stops and is deleted with the process."""
    server = postgres.start(Path(tempfile.mkdtemp(prefix="lotse-simulation-")), keep=False, configuration=FAST)
    made = Ground(server, all_services(), {}, {})
    for service in made.services:
        _make(made, service)
    return made


def _make(made: Ground, service: Service) -> None:
    name = service.name
    provision.service_databases(made.server.get_uri(), name)
    migrate(service, made.url(f"lotse_{name}", f"{name}_owner"), made.url(f"lotse_{name}_keys", f"{name}_owner"))
    for database in (f"lotse_{name}", f"lotse_{name}_keys"):
        door = psycopg.connect(made.server.get_uri(database=database), autocommit=True)
        if database == f"lotse_{name}":
            door.execute(EFFECTS.format(role=name).encode())
        made._doors[database] = door
        made._tables[database] = [row[0] for row in door.execute(_FULL)]
