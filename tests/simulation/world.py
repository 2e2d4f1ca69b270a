"""A simulated region: the four services as they are, over real SQL, with time, ids, bus and turns from the seed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, Final
from uuid import UUID

import httpx

from contracts.topics import TOPICS
from infra.chassis import lanes, relay
from infra.chassis.api import assemble
from infra.chassis.clock import SystemClock
from infra.chassis.crashpoints import Crashpoints
from infra.chassis.db import PLATFORM, Actor, Database, Tx
from infra.chassis.deliver import Delivery, Outcome
from infra.chassis.outbox import Outbox
from infra.chassis.relay import Relay
from infra.chassis.service import Runtime, Service, running
from infra.chassis.wake import Wake
from services.notifications.delivery import use_cases as delivery
from services.notifications.delivery.sender import Sender
from services.notifications.settings import NotificationsSettings
from tests.simulation.bus import SimulatedBus
from tests.simulation.cast import Badges, Directory, LetterBox
from tests.simulation.ground import Ground
from tests.simulation.patching import patched
from tests.simulation.probe import Obstacles, probed
from tests.simulation.sources import SeededIds, Time
from tests.simulation.turns import Crashed, Trail, Turns

API, WORKER = "api", "worker"
RARE: Final = {"before-smtp": 5, "after-smtp": 20}
"""Points that are seldom reached: there it dies so many times as often."""
SMALL_BATCH: Final = 7
"""Rows that the relay reads at once: few, so that a run meets what begins behind the first batch."""


class SteppedDatabase(Database):
    """Each transaction waits for its turn, and keeps it."""

    def __init__(self, turns: Turns, service: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._turns, self._service = turns, service

    @asynccontextmanager
    async def transaction(self, by: Actor = PLATFORM, cause: Any = None) -> AsyncIterator[Tx]:
        await self._turns.next(f"{self._service}: transaction")
        actor = self._turns.acting()
        if actor is not None:
            actor.inside += 1
        try:
            async with super().transaction(by, cause) as tx:
                yield tx
        finally:
            if actor is not None:
                actor.inside -= 1


class Dice(Crashpoints):
    """At each named point the process may die, as the seed wants."""

    def __init__(self, turns: Turns, chance: Random) -> None:
        super().__init__()
        self.share = 0.0
        self._turns, self._chance = turns, chance

    def reach(self, point: str) -> None:
        actor = self._turns.acting()
        share = self.share * RARE.get(point, 1)
        if actor is None or actor.process is None or self._chance.random() >= share:
            return
        self._turns.trail.note(f"{actor.process} dies {point}, in the hands of {actor.name}")
        self._turns.dead.append(actor.process)
        raise Crashed(actor.process)


class MarkedWake(Wake):
    """Remembers that the relay was woken; a wake-up that a crash swallows is lost, as it would be."""

    def __init__(self) -> None:
        self.due = False

    def set(self) -> None:
        self.due = True


@dataclass
class Place:
    """One service in the region."""

    runtime: Runtime
    clock: SystemClock
    wake: MarkedWake
    relay: Relay
    client: httpx.AsyncClient
    """Speaks to its API without a network."""
    troubled: bool = False
    """Some lane does not flow."""


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild left: the events that the new tables hold, and the last effect before it."""

    after: int = 0
    holds: frozenset[UUID] = frozenset()


class World:
    """Everything that a run needs. Opened once per process, since that is dear; `begin` makes it new for a seed."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.seed = 0
        self.chance = Random()
        self.time = Time()
        self.ids = SeededIds(self.chance, self.time)
        self.turns = Turns(self.chance)
        self.bus = SimulatedBus()
        self.dice = Dice(self.turns, self.chance)
        self.obstacles = Obstacles(self.chance)
        self.letters = LetterBox()
        self.places: dict[str, Place] = {}
        self.sender: Sender | None = None
        self.violations: list[str] = []
        """What was seen to be wrong while it ran."""
        self.rebuilds: dict[tuple[str, str], Rebuilt] = {}

    def rebuilt(self, service: str, consumer: str) -> Rebuilt:
        """What the last rebuild of this consumer's tables left."""
        return self.rebuilds.get((service, consumer), Rebuilt())

    @property
    def trail(self) -> Trail:
        return self.turns.trail

    def runtime(self, service: str) -> Runtime:
        return self.places[service].runtime

    async def begin(self, seed: int) -> None:
        """Empty tables, the first morning, nobody there; all chance from here on is this seed's."""
        self.ground.clear()
        self.seed = seed
        self.chance.seed(seed)
        self.time.begin()
        self.ids.begin()
        self.turns.begin()
        await self.bus.begin(TOPICS)
        self.dice.share = self.obstacles.share = 0.0
        self.obstacles.met.clear()
        self.letters.taken.clear()
        self.violations = []
        self.rebuilds.clear()
        for place in self.places.values():
            place.clock.offset = timedelta(0)
            place.wake.due = place.troubled = False
            # Keys made ahead for another seed would make this one differ.
            place.runtime.vault._ready.clear()
            place.runtime.vault._remembered.clear()


@asynccontextmanager
async def world(ground: Ground) -> AsyncIterator[World]:
    """A region in which nothing has begun."""
    made = World(ground)
    async with AsyncExitStack() as stack:
        for module in (lanes, delivery):
            stack.enter_context(patched(module, "uniform", made.chance.uniform))
        stack.enter_context(patched(relay, "BATCH", SMALL_BATCH))
        for service in ground.services:
            made.places[service.name] = await stack.enter_async_context(_place(made, service))
        notifications = made.runtime("notifications")
        assert isinstance(notifications.settings, NotificationsSettings)
        made.sender = Sender(notifications, notifications.settings, made.letters)
        stack.push_async_callback(made.turns.stop)
        yield made


@asynccontextmanager
async def _place(made: World, service: Service) -> AsyncIterator[Place]:
    clock = SystemClock(made.time.read)
    database = partial(SteppedDatabase, made.turns, service.name)
    settings = made.ground.settings(service)
    opened = running(
        service, settings, clock=clock, ids=made.ids, bus=made.bus, database=database, crashpoints=made.dice
    )
    async with opened as runtime:
        wake = MarkedWake()
        runtime.wake = wake
        runtime.outbox = Outbox(service.name, settings.region, wake)
        runtime.verifier = Badges()
        # The age of what is known is measured in seconds of heartbeats, which have tests of their own.
        runtime.db.stale = lambda _: frozenset()
        runtime.identity = replace(runtime.identity, directory=Directory())
        app = assemble(service)
        app.state.runtime = runtime
        sends = Relay(service.name, runtime.db, made.bus, crashpoints=made.dice)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{service.name}.simulation") as client:
            place = Place(runtime, clock, wake, sends, client)
            consumers = [probed(service.name, one, made.obstacles) for one in service.consumers()]
            runtime.delivery = Delivery(runtime.db, consumers, partial(_observe, place), made.dice)
            yield place


def _observe(place: Place, _consumer: str, _type: str, outcome: Outcome, _seconds: float) -> None:
    place.troubled |= outcome in (Outcome.WAITING, Outcome.DEFERRED, Outcome.QUEUED, Outcome.PARKED)
