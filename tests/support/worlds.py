"""A world of two tiny services that a test steps by hand: publish what was said, deliver what was published."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from contracts.topics import INTAKE, TOPICS
from infra.chassis.bus.base import Received
from infra.chassis.lanes import Lane
from infra.chassis.projections import feeds
from infra.chassis.rebuild import Report, rebuild
from infra.chassis.relay import Relay
from infra.chassis.republish import republish
from infra.chassis.service import Runtime
from infra.realstack.kafka import Kafka
from tests.support.kafka import forget
from tests.support.postgres import FreshDatabase
from tests.support.tiny import TALLY, Pair, count, tiny
from tests.support.waiting import beside, until


@dataclass
class World:
    """Both services in this process, without workers."""

    pair: Pair
    intake: Runtime
    matching: Runtime

    async def publish(self) -> bool:
        """Carry intake's outbox to the bus; True if something is held back."""
        return await Relay("intake", self.intake.db, self.intake.bus).publish_all()

    async def deliver(self) -> None:
        """Let matching deal with everything published so far, in this process."""
        lag = await self.matching.bus.lag(self.matching.group, [INTAKE])
        if not sum(lag.values()):
            return
        async with beside(self.consume()) as tasks:
            await until(lambda: self._no_lag(tasks[0]), "matching has dealt with everything")

    async def consume(self) -> None:
        """What matching's worker does."""
        delivery = self.matching.delivery
        await self.matching.bus.consume(self.matching.group, [INTAKE], delivery, delivery.together)

    async def _no_lag(self, consuming: asyncio.Task[None]) -> bool:
        if consuming.done():
            consuming.result()
        return not sum((await self.matching.bus.lag(self.matching.group, [INTAKE])).values())

    async def settle(self, stopped: int = 0) -> None:
        """Publish, deliver and work off lanes until only `stopped` lanes don't flow."""
        await self.publish()
        await self.deliver()
        if await count(self.matching, Lane) != stopped:
            async with beside(self.matching.delivery.work_off_lanes(0.02)):
                await self._lanes(stopped)

    async def _lanes(self, stopped: int) -> None:
        async def reached() -> bool:
            return await count(self.matching, Lane) == stopped

        await until(reached, f"only {stopped} lanes are stopped")

    @asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """Relay, consumer and lanes run beside the block."""
        relay = Relay("intake", self.intake.db, self.intake.bus)
        async with beside(
            relay.run(),
            self.intake.wake.announce(),
            self.consume(),
            self.matching.delivery.work_off_lanes(0.05),
        ):
            yield

    async def settled(self) -> None:
        """While live: wait until all was published and dealt with."""

        async def calm() -> bool:
            async with self.intake.db.transaction() as tx:
                left = await self.intake.unpublished(tx)
            lag = sum((await self.matching.bus.lag(self.matching.group, [INTAKE])).values())
            return not left and not lag and not await count(self.matching, Lane)

        await until(calm, "all facts are dealt with", within=30)

    async def rebuild(self, name: str = TALLY, types: Collection[str] | None = ()) -> Report:
        """Feed and rebuild a projection of matching."""
        for publisher, (consumer, wanted) in feeds(tiny("matching"), name).items():
            if publisher == "intake":
                await republish(tiny(publisher), self.pair.settings[publisher], consumer, types or wanted)
        return await rebuild(tiny("matching"), self.pair.settings["matching"], name)

    async def arrives(self, message: Received) -> None:
        """A message reaches matching without the bus."""
        await self.matching.delivery(message)


@pytest.fixture
async def world(postgres: FreshDatabase) -> AsyncIterator[World]:
    async with _running(Pair.clean(postgres)) as made:
        yield made


@pytest.fixture
async def world_on_kafka(postgres: FreshDatabase, broker: Kafka) -> AsyncIterator[World]:
    """The same on a real Kafka, whose topics are emptied before."""
    async with _running(Pair.clean(postgres).on(broker.url)) as made:
        await asyncio.to_thread(forget, broker, TOPICS)
        yield made


@asynccontextmanager
async def _running(pair: Pair) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        intake = await stack.enter_async_context(pair.running("intake"))
        matching = await stack.enter_async_context(pair.running("matching"))
        await intake.bus.create_topics(TOPICS)
        matching.db.stale = lambda _: frozenset()  # no heart beats here unless a test asks for it
        yield World(pair, intake, matching)
