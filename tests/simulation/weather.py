"""What goes wrong in a run, drawn from the seed: how much of it, and what next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

from contracts.topics import SERVICES, TOPICS
from infra.chassis.bus.base import Message
from tests.simulation.agency import Agency
from tests.simulation.invariants_of_access import nothing_shown_too_long
from tests.simulation.rebuilding import projections, rebuilds
from tests.simulation.world import API, WORKER, World


@dataclass(frozen=True)
class Weather:
    """How rough it is."""

    crashes: float
    """At each named point."""
    poison: float
    """Of all (consumer, event)."""
    trouble: float
    """Per step of the run: one of the faults below."""

    @classmethod
    def of(cls, chance: Random) -> "Weather":
        """One seed in sixteen is calm."""
        if chance.random() < 1 / 16:
            return cls(0.0, 0.0, 0.0)
        return cls(chance.choice((0.003, 0.01)), chance.choice((0.0, 0.03, 0.1)), chance.choice((0.02, 0.05)))


class Faults:
    """Lets one thing go wrong, or heals everything."""

    def __init__(self, world: World, agency: Agency, weather: Weather) -> None:
        self.world, self.agency, self.chance = world, agency, world.chance
        self.weather = weather
        world.dice.share, world.obstacles.share = weather.crashes, weather.poison
        self.strangers: set[UUID] = set()
        """Keys to which something unreadable was sent."""
        self._bus_recovers = 0
        """The step from which the bus takes everything again."""

    async def strike(self) -> None:
        if self.world.trail.steps > self._bus_recovers:
            self.world.bus.down = False
            self.world.bus.refused.clear()
        if self.chance.random() >= self.weather.trouble:
            return
        fault = self.chance.choice(self._all())
        self.world.trail.note(f"fault: {fault.__name__.strip('_')}")
        happening = fault()
        if happening is not None:
            await happening

    def _all(self) -> tuple[Callable[[], Awaitable[None] | None], ...]:
        return (
            self._bus_down,
            self._key_refused,
            self._answer_lost,
            self._hiccup,
            self._hiccup,
            self._rewind,
            self._rewind,
            self._deliver_again,
            self._second_relay,
            self._mail_fails,
            self._process_killed,
            self._process_killed,
            self._something_mended,
            self._something_mended,
            self._something_mended,
            self._unreadable,
            self._days_pass,
            self._wake_lost,
            self._somebody_looks,
            self._somebody_looks,
            self._rebuild,
        )

    def heal(self) -> None:
        """No more faults; what stood in the way is mended."""
        world = self.world
        self.weather = Weather(0.0, 0.0, 0.0)
        world.dice.share = 0.0
        world.bus.down = world.bus.silent = world.bus.hiccups = False
        world.bus.refused.clear()
        world.obstacles.end()
        world.letters.refuses = 0
        world.trail.note("healed")

    def _bus_down(self) -> None:
        self.world.bus.down = True
        self._bus_recovers = self.world.trail.steps + self.chance.randrange(10, 150)

    def _key_refused(self) -> None:
        keys = sorted({message.key for log in self.world.bus.log.values() for message in log})
        if keys:
            self.world.bus.refused.add(self.chance.choice(keys))
            self._bus_recovers = self.world.trail.steps + self.chance.randrange(10, 150)

    def _answer_lost(self) -> None:
        self.world.bus.silent = True

    def _hiccup(self) -> None:
        self.world.bus.hiccups = True

    def _rewind(self) -> None:
        places = sorted(place for place in self.world.bus.position.items() if place[1])
        if places:
            where, at = self.chance.choice(places)
            self.world.bus.position[where] = max(0, at - self.chance.randrange(1, 6))

    def _deliver_again(self) -> None:
        """A worker that has lost its partition is not yet through with what it had read."""
        service = self.chance.choice(SERVICES)
        runtime = self.world.runtime(service)
        topics = [topic.name for topic in runtime.service.topics]
        seen = [
            message
            for place, log in sorted(self.world.bus.log.items())
            if place[0] in topics
            for message in log[: self.world.bus.position[runtime.group, place]]
        ]
        if seen:
            message = self.chance.choice(seen)

            async def again() -> None:
                await runtime.delivery(message)

            name = f"{service} old worker {message.topic}/{message.partition}@{message.offset}"
            self.world.turns.enter(name, again, f"{service}/{WORKER}")

    def _second_relay(self) -> None:
        """The active relay has lost its lock and does not know yet."""
        service = self.chance.choice(SERVICES)

        async def sends() -> None:
            await self.world.places[service].relay.publish_all()

        self.world.turns.enter(f"{service} old relay", sends, f"{service}/{WORKER}")

    def _mail_fails(self) -> None:
        self.world.letters.refuses = self.chance.randrange(1, 4)

    def _process_killed(self) -> None:
        self.world.turns.dead.append(f"{self.chance.choice(SERVICES)}/{self.chance.choice((API, WORKER))}")

    def _something_mended(self) -> None:
        self.world.obstacles.mend()

    def _unreadable(self) -> None:
        """Somebody wrote what nobody can read to a topic, under a participant's key. Once: it is much work to mend."""
        public = {topic.name for topic in TOPICS}
        places = [place for place, log in sorted(self.world.bus.log.items()) if log and place[0] in public]
        if places and not self.strangers and self.chance.random() < 0.5:
            message = self.chance.choice(self.world.bus.log[self.chance.choice(places)])
            self.strangers.add(UUID(message.key))
            self.world.bus.append(Message(message.topic, message.key, b"?"))

    def _days_pass(self) -> None:
        """In one service after the other, as an operator's command does it."""
        days = self.chance.choice((1, 5, 40))
        for service in self.chance.sample(SERVICES, len(SERVICES)):
            self.advance(service, days)

    def advance(self, service: str, days: float) -> None:
        """The operator moves this service's business time on."""

        async def moves() -> None:
            await self.agency.ask("opal", "POST", service, "/v1/operations/clock", {"days": days})

        self.world.turns.enter(f"opal's clock for {service}", moves)

    def _wake_lost(self) -> None:
        for place in self.world.places.values():
            place.wake.due = False

    async def _somebody_looks(self) -> None:
        """Not a fault: whatever has gone wrong so far, nobody may see too much now."""
        self.world.violations.extend([fault async for fault in nothing_shown_too_long(self.world)])

    async def _rebuild(self) -> None:
        """Not a fault either, but the more is under way the harder."""
        bus = self.world.bus
        if not (bus.down or bus.refused or bus.silent or bus.hiccups):
            await rebuilds(self.world, *self.chance.choice(projections(self.world)))

    def pass_time(self) -> None:
        """A moment of system time."""
        self.world.time.pass_by(timedelta(milliseconds=self.chance.randrange(150)))
