"""The seam to the event bus: one small protocol, several implementations, chosen by the address."""

from infra.chassis.bus.base import Bus
from infra.chassis.bus.embedded import EmbeddedBus
from infra.chassis.crashpoints import NEVER, Crashpoints


def open_bus(url: str, crashpoints: Crashpoints = NEVER) -> Bus:
    """`postgresql://...` is the embedded bus. Raises ValueError for an address that no implementation knows."""
    scheme = url.partition("://")[0]
    if scheme == "postgresql":
        return EmbeddedBus(url, crashpoints)
    raise ValueError(f"no bus speaks {scheme!r}: set BUS_URL to a postgresql:// address")
