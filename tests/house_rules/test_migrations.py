"""Each service's migrations form one chain, and lead to the tables that the code expects."""

import importlib.util
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from infra.chassis import migrate
from infra.chassis.db import sqlalchemy_url
from infra.chassis.service import Service
from infra.onebox.services import all_services
from infra.postgres import provision
from tests.support.postgres import FreshDatabase, postgres

__all__ = ["postgres"]

every_service = pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
_numbers = count(1)

Chain = Mapping[str, tuple[str, str | None]]
"""File name -> (revision, the one before)."""


def gaps(chain: Chain) -> list[str]:
    """Files that are not `0001_words.py`, `0002_words.py` and so on, each built on the one before."""
    found, before = [], None
    for number, (name, (revision, builds_on)) in enumerate(sorted(chain.items()), 1):
        wanted = f"{number:04}"
        if not name.startswith(f"{wanted}_") or revision != wanted:
            found.append(f"{name}: should be number {wanted}")
        if builds_on != before:
            found.append(f"{name}: builds on {builds_on}, not on {before}")
        before = revision
    return found


def chain_of(service: Service) -> Chain:
    return {file.name: _read(file) for file in (service.migrations / "versions").glob("*.py")}


def _read(file: Path) -> tuple[str, str | None]:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.revision, module.down_revision


@every_service
def test_migrations_are_numbered_without_a_gap(service: Service) -> None:
    assert chain_of(service) != {}
    assert gaps(chain_of(service)) == []


@every_service
def test_migrations_have_one_head(service: Service) -> None:
    assert len(ScriptDirectory.from_config(migrate.config(service)).get_heads()) == 1


@every_service
def test_the_migrated_database_has_the_tables_of_the_code(service: Service, postgres: FreshDatabase) -> None:
    owner = migrated(service, postgres)

    assert migrate.difference(service, owner) == []


def test_a_column_that_no_migration_knows_is_found(postgres: FreshDatabase) -> None:
    [intake] = [service for service in all_services() if service.name == "intake"]
    owner = migrated(intake, postgres)
    engine = create_engine(sqlalchemy_url(owner))
    with engine.begin() as connection:
        connection.execute(text('alter table "participant".participant drop column reference'))
        connection.execute(text('alter table "participant".participant add column mood text'))
    engine.dispose()

    found = migrate.difference(intake, owner)

    assert {(change[0], change[3].name) for change in found if isinstance(change, tuple) and len(change) == 4} >= {
        ("add_column", "reference"),
        ("remove_column", "mood"),
    }


def test_a_gap_a_fork_and_a_wrong_number_are_found() -> None:
    assert gaps({"0001_first.py": ("0001", None), "0002_more.py": ("0002", "0001")}) == []
    assert gaps({"0001_first.py": ("0001", None), "0003_more.py": ("0003", "0001")}) == [
        "0003_more.py: should be number 0002"
    ]
    assert gaps({"0001_first.py": ("0001", None), "0002_a.py": ("0002", None)}) == [
        "0002_a.py: builds on None, not on 0001"
    ]
    assert gaps({"first.py": ("0001", None)}) == ["first.py: should be number 0001"]


def migrated(service: Service, fresh: FreshDatabase) -> str:
    """A new database brought to today's version; its URL for the owner."""
    url = fresh().replace("postgresql+psycopg://", "postgresql://", 1)
    role = f"rows_{service.name}_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        provision.make_role(connection, role, None)
    migrate.upgrade(service, url, role)
    return url
