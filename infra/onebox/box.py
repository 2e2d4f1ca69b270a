"""A region on one machine: PostgreSQL, issuer, trace receiver and the services, with nothing installed but Python.

The services run in this process, or each as its own two processes (`apart=True`), with the same settings either way. One
origin serves all: `/intake`, `/matching`, `/referrals`, `/notifications`, `/identity`, `/traces`.
"""

import asyncio
import base64
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import uvicorn
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from contracts.topics import SERVICES
from infra.chassis.api import create_api
from infra.chassis.db import sqlalchemy_url
from infra.chassis.identity.embedded.app import IssuerSettings, issuer_app
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.embedded.store import IssuerStore
from infra.chassis.migrate import upgrade
from infra.chassis.sealed import make_keys_schema
from infra.chassis.service import Runtime, Service, running
from infra.chassis.settings import Environment, ServiceSettings
from infra.chassis.worker import keep_current, supervise
from infra.onebox import postgres
from infra.onebox.ports import free_port
from infra.onebox.services import all_services
from infra.onebox.traces.app import receiver_app
from infra.postgres import provision

PEOPLE: Final = Path(__file__).parent / "people.yaml"
HOST: Final = "127.0.0.1"
DEMO_SECRET: Final = "demo-only-{service}-secret"


@dataclass
class Box:
    """A running region: where everything is."""

    folder: Path
    port: int
    addresses: dict[str, str]
    """Service -> base address of its API."""
    settings: dict[str, ServiceSettings]
    runtimes: dict[str, Runtime] = field(default_factory=dict)
    """Only where the services run in this process."""
    services: tuple[Service, ...] = ()
    processes: dict[tuple[str, str], asyncio.subprocess.Process] = field(default_factory=dict)
    """(service, `main` or `worker`) -> process; only where they run apart."""

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def issuer(self) -> str:
        return f"{self.origin}/identity"

    @property
    def traces(self) -> str:
        return f"{self.origin}/traces"


@asynccontextmanager
async def box(
    folder: Path,
    *,
    port: int = 0,
    environment: Environment = "demo",
    apart: bool = False,
    keep: bool = True,
    services: tuple[str, ...] = SERVICES,
    extra: Mapping[str, Any] | None = None,
) -> AsyncIterator[Box]:
    """Start a region over `folder`; everything stops when the block ends.

    `port` 0 takes a free one. `extra` are further settings for every service, for tests.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    server = await asyncio.to_thread(postgres.start, folder / "postgres", keep=keep)
    try:
        made = Box(folder, port or free_port(), {}, {}, services=all_services(services))
        await asyncio.to_thread(_provision, server, made, environment, apart, dict(extra or {}))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_origin(server, made, environment, apart))
            if apart:
                await stack.enter_async_context(_apart(made))
            yield made
    finally:
        await asyncio.to_thread(server.cleanup)


def _provision(server: Any, made: Box, environment: Environment, apart: bool, extra: dict[str, Any]) -> None:
    """Databases, roles, tables and settings."""
    admin = server.get_uri()
    for name in ("bus", "issuer", "traces"):
        provision.database(admin, f"lotse_{name}", name)
    for service in made.services:
        name = service.name
        provision.service_databases(admin, name)
        owner = postgres.url(server, f"lotse_{name}", f"{name}_owner")
        upgrade(service, owner, name)
        keys = postgres.url(server, f"lotse_{name}_keys", name)
        make_keys_schema(keys)
        port = free_port() if apart else made.port
        made.addresses[name] = f"http://{HOST}:{port}" if apart else f"{made.origin}/{name}"
        made.settings[name] = service.settings(
            environment=environment,
            database_url=SecretStr(postgres.url(server, f"lotse_{name}", name)),
            owner_database_url=SecretStr(owner),
            keys_database_url=SecretStr(keys),
            master_key=SecretStr(_master_key(made.folder, name)),
            bus_url=SecretStr(postgres.url(server, "lotse_bus", "bus")),
            issuer=made.issuer,
            client_secret=SecretStr(DEMO_SECRET.format(service=name)),
            otlp_url=made.traces,
            host=HOST,
            port=port,
            **extra,
        )


def _master_key(folder: Path, service: str) -> str:
    """Made at first start, readable by this user only."""
    path = folder / f"{service}.master-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(os.urandom(32)).decode())
    return path.read_text()


@asynccontextmanager
async def _origin(server: Any, made: Box, environment: Environment, apart: bool) -> AsyncIterator[None]:
    """One server for issuer, traces and, unless they run apart, the services with their workers."""
    async with AsyncExitStack() as stack:
        engine = create_async_engine(sqlalchemy_url(postgres.url(server, "lotse_issuer", "issuer")), pool_size=3)
        stack.push_async_callback(engine.dispose)
        issuer = issuer_app(IssuerSettings(made.issuer, environment), load_people(PEOPLE), IssuerStore(engine))
        await issuer.state.issuer.prepare()
        receiver = receiver_app(sqlalchemy_url(postgres.url(server, "lotse_traces", "traces")))
        await stack.enter_async_context(receiver.router.lifespan_context(receiver))
        mounts: list[BaseRoute] = [Mount("/identity", issuer), Mount("/traces", receiver)]
        if not apart:
            for service in made.services:
                runtime = await stack.enter_async_context(running(service, made.settings[service.name]))
                made.runtimes[service.name] = runtime
                mounts.append(Mount(f"/{service.name}", create_api(runtime)))
        await stack.enter_async_context(_listening(Starlette(routes=mounts), made.port))
        if not apart:
            for runtime in made.runtimes.values():
                await stack.enter_async_context(keep_current(runtime))
                await stack.enter_async_context(_task(supervise(runtime)))
        yield


@asynccontextmanager
async def _listening(app: Any, port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(app, host=HOST, port=port, log_config=None, access_log=False, lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - serve() would take over this process's signals
    while not server.started:
        if serving.done():
            serving.result()
            raise RuntimeError(f"port {port} can't be used: choose another one with --port")
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def _task(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _apart(made: Box) -> AsyncIterator[None]:
    """Each service as its own two processes."""
    try:
        for service in made.services:
            for part in ("main", "worker"):
                await start_process(made, service, part)
        for service in made.services:
            await _answering(made, service)
        yield
    finally:
        for process in made.processes.values():
            if process.returncode is None:
                process.terminate()
        for process in made.processes.values():
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def start_process(made: Box, service: Service, part: str, **extra: str) -> asyncio.subprocess.Process:
    """Start `python -m services.<name>.<part>` with the box's settings; its output goes to a log file."""
    prefix = service.settings.model_config["env_prefix"]
    environment = {
        **os.environ,
        **{f"{prefix}{key.upper()}": value for key, value in _plain(made.settings[service.name]).items()},
        **{f"{prefix}{key.upper()}": value for key, value in extra.items()},
    }
    with (made.folder / f"{service.name}.{part}.log").open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"services.{service.name}.{part}",
            env=environment,
            stdout=output,
            stderr=output,
            cwd=Path(__file__).parents[2],
        )
    made.processes[service.name, part] = process
    return process


async def _answering(made: Box, service: Service) -> None:
    """Wait until the API answers, or say why it never will."""
    async with httpx.AsyncClient() as http:
        for _ in range(300):
            process = made.processes[service.name, "main"]
            if process.returncode is not None:
                log = made.folder / f"{service.name}.main.log"
                raise RuntimeError(f"{service.name} ended at once; its log: {log}")
            with suppress(httpx.HTTPError):
                if (await http.get(f"{made.addresses[service.name]}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{service.name} did not get ready within 30 s")


def _plain(settings: ServiceSettings) -> dict[str, str]:
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }


def forget(folder: Path) -> None:
    """Delete a stopped region."""
    shutil.rmtree(folder, ignore_errors=True)
