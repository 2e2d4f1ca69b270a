"""Who hears what: a consumer's handlers, and an event that has come for one of them."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from contracts import catalogue
from contracts.envelope import Envelope, Fact
from infra.chassis import telemetry
from infra.chassis.bus.base import Received
from infra.chassis.db import Tx
from infra.chassis.lanes import LaneKey

Handler = Callable[[Tx, Any], Awaitable[None]]
"""Takes a fact into the transaction. No network I/O in here."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """A name with an inbox of its own, and what it does about which fact."""

    name: str
    handlers: Mapping[type[Fact], Handler]
    topics: frozenset[str] | None = None
    """Where a fact of a type that this release does not know could concern it; None: on every topic."""

    def wants(self, type_name: str, topic: str) -> bool:
        """A type that is unknown may be what the next release of this consumer is for: it is not let go by."""
        if type_name not in catalogue.TYPES:
            return self.topics is None or topic in self.topics
        return any(type_name == fact.TYPE for fact in self.handlers)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that has come for a consumer."""

    consumer: Consumer
    received: Received
    envelope: Envelope

    @property
    def key(self) -> UUID:
        return key_of(self.envelope.partitionkey)

    @property
    def lane(self) -> LaneKey:
        return (self.consumer.name, self.received.topic, self.key)

    def traced(self) -> AbstractContextManager[None]:
        """Continues the trace of whoever stated it."""
        trace = self.received.headers.get("traceparent") or self.envelope.traceparent
        name = f"{self.consumer.name} {self.envelope.type}"
        return telemetry.continued(trace, name, **marks(self.consumer, self.envelope))


def key_of(text: str) -> UUID:
    """Of a message; a text that is none of our keys has a lane of its own, too."""
    try:
        return UUID(text)
    except ValueError:
        return uuid5(NAMESPACE_OID, text)


def marks(consumer: Consumer, envelope: Envelope) -> telemetry.Marks:
    return {
        "consumer": consumer.name,
        "event": envelope.id,
        "event_type": envelope.type,
        "journey": envelope.correlationid,
    }
