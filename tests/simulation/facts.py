"""What the services have stated, read from their outboxes: the facts against which everything else is held."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from contracts.catalogue import decode
from contracts.envelope import Envelope, Fact
from contracts.topics import SERVICES
from tests.simulation.ground import Ground


@dataclass(frozen=True)
class Stated:
    """One fact in an outbox."""

    service: str
    position: int
    topic: str
    key: UUID
    envelope: Envelope
    published: bool

    @cached_property
    def fact(self) -> Fact:
        return decode(self.envelope)

    @property
    def short(self) -> str:
        """The last part of its type."""
        return self.envelope.type.rpartition(".")[2]

    @property
    def data(self) -> dict[str, Any]:
        return self.envelope.data


def stated(ground: Ground) -> list[Stated]:
    """All of them, each service's in its own order."""
    return list(_all(ground))


def _all(ground: Ground) -> Iterator[Stated]:
    query = "select id, topic, key, value, published_at from chassis.outbox order by id"
    for service in SERVICES:
        for row in ground.read(service, query):
            envelope = Envelope.from_bytes(bytes(row.value))
            yield Stated(service, row.id, row.topic, row.key, envelope, row.published_at is not None)
