"""Makes what a region on this machine needs before it starts: databases, roles, tables, keys, settings."""

import base64
import os
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from infra.chassis.databases import migrate
from infra.chassis.service import Service
from infra.chassis.settings import ServiceSettings
from infra.onebox import postgres
from infra.onebox.layout import HOST, Box
from infra.onebox.ports import free_port
from infra.onebox.postgres import PostgresServer
from infra.postgres import provision as databases

DEMO_SECRET: Final = "demo-only-{service}-secret"  # noqa: S105 - the demo issuer's, stated in people.yaml


def provision(server: PostgresServer, made: Box, *, apart: bool, extra: dict[str, Any]) -> None:
    """Idempotent: a region that exists is brought to this version."""
    admin = server.get_uri()
    for name in ("bus", "issuer", "traces"):
        databases.database(admin, f"lotse_{name}", name)
    for service in made.services:
        name = service.name
        databases.service_databases(admin, name)
        settings = _settings(server, made, service, apart=apart, extra=extra)
        migrate(
            service,
            postgres.url(server, f"lotse_{name}", f"{name}_owner"),
            postgres.url(server, f"lotse_{name}_keys", f"{name}_owner"),
        )
        made.settings[name] = settings
        made.addresses[name] = f"http://{HOST}:{settings.port}" if apart else f"{made.origin}/{name}"
        keep_settings(made, service)


def _settings(
    server: PostgresServer, made: Box, service: Service, *, apart: bool, extra: dict[str, Any]
) -> ServiceSettings:
    name = service.name
    values: dict[str, Any] = {
        "environment": made.environment,
        "database_url": SecretStr(postgres.url(server, f"lotse_{name}", name)),
        "owner_database_url": SecretStr(postgres.url(server, f"lotse_{name}", f"{name}_owner")),
        "keys_database_url": SecretStr(postgres.url(server, f"lotse_{name}_keys", name)),
        "keys_owner_database_url": SecretStr(postgres.url(server, f"lotse_{name}_keys", f"{name}_owner")),
        "master_key": SecretStr(master_key(made.folder / f"{name}.master-key")),
        "bus_url": SecretStr(postgres.url(server, "lotse_bus", "bus")),
        "identity": made.identity,
        "issuer": made.issuer,
        "client_secret": SecretStr(DEMO_SECRET.format(service=name)),
        "otlp_url": made.traces,
        "host": HOST,
        "port": free_port() if apart else made.port,
    }
    return service.settings(**values | extra)


def keep_settings(made: Box, service: Service) -> None:
    """Write a service's settings down, for commands that act on its database."""
    values = environment(service, made.settings[service.name])
    text = "".join(f"{name}={value}\n" for name, value in sorted(values.items()))
    keep_text(made.folder / f"{service.name}.env", text)


def environment(service: Service, settings: ServiceSettings) -> dict[str, str]:
    """The settings as environment variables, for the service's own processes and for the command line."""
    prefix = service.settings.model_config["env_prefix"]
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    return {
        f"{prefix}{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }


def settings_of(folder: Path, service: Service) -> ServiceSettings:
    """The settings from the environment, or those of the region in `folder`."""
    path = folder / f"{service.name}.env"
    if path.exists():
        lines = [line.partition("=") for line in path.read_text().splitlines()]
        os.environ.update({name: value for name, _, value in lines if name not in os.environ})
    return service.settings()


def master_key(path: Path) -> str:
    """The one in this file, which is made if it is not there."""
    if not path.exists():
        keep_text(path, base64.b64encode(os.urandom(32)).decode())
    return path.read_text()


def keep_text(path: Path, text: str) -> None:
    """Readable by this user only."""
    path.touch(mode=0o600)
    path.write_text(text)
