"""Where everything in a region on one machine is."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from infra.chassis.service import Runtime, Service
from infra.chassis.settings import Environment, ServiceSettings
from infra.onebox.mail import MailCatcher

PEOPLE: Final = Path(__file__).parent / "people.yaml"
HOST: Final = "127.0.0.1"
WHERE: Final = "region.json"
"""File in the region's folder that says where everything is, while it runs."""


@dataclass
class Box:
    """A running region: where everything is."""

    folder: Path
    port: int
    environment: Environment
    services: tuple[Service, ...]
    desk_port: int | None = None
    """Where the desk listens; None where there is none."""
    realm: str | None = None
    """Issuer of a Keycloak that takes the place of the embedded one."""
    addresses: dict[str, str] = field(default_factory=dict)
    """Service -> base address of its API."""
    settings: dict[str, ServiceSettings] = field(default_factory=dict)
    runtimes: dict[str, Runtime] = field(default_factory=dict)
    """Only where the services run in this process."""
    mail: MailCatcher | None = None
    """Takes the mails of this region."""
    processes: dict[tuple[str, str], asyncio.subprocess.Process] = field(default_factory=dict)
    """(service, `main` or `worker`) -> process; only where they run apart."""

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def desk(self) -> str:
        """Where people go; the front page where there is no desk."""
        return f"http://{HOST}:{self.desk_port}" if self.desk_port else self.origin

    @property
    def issuer(self) -> str:
        return self.realm or f"{self.origin}/identity"

    @property
    def identity(self) -> Literal["keycloak", "embedded"]:
        return "keycloak" if self.realm else "embedded"

    @property
    def traces(self) -> str:
        return f"{self.origin}/traces"
