"""Brings a region's Kafka to what contracts/topics.py declares: topics, and each service's password and rights."""

import os
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.topics import SERVICES, TOPICS
from infra.chassis.bus.kafka import rights
from infra.chassis.bus.kafka.address import Address
from infra.chassis.bus.kafka.admin import Admin, answers

PATIENCE: Final = 60.0
"""Seconds that the servers have to come up."""


class KafkaSettings(BaseSettings):
    """The administrator's way in. From the environment, or from files in `LOTSE_SECRETS_DIR`."""

    model_config = SettingsConfigDict(
        env_prefix="KAFKA_", extra="ignore", hide_input_in_errors=True, secrets_dir=os.environ.get("LOTSE_SECRETS_DIR")
    )

    url: str = Field(description="`kafka://host:port,host:port`.")
    admin_user: str = Field("admin", description="The administrator's user.")
    admin_password: SecretStr | None = Field(None, description="Its password; unset: this Kafka asks for none.")
    ca_file: Path | None = Field(None, description="Certificates that the servers are known by (PEM).")

    @property
    def address(self) -> Address:
        if self.admin_password is None:
            return Address.of(self.url, ca_file=self.ca_file)
        return Address.of(self.url, self.admin_user, self.admin_password.get_secret_value(), self.ca_file)


class _OfService(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    bus_password: SecretStr | None = None


def set_up(settings: KafkaSettings) -> list[str]:
    """Idempotent. Tells what was done. Raises RuntimeError if the servers don't let the administrator in in time."""
    _wait_for(settings.address)
    admin = Admin(settings.address)
    try:
        admin.create(TOPICS)
        done = [f"{len(TOPICS)} topics are there."]
        if settings.admin_password is None:
            return [*done, "This Kafka is open to everybody who reaches it; it keeps no rights."]
        passwords = _passwords()
        rights.set_up(admin, passwords)
        return [*done, f"Rights are as declared; passwords were given to: {', '.join(passwords) or 'nobody'}."]
    finally:
        admin.close()


def _wait_for(address: Address) -> None:
    end = monotonic() + PATIENCE
    while not answers(address):
        if monotonic() > end:
            raise RuntimeError("Kafka does not answer, or does not let this administrator in: check both.")
        sleep(0.5)


def _passwords() -> dict[str, str]:
    """Of the services whose password is known here (`INTAKE_BUS_PASSWORD` ...)."""
    folder = os.environ.get("LOTSE_SECRETS_DIR")
    given = {name: _OfService(_env_prefix=f"{name.upper()}_", _secrets_dir=folder).bus_password for name in SERVICES}
    return {name: password.get_secret_value() for name, password in given.items() if password is not None}
