"""The chassis' migrations form one chain, each service's another; together they lead to the tables of the code."""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from infra.chassis import migrate
from infra.chassis.db import sqlalchemy_url
from infra.chassis.migrate import Chain
from infra.chassis.service import Service
from infra.onebox.services import all_services
from infra.postgres import provision
from tests.support.postgres import FreshDatabase

every_service = pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
CHAINS: Mapping[str, Chain] = {
    "chassis": migrate.CHASSIS_CHAIN,
    **{service.name: migrate.chains(service)[1] for service in all_services()},
}
every_chain = pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS.keys())
[intake] = [service for service in all_services() if service.name == "intake"]
_numbers = count(1)

Files = Mapping[str, tuple[str, str | None]]
"""File name -> (revision, the one before)."""


def gaps(files: Files) -> list[str]:
    """Files that are not `0001_words.py`, `0002_words.py` and so on, each built on the one before."""
    found, before = [], None
    for number, (name, (revision, builds_on)) in enumerate(sorted(files.items()), 1):
        wanted = f"{number:04}"
        if not name.startswith(f"{wanted}_") or revision != wanted:
            found.append(f"{name}: should be number {wanted}")
        if builds_on != before:
            found.append(f"{name}: builds on {builds_on}, not on {before}")
        before = revision
    return found


def files_of(chain: Chain) -> Files:
    return {file.name: _read(file) for file in (chain.folder / "versions").glob("*.py")}


def _read(file: Path) -> tuple[str, str | None]:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.revision, module.down_revision


@every_chain
def test_migrations_are_numbered_without_a_gap(chain: Chain) -> None:
    assert files_of(chain) != {}
    assert gaps(files_of(chain)) == []


@every_chain
def test_migrations_have_one_head(chain: Chain) -> None:
    assert len(ScriptDirectory.from_config(migrate.config(chain)).get_heads()) == 1


@every_service
def test_the_migrated_database_has_the_tables_of_the_code(service: Service, postgres: FreshDatabase) -> None:
    owner = migrated(service, postgres)

    assert [migrate.difference(chain, owner) for chain in migrate.chains(service)] == [[], []]


@every_service
def test_a_service_leaves_the_tables_of_the_chassis_to_the_chassis(service: Service, postgres: FreshDatabase) -> None:
    _, own = migrate.chains(service)
    url = plain(postgres())
    with engine_of(url) as engine, engine.connect() as connection:
        migrate.run(own, connection)

        assert set(inspect(connection).get_schema_names()) >= set(own.schemas)
        assert not {"chassis", "access"} & set(inspect(connection).get_schema_names())


def test_both_chains_note_their_own_version(postgres: FreshDatabase) -> None:
    with engine_of(migrated(intake, postgres)) as engine, engine.connect() as connection:
        versions = [
            MigrationContext.configure(connection, opts={"version_table": chain.version_table}).get_current_revision()
            for chain in migrate.chains(intake)
        ]

    assert versions == [max(files_of(chain))[:4] for chain in migrate.chains(intake)]


def test_two_upgrades_at_once_take_turns(postgres: FreshDatabase) -> None:
    url, role = unmigrated(intake, postgres)

    with ThreadPoolExecutor() as both:
        list(both.map(lambda _: migrate.upgrade(intake, url, role), range(2)))

    assert [migrate.difference(chain, url) for chain in migrate.chains(intake)] == [[], []]


def test_a_column_that_no_migration_knows_is_found(postgres: FreshDatabase) -> None:
    owner = migrated(intake, postgres)
    with engine_of(owner) as engine, engine.begin() as connection:
        connection.execute(text('alter table "participant".participant drop column reference'))
        connection.execute(text('alter table "participant".participant add column mood text'))
        connection.execute(text("alter table chassis.inbox add column place text"))

    of_chassis, of_intake = (columns(migrate.difference(chain, owner)) for chain in migrate.chains(intake))

    assert of_chassis == {("remove_column", "place")}
    assert of_intake >= {("add_column", "reference"), ("remove_column", "mood")}


def test_a_gap_a_fork_and_a_wrong_number_are_found() -> None:
    assert gaps({"0001_first.py": ("0001", None), "0002_more.py": ("0002", "0001")}) == []
    assert gaps({"0001_first.py": ("0001", None), "0003_more.py": ("0003", "0001")}) == [
        "0003_more.py: should be number 0002"
    ]
    assert gaps({"0001_first.py": ("0001", None), "0002_a.py": ("0002", None)}) == [
        "0002_a.py: builds on None, not on 0001"
    ]
    assert gaps({"first.py": ("0001", None)}) == ["first.py: should be number 0001"]


def columns(found: Sequence[Any]) -> set[tuple[str, str]]:
    return {(change[0], change[3].name) for change in found if isinstance(change, tuple) and len(change) == 4}


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = create_engine(sqlalchemy_url(url))
    try:
        yield engine
    finally:
        engine.dispose()


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def migrated(service: Service, fresh: FreshDatabase) -> str:
    """A new database brought to today's version; its URL for the owner."""
    url, role = unmigrated(service, fresh)
    migrate.upgrade(service, url, role)
    return url


def unmigrated(service: Service, fresh: FreshDatabase) -> tuple[str, str]:
    """An empty database, its URL for the owner, and the role that gets the rows."""
    url = plain(fresh())
    role = f"rows_{service.name}_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        provision.make_role(connection, role, None)
    return url, role
