"""Starts a region on real servers and stops it again: `realstack()`, behind `lotse realstack` and the tests."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

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
from infra.realstack import compose, maven
from infra.realstack.kafka import kafka
from infra.realstack.keycloak import keycloak
from infra.realstack.postgres import Postgres, postgres
from infra.realstack.proxy import proxy
from infra.realstack.stack import LEFT_OUT, Stack, Tell, first_failure, lay_out, start_all, stopped_at_the_end

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
    tls: bool = False,
    extra: Mapping[str, str] | None = None,
    tell: Tell = lambda _: None,
) -> AsyncIterator[Stack]:
    """A fresh region on real servers, with the demo's people; everything stops when the block ends.

    Logs, secrets and mails are in `folder`. `port` 0 takes a free one for the page that says where everything is; the
    region's own origin has another one. With `tls` that origin is encrypted; `proxy.authority` tells what clients must
    trust then. `extra` are settings for the processes of every service, without prefix, for tests. Raises
    `maven.NotInstalled` where Java, Maven or Caddy is missing, RuntimeError with the end of a log where something does
    not get ready.
    """
    maven.programs("java", "mvn", "caddy")
    public = f"https://localhost:{free_port()}" if tls else f"http://{HOST}:{free_port()}"
    variables = {"LOTSE_ENVIRONMENT": environment, "LOTSE_REGION": "demo-region", "LOTSE_ORIGIN": public}
    document = compose.read(variables)
    drawn = _drawn(folder, document["secrets"])
    ours = compose.ours(document)
    made = Stack(
        drawn.parent,
        port or free_port(),
        environment,
        all_services(),
        parts={name: part for name, part in ours.items() if name not in LEFT_OUT},
        command_line=ours["lotse"],
        public=public,
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
                    stack.enter_async_context(
                        keycloak(public=public, desk_url=public, secrets=clients, people=PEOPLE, tell=tell)
                    )
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
            "jaeger:16686": f"{HOST}:{made.port}",
            "mail:8025": f"{HOST}:{made.port}",
            "keycloak:8080": identity.address,
            "0.0.0.0": HOST,  # noqa: S104 - what is to be replaced
        }
        for part in (*made.parts.values(), made.command_line):
            lay_out(made, part)
        made.table |= {f"{name}:{there}": f"{HOST}:{here}" for (name, there), here in made.ports.items()}
        for service in made.services:
            made.addresses[service.name] = f"http://{made.table[f'{service.name}:8000']}"
        await stack.enter_async_context(stopped_at_the_end(made))
        await start_all(made, tell)
        await stack.enter_async_context(proxy(folder, _of_the_proxy(made, document)))
        tell(f"The region's origin is {public}.")
        for service in made.services:
            made.settings[service.name] = _settings(made, service.name, drawn)
            keep_settings(made, service)
        (folder / WHERE).write_text(
            json.dumps(
                {
                    "origin": made.origin,
                    "desk": made.desk,
                    "identity": made.identity,
                    "issuer": made.issuer,
                    "issuer_inside": identity.issuer_inside,
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


def _of_the_proxy(made: Stack, document: Mapping[str, Any]) -> dict[str, str]:
    """What compose sets of the proxy, with the addresses and with ports of this machine."""
    given: dict[str, str] = document["services"]["proxy"]["environment"]
    own = {name: str(free_port()) for name in given if name.endswith("_PORT")}
    return {name: made.here(value, "proxy") for name, value in given.items()} | own


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
