"""A real PostgreSQL for the tests, from a wheel: one server per test run, a fresh database for whoever asks."""

import tempfile
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest

from infra.onebox import postgres as onebox
from infra.onebox.postgres import PostgresServer

FreshDatabase = Callable[[], str]
"""Makes an empty database; gives its SQLAlchemy URL (`postgresql+psycopg://...`)."""

_numbers = count(1)


@cache
def _server() -> PostgresServer:
    return onebox.start(Path(tempfile.mkdtemp(prefix="lotse-postgres-")), keep=False)


@pytest.fixture(scope="session")
def postgres() -> FreshDatabase:
    """A function that makes an empty database and gives its URL."""
    server = _server()

    def fresh() -> str:
        name = f"test_{next(_numbers)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return server.get_uri(database=name, driver="psycopg")

    return fresh
