"""Where a Kafka is and who we are there, as its two libraries want to be told."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import faust

SCHEME: Final = "kafka"
MECHANISM: Final = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Address:
    """The servers; with a user, we log in (SASL/SCRAM); with a certificate authority's file, the way is encrypted."""

    servers: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @classmethod
    def of(cls, url: str, user: str | None = None, password: str | None = None, ca_file: Path | None = None) -> Self:
        """From `kafka://host:port,host:port`. Raises ValueError, without quoting the address, if it is not one."""
        scheme, _, rest = url.partition("://")
        servers = tuple(rest.rstrip("/").split(","))
        if scheme != SCHEME or "@" in rest or not all(_is_server(server) for server in servers):
            raise ValueError("BUS_URL is no Kafka address: write kafka://host:port,host:port, and no password in it")
        if (user is None) != (password is None):
            raise ValueError("BUS_USER and BUS_PASSWORD go together: set both or none")
        return cls(servers, user, password, ca_file)

    @property
    def protocol(self) -> str:
        way = "PLAINTEXT" if self.ca_file is None else "SSL"
        return way if self.user is None else f"SASL_{way}"

    @property
    def for_kafka_python(self) -> dict[str, Any]:
        """Keyword arguments of every client of kafka-python."""
        given: dict[str, Any] = {"bootstrap_servers": list(self.servers), "security_protocol": self.protocol}
        if self.user is not None:
            given |= {
                "sasl_mechanism": MECHANISM,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        if self.ca_file is not None:
            given["ssl_context"] = self._encrypted()
        return given

    @property
    def for_faust(self) -> dict[str, Any]:
        """Keyword arguments of a Faust app."""
        given: dict[str, Any] = {"broker": [f"{SCHEME}://{server}" for server in self.servers]}
        context = self._encrypted() if self.ca_file is not None else None
        if self.user is not None:
            given["broker_credentials"] = faust.SASLCredentials(
                username=self.user, password=self.password, mechanism=MECHANISM, ssl_context=context
            )
        elif context is not None:
            given["broker_credentials"] = faust.SSLCredentials(context)
        return given

    def _encrypted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))


def _is_server(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdigit()
