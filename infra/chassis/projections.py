"""Which projections a service has, and what each is made from.

A projection is what one consumer alone writes: the tables of the PostgreSQL schema of its name (`access`, or a name in
`incoming.PROJECTIONS`). It can be made anew from the facts that its handlers take; `rebuild.py` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.refusal import Invalid
from contracts.topics import Topic
from infra.chassis import access
from infra.chassis.arrival import Consumer
from infra.chassis.service import Service


@dataclass(frozen=True, slots=True)
class Projection:
    """One projection of a service."""

    service: str
    name: str
    """Also the name of its schema."""
    consumer: Consumer

    @property
    def feed(self) -> str:
        """The name under which publishers feed it: `<service>.<projection>`."""
        return f"{self.service}.{self.name}"

    def sources(self) -> list[tuple[Topic, str]]:
        """(topic, event type) that it takes, of the topics that the service may read or writes itself."""
        return [
            (topic, fact.TYPE)
            for fact in self.consumer.handlers
            for topic in fact.TOPICS
            if self.service in topic.readers or self.service == topic.publisher
        ]

    def wanted(self) -> Mapping[str, tuple[str, ...]]:
        """publisher -> the types that it takes from that publisher"""
        found: dict[str, set[str]] = {}
        for topic, type_ in self.sources():
            found.setdefault(topic.publisher, set()).add(type_)
        return {publisher: tuple(sorted(types)) for publisher, types in found.items()}


def projection(service: Service, name: str) -> Projection:
    """Raises `Invalid` for a name that no projection of this service has."""
    names = {access.CONSUMER: access.CONSUMER, **{each: f"projection:{each}" for each in service.projections}}
    if name not in names:
        raise Invalid(
            f"{service.name} has no projection {name!r}.", way_out=f"Choose one of: {', '.join(sorted(names))}."
        )
    consumer = next(consumer for consumer in service.consumers() if consumer.name == names[name])
    return Projection(service.name, name, consumer)


def feeds(service: Service, name: str) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """What must be republished before a rebuild: publisher -> (consumer, event types) for `republish.republish`."""
    found = projection(service, name)
    return {publisher: (found.feed, types) for publisher, types in found.wanted().items() if publisher != service.name}
