"""Wraps each handler: notes in its transaction that it took effect, and fails it where the seed wants that."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final
from uuid import UUID

from contracts.catalogue import UnknownEvent
from contracts.envelope import Fact
from infra.chassis.arrival import Consumer, Handler
from infra.chassis.db import Tx

NOTE: Final = """
insert into simulation.effect (consumer, topic, key, event_id, type)
values (%(consumer)s, %(topic)s, %(key)s, %(event)s, %(type)s)
"""


class Poisonous(Exception):
    """This event can't be handled by this consumer: until somebody mends it."""


Hindered = tuple[str, str, UUID]
"""(service, consumer, event)"""


@dataclass
class Obstacles:
    """Which events can't be handled where: drawn when they come for the first time, until mended."""

    chance: Random
    share: float = 0.0
    """Of all (consumer, event)."""
    met: dict[Hindered, Callable[[str], Exception] | None] = field(default_factory=dict)

    def meet(self, service: str, consumer: str, event: UUID) -> None:
        """Raises what stands in the way, if anything does."""
        here = (service, consumer, event)
        if here not in self.met:
            hindered = self.chance.random() < self.share
            self.met[here] = self.chance.choice((Poisonous, UnknownEvent)) if hindered else None
        obstacle = self.met[here]
        if obstacle is not None:
            raise obstacle("hindered by the simulation")

    def mend(self) -> int:
        """Everything that stands in the way now is mended; how much that was."""
        standing = [here for here, obstacle in self.met.items() if obstacle is not None]
        for here in standing:
            self.met[here] = None
        return len(standing)

    def end(self) -> None:
        """No more of it."""
        self.mend()
        self.share = 0.0


def probed(service: str, consumer: Consumer, obstacles: Obstacles) -> Consumer:
    """The same consumer with the probe around each handler."""
    wrapped = {kind: _around(service, consumer.name, handler, obstacles) for kind, handler in consumer.handlers.items()}
    return replace(consumer, handlers=wrapped)


def _around(service: str, consumer: str, handler: Handler, obstacles: Obstacles) -> Handler:
    async def handle(tx: Tx, fact: Any) -> None:
        assert tx.cause is not None
        assert isinstance(fact, Fact)
        obstacles.meet(service, consumer, tx.cause.id)
        await handler(tx, fact)
        tx.later(NOTE, consumer=consumer, topic=fact.topic.name, key=fact.key, event=tx.cause.id, type=fact.TYPE)

    return handle
