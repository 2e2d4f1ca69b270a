"""A region on one machine: PostgreSQL, issuer, trace receiver and the services, with nothing installed but Python.

The services run in this process, or each as its own two processes (`apart=True`, see `apart.py`), with the same
settings either way. One origin serves all: `/intake`, `/matching`, `/referrals`, `/notifications`, `/identity`,
`/traces`, `/mail`; the desk has an origin of its own, as it would have in a region.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from contracts.topics import SERVICES
from infra.chassis import moved_clock
from infra.chassis.api import create_api
from infra.chassis.db import sqlalchemy_url
from infra.chassis.identity.embedded.app import IssuerSettings, issuer_app
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.embedded.store import IssuerStore
from infra.chassis.service import running
from infra.chassis.serving import KEEP_ALIVE
from infra.chassis.settings import Environment
from infra.chassis.worker import keep_current, supervise
from infra.onebox import apart as own_processes
from infra.onebox import desk as web_desk
from infra.onebox import postgres
from infra.onebox.front_page import front_page
from infra.onebox.layout import HOST, PEOPLE, WHERE, Box
from infra.onebox.mail import MailCatcher, mail_app
from infra.onebox.ports import free_port, is_free
from infra.onebox.postgres import PostgresServer
from infra.onebox.provisioning import provision
from infra.onebox.services import all_services
from infra.onebox.traces.app import receiver_app
from services.desk.settings import DeskSettings

PATIENCE: Final = 2
"""Seconds that open requests get when the region stops."""


@asynccontextmanager
async def box(
    folder: Path,
    *,
    port: int = 0,
    environment: Environment = "demo",
    apart: bool = False,
    keep: bool = True,
    services: tuple[str, ...] = SERVICES,
    realm: str | None = None,
    extra: Mapping[str, Any] | None = None,
    behind: timedelta = timedelta(0),
) -> AsyncIterator[Box]:
    """Start a region over `folder`; everything stops when the block ends.

    `port` 0 takes a free one; `keep=False` deletes the data in the end. `realm` is the issuer of a Keycloak with the
    demo's people, used instead of the embedded issuer. `extra` are settings for every service, for
    tests. In a new region in one process business time begins `behind` the machine's. Raises RuntimeError with what to
    do if the port is taken.
    """
    made = Box(await asyncio.to_thread(_made, folder), port or free_port(), environment, all_services(services))
    made.realm = realm
    if set(services) == set(SERVICES):
        made.desk_port = port + 1 if port else free_port()
    _refuse_to_disturb(made)
    server = await asyncio.to_thread(postgres.start, made.folder / "postgres", keep=keep)
    try:
        made.mail = MailCatcher(made.folder / "mails", free_port())
        # Only notifications has these settings; the others pass them over.
        settings = {"smtp_url": SecretStr(made.mail.url), "desk_url": made.desk, **(extra or {})}
        await asyncio.to_thread(provision, server, made, apart=apart, extra=settings)
        desk_settings = await asyncio.to_thread(web_desk.provision, server, made) if made.desk_port else None
        (made.folder / WHERE).write_text(
            json.dumps(
                {
                    "origin": made.origin,
                    "desk": made.desk,
                    "identity": made.identity,
                    "issuer": made.issuer,
                    "addresses": made.addresses,
                }
            )
        )
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_origin(server, made, apart, behind))
            if apart:
                await stack.enter_async_context(own_processes.started(made))
            if desk_settings is not None:
                await stack.enter_async_context(_desk(made, desk_settings, apart))
            yield made
    finally:
        (made.folder / WHERE).unlink(missing_ok=True)
        await asyncio.to_thread(server.cleanup)


def _refuse_to_disturb(made: Box) -> None:
    """Raises RuntimeError if a region runs over this folder already, or somebody else has the port."""
    where = made.folder / WHERE
    if where.exists():
        origin = json.loads(where.read_text())["origin"]
        if not is_free(int(origin.rpartition(":")[2])):
            raise RuntimeError(f"A region runs over {made.folder} at {origin} already: stop that one first (Ctrl-C).")
    for port in filter(None, (made.port, made.desk_port)):
        if not is_free(port):
            raise RuntimeError(f"Port {port} is taken: free it, or choose another one with --port.")


def _made(folder: Path) -> Path:
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@asynccontextmanager
async def _origin(server: PostgresServer, made: Box, apart: bool, behind: timedelta) -> AsyncIterator[None]:
    """One server for issuer, traces and, unless they run apart, the services with their workers."""
    async with AsyncExitStack() as stack:
        receiver = receiver_app(sqlalchemy_url(postgres.url(server, "lotse_traces", "traces")))
        await stack.enter_async_context(receiver.router.lifespan_context(receiver))
        mounts: list[BaseRoute] = [Route("/", front_page(made)), Mount("/traces", receiver)]
        if made.identity == "embedded":
            mounts.append(Mount("/identity", await stack.enter_async_context(_issuer(server, made))))
        if made.mail is not None:
            await stack.enter_async_context(made.mail.catching())
            mounts.append(Mount("/mail", mail_app(made.mail)))
        for service in () if apart else made.services:
            runtime = await stack.enter_async_context(running(service, made.settings[service.name]))
            await moved_clock.begin(runtime.db, runtime.clock, behind)
            made.runtimes[service.name] = runtime
            mounts.append(Mount(f"/{service.name}", create_api(runtime)))
        await stack.enter_async_context(listening(Starlette(routes=mounts), made.port))
        for runtime in made.runtimes.values():
            await stack.enter_async_context(keep_current(runtime))
            await stack.enter_async_context(_beside(supervise(runtime)))
        yield


@asynccontextmanager
async def _desk(made: Box, settings: DeskSettings, apart: bool) -> AsyncIterator[None]:
    """The desk, in this process or its own."""
    if apart:
        async with web_desk.process(made, settings):
            yield
    else:
        async with web_desk.app(settings) as app, listening(app, settings.port):
            yield


@asynccontextmanager
async def _issuer(server: PostgresServer, made: Box) -> AsyncIterator[FastAPI]:
    """The embedded issuer with the demo's people."""
    engine = create_async_engine(sqlalchemy_url(postgres.url(server, "lotse_issuer", "issuer")), pool_size=3)
    try:
        app = issuer_app(IssuerSettings(made.issuer, made.environment), load_people(PEOPLE), IssuerStore(engine))
        await app.state.issuer.prepare()
        yield app
    finally:
        await engine.dispose()


@asynccontextmanager
async def listening(app: Starlette, port: int) -> AsyncIterator[None]:
    """Serve `app` on a port of this machine while the block runs."""
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=PATIENCE,  # open streams don't end by themselves
    )
    server = uvicorn.Server(config)
    # serve() would take over this process's signals, which belong to whoever started the region.
    serving = asyncio.create_task(server._serve())
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def _beside(work: Awaitable[None]) -> AsyncIterator[None]:
    """Run `work` while the block runs."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
