"""What can be set of the desk: environment variables with the prefix `DESK_`."""

from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.chassis.settings import FROM_OUTSIDE, Environment


class DeskOwnerSettings(BaseSettings):
    """What its migration needs, and nothing else."""

    model_config = SettingsConfigDict(**{**FROM_OUTSIDE, "env_prefix": "DESK_"})

    owner_database_url: SecretStr


class DeskSettings(BaseSettings):
    """Where the desk is, whom it asks, and how long somebody stays logged in."""

    model_config = SettingsConfigDict(**{**FROM_OUTSIDE, "env_prefix": "DESK_"})

    environment: Environment = Field("production", description="`demo` and `test` may go without TLS on this machine.")
    url: str = Field(description="The desk's own address, as browsers see it; `https://` unless it is on this machine.")
    database_url: SecretStr = Field(description="The desk's own PostgreSQL database: sessions and nothing else.")
    master_key: SecretStr = Field(description="32 bytes in base64: with a browser's cookie it opens that session.")
    intake_url: str = Field(description="Where intake's API is.")
    matching_url: str = Field(description="Where matching's API is.")
    referrals_url: str = Field(description="Where referrals' API is.")
    notifications_url: str = Field(description="Where notifications' API is.")
    issuer: str = Field(description="Public address of the OpenID Connect issuer, as in every token's `iss`.")
    issuer_inside: str | None = Field(
        None, description="Where this process reaches the issuer, if not at its public address."
    )
    client_id: str = Field("lotse-desk", description="The desk's client at the issuer.")
    client_secret: SecretStr = Field(description="That client's secret.")
    audience: str = Field("lotse", description="Expected `aud` of every token.")
    otlp_url: str | None = Field(None, description="OTLP/HTTP endpoint for traces; unset exports none.")
    traces_url: str | None = Field(
        None, description="Where a onebox's traces are searched; they are pages of operators."
    )
    traces_link: str | None = Field(
        None, description="Where operators open Jaeger, as their browsers see it; pages link there."
    )
    time_zone: str = Field("Europe/Berlin", description="IANA time zone in which the region reads times.")
    host: str = Field("127.0.0.1", description="Address the desk listens on.")
    port: int = Field(8000, description="Port the desk listens on.")
    pool_size: int = Field(4, ge=1, description="Database connections of the process.")
    idle_minutes: float = Field(30, gt=0, description="Who does nothing for so long must log in again.")
    session_hours: float = Field(10, gt=0, description="After so long everybody must log in again.")
    call_seconds: float = Field(3, gt=0, description="How long a page waits for a service before it names a gap.")

    @property
    def origin(self) -> str:
        """Scheme, name and port, as a browser states them in `Origin`."""
        return self.url.rstrip("/")

    @property
    def host_name(self) -> str:
        """The name under which browsers know the desk."""
        return urlsplit(self.url).hostname or ""

    @property
    def tls(self) -> bool:
        """Whether browsers come over TLS: then cookies are bound to this very host and never leave without it."""
        return self.url.startswith("https://")

    @property
    def addresses(self) -> dict[str, str]:
        """Service -> base address of its API."""
        return {
            "intake": self.intake_url,
            "matching": self.matching_url,
            "referrals": self.referrals_url,
            "notifications": self.notifications_url,
        }

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        parts = urlsplit(self.url)
        if parts.path.strip("/") or parts.query or parts.scheme not in ("http", "https"):
            raise ValueError("url is a scheme, a host and perhaps a port, nothing more: https://desk.example")
        if not self.tls and (self.environment == "production" or not _loopback(self.host_name)):
            raise ValueError("without TLS a cookie can be stolen on the way: use https://, or a demo on 127.0.0.1")
        return self


def _loopback(host: str) -> bool:
    """`localhost` and what is below it never leave the machine (RFC 6761)."""
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False
