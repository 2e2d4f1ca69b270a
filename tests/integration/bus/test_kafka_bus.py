"""Kafka keeps what every bus must keep, and what we rely on where its libraries need holding."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from infra.chassis.bus.base import Bus
from infra.chassis.bus.kafka import KafkaBus
from infra.chassis.bus.kafka import member as members
from infra.chassis.bus.kafka.address import Address
from infra.realstack.kafka import Kafka
from tests.support.bus_suite import BusSuite
from tests.support.left_out import needs

pytestmark = needs("java", "mvn")


class TestKafkaBus(BusSuite):
    hand_over_within = 15.0
    url: str

    @pytest.fixture(autouse=True)
    def server(self, broker: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url = broker.url
        self.members: dict[Bus, list[members.Member]] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Bus]:
        bus = KafkaBus(Address.of(self.url), session=6)
        try:
            yield bus
        finally:
            await bus.close()

    async def kill(self, bus: Bus) -> None:
        """Its heart stops beating and it says no farewell. The death of a whole process has a test of its own."""
        assert isinstance(bus, KafkaBus)
        app: Any = bus.members[0]._app

        async def silent(*_: Any, **__: Any) -> None:
            """Whoever is dead tells the servers nothing."""

        coordinator = app.consumer._thread._consumer._coordinator
        coordinator._maybe_leave_group = silent
        coordinator.commit_offsets = silent
        await app.crash(ConnectionError("killed"))
