"""The main job on real servers, as `docker-compose.yml` describes the region: Kafka, Keycloak, PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psycopg
import pytest

from infra.realstack.region import realstack
from infra.realstack.stack import Stack
from infra.story.cast import Region
from infra.story.play import play
from infra.story.stage import Report
from infra.story.table import rows
from tests.support.left_out import needs
from tests.support.waiting import until

pytestmark = needs("java", "mvn")


@pytest.fixture(scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with realstack(tmp_path_factory.mktemp("real"), environment="test") as stack:
        yield stack


async def test_the_story_happens_as_told_on_the_real_servers(made: Stack) -> None:
    told: list[Report] = []
    async with httpx.AsyncClient(timeout=60) as http:
        stage = await play(Region(made, http, patience=90), tell=told.append)

    assert [report.row.number for report in told] == [row.number for row in rows()]
    assert [phrase for report in told for phrase in report.seen] == [phrase for row in rows() for phrase in row.sees]
    assert stage.journey is not None


async def test_whatever_is_killed_comes_back_on_the_same_address(made: Stack) -> None:
    for name in ("intake", "intake-worker", "postgres", "kafka"):
        await made.kill(name)
        await made.restart(name)

    async def all_ready() -> bool:
        async with httpx.AsyncClient(timeout=10) as http:
            answers = [await http.get(f"{address}/readyz") for address in made.addresses.values()]
        return all(answer.status_code == 200 for answer in answers)

    await until(all_ready, "every API is ready again", within=60)


def test_the_processes_know_what_compose_gives_them_and_nothing_else(made: Stack) -> None:
    for name, part in made.parts.items():
        assert made.settings_of(part).keys() == part.environment.keys() | {"PATH", "PYTHONUNBUFFERED"}
        assert {file.name for file in (made.folder / "secrets" / name).iterdir()} == set(part.secrets)


def test_a_password_is_asked_for(made: Stack) -> None:
    address = made.settings["intake"].database_url.get_secret_value()
    psycopg.connect(address).close()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address.replace("intake:", "intake:x", 1))


def test_no_secret_is_in_a_log(made: Stack) -> None:
    secrets = {file.read_text() for file in (made.folder / "secrets").glob("*_*") if file.is_file()}
    passwords = {secret.split(":")[2].partition("@")[0] if "://" in secret else secret for secret in secrets}

    assert len(passwords) > 10
    for log in Path(made.folder).glob("*.log"):
        text = log.read_text(errors="replace")
        assert not [password for password in passwords if len(password) > 8 and password in text], log.name
