"""Starts a region on real servers and stops it again: `realstack()`, behind `lotse realstack` and the tests."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from infra import secret_files
from infra.chassis.db import sqlalchemy_url
from infra.chassis.settings import Environment, ServiceSettings
from infra.onebox.box import listening
from infra.onebox.front_page import front_page
from infra.onebox.layout import HOST, PEOPLE, WHERE
from infra.onebox.mail import MailCatcher, mail_app
from infra.onebox.ports import free_port
from infra.onebox.provisioning import keep_settings
from infra.onebox.services import all_services
from infra.onebox.traces.app import receiver_app
from infra.postgres import provision
from infra.realstack import compose
from infra.realstack.kafka import kafka
from infra.realstack.keycloak import keycloak
from infra.realstack.postgres import Postgres, postgres
from infra.realstack.stack import LEFT_OUT, Stack, Tell, first_failure, lay_out, start_all, stopped_at_the_end

ORIGIN: Final = "http://lotse.localhost:8080"
"""The default of LOTSE_ORIGIN in `docker-compose.yml`."""
CLIENTS: Final = {
    "intake-service": "intake_client_secret",
    "notifications-service": "notifications_client_secret",
    "lotse-desk": "desk_client_secret",
    "lotse-admin": "admin_client_secret",
}
"""Client of the realm -> the file of its secret."""


@asynccontextmanager
async def realstack(
    folder: Path,
    *,
    port: int = 0,
    environment: Environment = "demo",
    extra: Mapping[str, str] | None = None,
    tell: Tell = lambda _: None,
) -> AsyncIterator[Stack]:
    """A fresh region on real servers, with the demo's people; everything stops when the block ends.

    Logs, secrets and mails are in `folder`. `port` 0 takes a free one. `extra` are settings for the processes of every
    service, without prefix, for tests. Raises `maven.NotInstalled` where Java or Maven
    is missing, RuntimeError with the end of a log where something does not get ready.
    """
    document = compose.read({"LOTSE_ENVIRONMENT": environment, "LOTSE_REGION": "demo-region"})
    drawn = _drawn(folder, document["secrets"])
    ours = compose.ours(document)
    made = Stack(
        drawn.parent,
        port or free_port(),
        environment,
        all_services(),
        parts={name: part for name, part in ours.items() if name not in LEFT_OUT},
        command_line=ours["lotse"],
        extra=extra or {},
    )
    kept = partial(_kept, drawn)
    clients = {client: kept(name) for client, name in CLIENTS.items()}
    async with AsyncExitStack() as stack:
        # Keycloak takes longest; the other two start beside it.
        async with first_failure(), asyncio.TaskGroup() as tasks:
            opening = (
                tasks.create_task(stack.enter_async_context(postgres(password=kept("postgres_password"), tell=tell))),
                tasks.create_task(stack.enter_async_context(kafka(secured=True, tell=tell))),
                tasks.create_task(
                    stack.enter_async_context(keycloak(desk_url=made.origin, secrets=clients, people=PEOPLE, tell=tell))
                ),
            )
        database, bus, identity = opening[0].result(), opening[1].result(), opening[2].result()
        (drawn / "kafka_admin_password").write_text(bus.password)
        made.servers = {"postgres": database, "kafka": bus}
        made.realm = identity.issuer
        await stack.enter_async_context(_front(made, database))
        made.table = {
            secret_files.POSTGRES: f"{HOST}:{database.port}",
            "kafka:9092": f"{HOST}:{bus.port}",
            "http://jaeger:4318": made.traces,
            "mail:1025": f"{HOST}:{made.mail.port if made.mail else 0}",
            f"{ORIGIN}/identity": identity.url,
            "http://keycloak:8080/identity": identity.url,
            ORIGIN: made.origin,
            "0.0.0.0": HOST,  # noqa: S104 - what is to be replaced
        }
        for part in (*made.parts.values(), made.command_line):
            lay_out(made, part)
        for service in made.services:
            made.addresses[service.name] = f"http://{HOST}:{made.ports[service.name, '8000']}"
        await stack.enter_async_context(stopped_at_the_end(made))
        await start_all(made, tell)
        for service in made.services:
            made.settings[service.name] = _settings(made, service.name, drawn)
            keep_settings(made, service)
        (folder / WHERE).write_text(
            json.dumps(
                {
                    "origin": made.origin,
                    "identity": made.identity,
                    "issuer": made.issuer,
                    "addresses": made.addresses,
                }
            )
        )
        try:
            yield made
        finally:
            (folder / WHERE).unlink(missing_ok=True)


@asynccontextmanager
async def _front(made: Stack, database: Postgres) -> AsyncIterator[None]:
    """What stands in for Jaeger and the mail server, and the page that says where everything is."""
    provision.database(database.url, "lotse_traces", "traces", database.password)
    url = database.url.replace("postgres:", "traces:", 1).replace("/postgres", "/lotse_traces")
    receiver = receiver_app(sqlalchemy_url(url))
    made.mail = MailCatcher(made.folder / "mails", free_port())
    routes: list[BaseRoute] = [
        Route("/", front_page(made)),
        Mount("/traces", receiver),
        Mount("/mail", mail_app(made.mail)),
    ]
    async with (
        receiver.router.lifespan_context(receiver),
        made.mail.catching(),
        listening(Starlette(routes=routes), made.port),
    ):
        yield


def _kept(drawn: Path, name: str) -> str:
    return (drawn / name).read_text(encoding="utf-8")


def _drawn(folder: Path, names: Iterable[str]) -> Path:
    """The folder with all secrets, fresh ones where there are none."""
    drawn = folder.resolve() / secret_files.FOLDER
    secret_files.draw(names, drawn)
    return drawn


def _settings(made: Stack, name: str, drawn: Path) -> ServiceSettings:
    """The settings of a service's API with the owners' addresses, for whoever maintains the region."""
    [service] = [each for each in made.services if each.name == name]
    prefix = f"{name}_"
    values = {key.lower(): value for key, value in made.settings_of(made.parts[name]).items()}
    values |= {file.name: made.here(file.read_text(), name) for file in drawn.glob(f"{prefix}*")}
    return service.settings.model_validate(
        {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}
    )
