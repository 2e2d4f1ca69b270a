"""Drives a region: draws who goes on, starts what a worker's loops would start, and in the end brings all to rest."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from contracts.topics import SERVICES, TOPICS
from infra.chassis import audit, deadlines
from infra.chassis.bus.feeding import feed
from infra.chassis.lanes import State
from tests.simulation.agency import Agency, found
from tests.simulation.bus import Place as At
from tests.simulation.weather import Faults
from tests.simulation.world import WORKER, World

AT_ONCE: Final = 14
"""So many actors are under way at most."""
ROUNDS: Final = 60
"""After so many rounds a region without faults must be at rest."""
MANY_STEPS: Final = 8000
"""Three times what the longest sound run takes: something goes round in circles."""

LEFT: Final = """
select (select count(*) from chassis.outbox where published_at is null) as unpublished,
  (select count(*) from chassis.lane) as stopped, (select count(*) from chassis.lane where state = 'parked') as parked,
  (select count(*) from chassis.deadline where due_at <= %s) as due,"""
MAILS: Final = " (select count(*) from delivery.delivery where state = 'waiting') as mails"
NONE: Final = " 0 as mails"
UNREADABLE: Final = ("Unreadable", "ValidationError")

Work = Callable[[], Awaitable[Any]]


class Drive:
    """The loops of the workers, one round at a time."""

    def __init__(self, world: World, agency: Agency, faults: Faults) -> None:
        self.world, self.agency, self.faults = world, agency, faults
        self.turns, self.chance = world.turns, world.chance
        self._pace = {service: self.chance.choice((0.3, 1.0, 1.0, 3.0)) for service in SERVICES}
        """Some services lag behind."""
        self._slow = {(service, topic.name): self.chance.random() < 0.2 for service in SERVICES for topic in TOPICS}
        """And some topics in some services: so one comes before the other that was said first."""

    async def run(self) -> None:
        """Until everybody who came has done what they came for."""
        while any(actor.outside for actor in self.turns.actors):
            await self.faults.strike()
            self.faults.pass_time()
            await self._bury()
            self._start_something()
            if self.turns.actors:
                await self.turns.go_on(self.chance.choice(self.turns.actors))
            await self._bury()

    async def _bury(self) -> None:
        """Who shares a process with a dead one is dead."""
        while self.turns.dead:
            await self.turns.kill(self.turns.dead.pop())

    def _start_something(self) -> None:
        if len(self.turns.actors) >= AT_ONCE + len(SERVICES):
            return
        service = self.chance.choices(SERVICES, [self._pace[service] for service in SERVICES])[0]
        place = self.world.places[service]
        drawn = self.chance.random()
        if drawn < 0.01:
            topic = self.chance.choice(TOPICS).name
            self._slow[service, topic] = not self._slow[service, topic] and self.chance.random() < 0.2
        elif drawn < 0.35:
            if place.wake.due or self.chance.random() < 0.1:
                place.wake.due = False
                self._enter(service, "relay", place.relay.publish_all)
        elif drawn < 0.8:
            behind = self.world.bus.behind(place.runtime.group, place.runtime.service.topics)
            some = self.chance.sample(behind, min(len(behind), self.chance.randrange(1, 5)))
            self._consume(service, [at for at in some if not self._slow[service, at[0]] or self.chance.random() < 0.03])
        elif drawn < 0.9:
            if place.troubled:
                self._enter(service, "lanes", place.runtime.delivery.try_due_lanes)
        elif drawn < 0.95:
            self._enter(service, "deadlines", self._deadlines(service))
        elif service == "notifications":
            assert self.world.sender is not None
            self._enter(service, "sender", self._until_none(self.world.sender.some))
        else:
            self._enter(service, "sealer", self._sealer(service))

    def _enter(self, service: str, what: str, work: Work) -> None:
        name = f"{service} {what}"
        if not self.turns.busy(name):
            self.turns.enter(name, work, f"{service}/{WORKER}")

    def _deadlines(self, service: str) -> Work:
        runtime = self.world.runtime(service)
        return lambda: deadlines.call_next(runtime.db, runtime.service.deadlines)

    def _sealer(self, service: str) -> Work:
        async def seal() -> None:
            async with self.world.runtime(service).db.transaction() as tx:
                await audit.seal(tx)

        return seal

    def _consume(self, service: str, places: Sequence[At]) -> None:
        """One hand of a member of the group works on what these partitions hold; then it notes how far it came."""
        runtime, bus = self.world.runtime(service), self.world.bus
        name = f"{service} takes"
        in_hand = {place for actor in self.turns.actors if actor.name.startswith(name) for place in actor.name.split()}
        begin = {at: bus.position[runtime.group, at] for at in places if f"{at[0]}/{at[1]}" not in in_hand}
        batches = {at: bus.log[at][since : since + self.chance.randrange(1, 6)] for at, since in begin.items()}

        async def work() -> None:
            taken = [message for batch in batches.values() for message in batch]
            await feed(taken, runtime.delivery, runtime.delivery.together, done=lambda _: None)
            runtime.crashpoints.reach("before-checkpoint")
            for at, batch in batches.items():
                # A rewind meanwhile counts: whoever sets a position back wants the events again.
                if bus.position[runtime.group, at] == begin[at]:
                    bus.position[runtime.group, at] = begin[at] + len(batch)

        if begin:
            self._enter(service, " ".join(["takes", *(f"{topic}/{partition}" for topic, partition in begin)]), work)

    # --- to rest ---------------------------------------------------------------------------------------------------

    async def settle(self) -> bool:
        """Everything is published, dealt with, due and sent; False if that does not come to an end."""
        await self._all_through()  # whoever is under way may leave something to do
        for number in range(ROUNDS):
            left = [service for service in SERVICES if self._enter_what_is_left(service)]
            if not left:
                return True
            if self.world.trail.steps > MANY_STEPS:
                return False
            await self._all_through()
            # Leases run out after a minute, and pauses grow.
            self.world.time.pass_by(timedelta(seconds=1 if number < 8 else 30))
        return False

    async def _all_through(self) -> None:
        """Everybody acts, in a drawn order, until nobody is left."""
        while self.turns.actors:
            await self.turns.go_on(self.chance.choice(self.turns.actors))

    def _enter_what_is_left(self, service: str) -> bool:
        """Whoever has something to do in this service comes; False if nobody has."""
        place = self.world.places[service]
        runtime = place.runtime
        behind = self.world.bus.behind(runtime.group, runtime.service.topics)
        for at in behind:
            self._consume(service, [at])
        query = LEFT + (MAILS if service == "notifications" else NONE)
        [left] = self.world.ground.read(service, query, place.clock.business())
        if left.unpublished:
            self._enter(service, "relay", place.relay.publish_all)
        if left.stopped:
            self._enter(service, "lanes", runtime.delivery.try_due_lanes)
        if left.parked:
            self.turns.enter(f"opal's lanes of {service}", self._mends(service))
        if left.due:
            self._enter(service, "deadlines", self._until_none(self._deadlines(service)))
        if left.mails and self.world.sender is not None:
            self._enter(service, "sender", self._until_none(self.world.sender.some))
        return bool(behind) or any(left)

    @staticmethod
    def _until_none(work: Work) -> Work:
        async def all_() -> None:
            for _ in range(20):
                if not await work():
                    return

        return all_

    def _mends(self, service: str) -> Work:
        """The operator drains what is parked; what nobody can read is set aside, with a reason."""

        async def mend() -> None:
            answer = await self.agency.ask("opal", "GET", service, "/v1/operations/lanes")
            for lane in found(answer):
                if lane["state"] != State.PARKED:
                    continue
                path = f"/v1/operations/lanes/{lane['consumer']}/{lane['topic']}/{lane['key']}"
                if lane["error"] in UNREADABLE:
                    skip = {"event": lane["head"], "reason": "written by somebody else"}
                    await self.agency.ask("opal", "POST", service, f"{path}/skip", skip)
                await self.agency.ask("opal", "POST", service, f"{path}/drain")

        return mend
