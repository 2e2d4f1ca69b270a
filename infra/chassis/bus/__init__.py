"""The seam to the event bus: one small protocol, several implementations, chosen by the address."""

from pathlib import Path

from infra.chassis.bus.base import Bus
from infra.chassis.bus.embedded import EmbeddedBus
from infra.chassis.crashpoints import NEVER, Crashpoints


def open_bus(
    url: str,
    crashpoints: Crashpoints = NEVER,
    *,
    user: str | None = None,
    password: str | None = None,
    ca_file: Path | None = None,
) -> Bus:
    """`postgresql://...` is the embedded bus, `kafka://host:port,...` is Kafka, where user and CA file mean something.

    Raises ValueError for an address that no implementation knows.
    """
    scheme = url.partition("://")[0]
    if scheme == "postgresql":
        return EmbeddedBus(url, crashpoints)
    if scheme == "kafka":
        # Here, not above: Faust and kafka-python take half a second, and one machine does without them.
        from infra.chassis.bus.kafka import KafkaBus
        from infra.chassis.bus.kafka.address import Address

        return KafkaBus(Address.of(url, user, password, ca_file), crashpoints)
    raise ValueError(f"no bus speaks {scheme!r}: set BUS_URL to a kafka:// or postgresql:// address")
