"""The desk of a region on one machine: its database and settings, and the desk itself beside the services."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr

from infra.onebox import apart, postgres
from infra.onebox.layout import HOST, Box
from infra.onebox.postgres import PostgresServer
from infra.onebox.provisioning import DEMO_SECRET, keep_text, master_key
from infra.postgres.provision import desk_database
from services.desk.app import create_app
from services.desk.desk import opened
from services.desk.session import schema
from services.desk.settings import DeskSettings


def provision(server: PostgresServer, made: Box) -> DeskSettings:
    """Idempotent. Writes the settings down, for the desk's own process."""
    desk_database(server.get_uri())
    schema.prepare(postgres.url(server, "lotse_desk", "desk_owner"), "desk")
    values: dict[str, Any] = {
        "environment": made.environment,
        "url": made.desk,
        "database_url": SecretStr(postgres.url(server, "lotse_desk", "desk")),
        "master_key": SecretStr(master_key(made.folder / "desk.master-key")),
        "issuer": made.issuer,
        "client_secret": SecretStr(DEMO_SECRET.format(service="desk")),
        "otlp_url": made.traces,
        "traces_url": made.traces,
        "host": HOST,
        "port": made.desk_port,
        # A page of a test that waited in vain would tell of the machine, not of the page.
        "call_seconds": 20 if made.environment == "test" else 3,
    }
    addresses = {f"{name}_url": address for name, address in made.addresses.items()}
    settings = DeskSettings(**values | addresses)
    keep_text(made.folder / "desk.env", "".join(f"{name}={value}\n" for name, value in variables(settings).items()))
    return settings


def variables(settings: DeskSettings) -> dict[str, str]:
    """The settings as environment variables."""
    values = {name: getattr(settings, name) for name in DeskSettings.model_fields}
    return {
        f"DESK_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }


@asynccontextmanager
async def app(settings: DeskSettings) -> AsyncIterator[FastAPI]:
    """In this process."""
    async with opened(settings) as desk:
        yield create_app(desk)


@asynccontextmanager
async def process(made: Box, settings: DeskSettings) -> AsyncIterator[None]:
    """In its own, as in a deployment: `python -m services.desk.main`."""
    log = made.folder / "desk.main.log"
    command = [sys.executable, "-m", "services.desk.main"]
    started = await apart.spawn(command, {**os.environ, **variables(settings)}, log)
    made.processes["desk", "main"] = started
    try:
        await apart.ready(f"{made.desk}/readyz", started, log)
        yield
    finally:
        await apart.stop([made.processes["desk", "main"]])
