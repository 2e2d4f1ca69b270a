"""What can be set from outside: one small class per service, read once at the edge and passed down.

Each value comes from an environment variable with the service's prefix (`INTAKE_DATABASE_URL`) or from a file of that
name in `LOTSE_SECRETS_DIR`. No secret has a default.
"""

import os
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.chassis.bus import open_bus
from infra.chassis.bus.base import Bus
from infra.chassis.crashpoints import NEVER, Crashpoints

Environment = Literal["production", "demo", "test"]
FROM_OUTSIDE: Final = SettingsConfigDict(
    extra="ignore", hide_input_in_errors=True, secrets_dir=os.environ.get("LOTSE_SECRETS_DIR")
)


class OwnerSettings(BaseSettings):
    """What migrations need, and nothing else of a service's settings. Read with the service's prefix."""

    model_config = FROM_OUTSIDE

    owner_database_url: SecretStr
    keys_owner_database_url: SecretStr


class ServiceSettings(BaseSettings):
    """Common to all services."""

    model_config = FROM_OUTSIDE

    environment: Environment = Field("production", description="Only `demo` and `test` allow moving business time.")
    database_url: SecretStr = Field(description="The service's own PostgreSQL database, with its least-privilege role.")
    owner_database_url: SecretStr | None = Field(
        None,
        description="The same database with the role that owns the tables; for migrations and `lotse rebuild` only.",
    )
    keys_database_url: SecretStr = Field(description="The separate database of the keys that seal personal data.")
    keys_owner_database_url: SecretStr | None = Field(
        None, description="The same with the role that owns its tables; for migrations and `lotse rewrap` only."
    )
    master_key: SecretStr = Field(
        description="32 bytes in base64: wraps the keys in the key database. While it is exchanged a second one, "
        "on a line of its own, opens, too; the first wraps."
    )
    bus_url: SecretStr = Field(
        description="`kafka://host:port,host:port`: Kafka. `postgresql://...`: the embedded bus, for one machine."
    )
    bus_user: str | None = Field(None, description="Kafka: the service's user (SASL/SCRAM); named like the service.")
    bus_password: SecretStr | None = Field(None, description="Kafka: its password.")
    bus_ca_file: Path | None = Field(
        None, description="Kafka: certificates that its servers are known by (PEM); set, the connection is encrypted."
    )
    identity: Literal["keycloak", "embedded"] = Field(
        "keycloak", description="What the issuer is; `embedded` is the demo's on one machine."
    )
    issuer: str = Field(description="Public address of the OpenID Connect issuer, as in every token's `iss`.")
    issuer_inside: str | None = Field(
        None, description="Where this process reaches the issuer, if not at its public address."
    )
    client_secret: SecretStr | None = Field(
        None, description="Secret of the client `<service>-service` at the issuer, for accounts and directory."
    )
    audience: str = Field("lotse", description="Expected `aud` of every token.")
    otlp_url: str | None = Field(None, description="OTLP/HTTP endpoint for traces; unset exports none.")
    region: str = Field("demo-region", description="Name of the region, the `source` of its events.")
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, description="Port the API listens on.")
    worker_port: int | None = Field(
        None, description="Port of the worker's `/healthz`, `/readyz` and `/metrics`; unset: it does not listen."
    )
    stuck_after_seconds: float = Field(
        60.0, gt=0, description="A worker ends itself when events wait and its position stands still for so long."
    )
    pool_size: int = Field(8, ge=1, description="Database connections per process.")
    access_kept_for_seconds: float = Field(
        0.5, ge=0, description="How often a process looks for a moved clock and for ended staff access."
    )
    heartbeat_every_seconds: float = Field(
        5.0, gt=0, description="How often intake says that nothing is missing: once per partition of its topic."
    )
    grants_fresh_for_seconds: float = Field(
        30.0,
        gt=0,
        description="After so long without word of a participant's grants, what rests on one is refused for now.",
    )
    crash_point: str | None = Field(None, description="Tests only: where the process kills itself.")
    crash_nth: int = Field(1, description="Tests only: at which visit of that place.")
    crash_mark: Path | None = Field(None, description="Tests only: file that says the point was reached.")

    @model_validator(mode="after")
    def _tests_only(self) -> Self:
        if self.crash_point and self.environment != "test":
            raise ValueError("a crash point is for environment=test only: unset CRASH_POINT")
        return self

    @model_validator(mode="after")
    def _known_to_the_bus(self) -> Self:
        if (
            self.environment == "production"
            and self.bus_url.get_secret_value().startswith("kafka:")
            and not self.bus_user
        ):
            raise ValueError("whoever reaches an open Kafka reads every event: set BUS_USER and BUS_PASSWORD")
        return self

    @property
    def clock_can_move(self) -> bool:
        return self.environment != "production"

    def open_bus(self, crashpoints: Crashpoints = NEVER) -> Bus:
        """The event bus of the region."""
        password = self.bus_password.get_secret_value() if self.bus_password else None
        return open_bus(
            self.bus_url.get_secret_value(),
            crashpoints,
            user=self.bus_user,
            password=password,
            ca_file=self.bus_ca_file,
        )

    def crashpoints(self) -> Crashpoints:
        return Crashpoints(self.crash_point, self.crash_nth, self.crash_mark)
