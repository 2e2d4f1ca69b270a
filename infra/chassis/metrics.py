"""What a service counts for Prometheus. One registry per service, since onebox runs all of them in one process.

Label values are closed vocabularies (routes as templates, types, consumers, outcomes): never an id, never an address.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The instruments of one service; `render` is the body of its `/metrics`. Names end in their unit."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.registry = registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=registry)
        build = Gauge("lotse_service", "Which service this is; always 1.", ["service"], registry=registry)
        build.labels(service).set(1)

        self.http_requests = Counter(
            "lotse_http_requests", "Answered requests.", ["method", "route", "status"], registry=registry
        )
        self.http_seconds = Histogram(
            "lotse_http_seconds", "Time to the last byte.", ["method", "route"], buckets=_BUCKETS, registry=registry
        )
        self.dependency_up = Gauge(
            "lotse_dependency_up", "1 if database or bus answered at the last look.", ["dependency"], registry=registry
        )
        self.worker_stuck = Gauge(
            "lotse_worker_stuck", "1 if events wait and the worker has finished none for a while.", registry=registry
        )
        self.events_behind = Gauge(
            "lotse_events_behind",
            "Events of a topic that wait for this service.",
            ["topic"],
            registry=registry,
        )
        self.outbox_unpublished = Gauge(
            "lotse_outbox_unpublished", "Committed events that the relay has not published yet.", registry=registry
        )
        self.outbox_oldest_seconds = Gauge(
            "lotse_outbox_oldest_seconds", "Age of the oldest unpublished event, 0 if none.", registry=registry
        )
        self.events_published = Counter(
            "lotse_events_published", "Events the bus has acknowledged.", ["topic"], registry=registry
        )
        self.events_handled = Counter(
            "lotse_events_handled",
            "Events taken from the bus, by how that ended (docs/delivery-guarantees.md).",
            ["consumer", "outcome"],
            registry=registry,
        )
        self.handler_seconds = Histogram(
            "lotse_handler_seconds",
            "Time of one event's transaction.",
            ["consumer"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.lanes_stopped = Gauge(
            "lotse_lanes_stopped",
            "Lanes that do not flow: waiting, deferred or parked.",
            ["consumer", "state"],
            registry=registry,
        )
        self.grants_known_seconds = Gauge(
            "lotse_grants_known_seconds", "Age of what is known of disclosure grants; intake's is 0.", registry=registry
        )
        self.deliveries = Counter(
            "lotse_deliveries",
            "Hand-overs of mails and to webhooks, by how they ended.",
            ["channel", "outcome"],
            registry=registry,
        )
        self.webhooks_oldest_seconds = Gauge(
            "lotse_webhooks_oldest_seconds",
            "Age of the oldest event that waits for an active webhook, 0 if none.",
            registry=registry,
        )

    def render(self) -> bytes:
        """The registry in Prometheus text format; its media type is `CONTENT_TYPE`."""
        return generate_latest(self.registry)
