"""What makes a service: a description in data, and the machinery that one process needs to run it.

`services/<name>/service.py` holds one `Service`; API, worker, onebox, migrations and house rules all read it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter

from contracts.envelope import Fact
from contracts.topics import Topic, read_by
from infra.chassis import access, closing, freshness, outbox, telemetry
from infra.chassis.arrival import Consumer, Handler
from infra.chassis.bus.base import Bus
from infra.chassis.clock import SystemClock
from infra.chassis.crashpoints import Crashpoints
from infra.chassis.db import Database, Tx
from infra.chassis.deadlines import Due
from infra.chassis.deliver import Delivery, Outcome
from infra.chassis.freshness import Freshness
from infra.chassis.identity.oidc import TokenVerifier
from infra.chassis.identity.provider import open_provider
from infra.chassis.ids import Ids, RandomIds
from infra.chassis.master_keys import MasterKeys
from infra.chassis.outbox import Outbox
from infra.chassis.policy import Policy
from infra.chassis.sealed import Vault
from infra.chassis.settings import ServiceSettings
from infra.chassis.wake import Wake, go_on

Loop = Callable[["Runtime"], Awaitable[None]]
"""A task of a worker that runs until cancelled: a sender, a daily job."""
Say = Callable[[Any], Sequence[Fact]]
"""Domain event -> the facts that leave the service. The only gate out."""


@dataclass(frozen=True)
class Service:
    """One of the four services, as data."""

    name: str
    settings: type[ServiceSettings]
    schemas: tuple[str, ...]
    """Its capabilities' PostgreSQL schemas."""
    migrations: Path
    routers: tuple[APIRouter, ...] = ()
    outgoing: Mapping[type[Any], Say] = field(default_factory=dict)
    inside: Mapping[type[Any], tuple[Handler, ...]] = field(default_factory=dict)
    """Domain event -> what other capabilities of this service do about it, in the same transaction."""
    projections: Mapping[str, Mapping[type[Fact], Handler]] = field(default_factory=dict)
    reactions: Mapping[type[Fact], Handler] = field(default_factory=dict)
    ignored: frozenset[type[Fact]] = frozenset()
    own: Mapping[type[Fact], Handler] = field(default_factory=dict)
    """What a restored service does again about facts that it stated itself."""
    deadlines: Mapping[str, Due] = field(default_factory=dict)
    loops: tuple[Loop, ...] = ()

    @property
    def topics(self) -> tuple[Topic, ...]:
        return read_by(self.name)

    def consumers(self) -> list[Consumer]:
        """Access first: nothing that fails later may keep a withdrawal from being known."""
        return [
            Consumer(access.CONSUMER, closing.HANDLERS, closing.TOPICS),
            *(Consumer(f"projection:{name}", handlers) for name, handlers in self.projections.items()),
            Consumer("reactions", self.reactions),
        ]

    def after_a_restore(self) -> list[Consumer]:
        """Whoever forgets what an older back-up brought back."""
        return [*self.consumers(), Consumer("own", self.own)]


class Runtime:
    """Everything one process needs to run a service. Built once, passed down, closed at the end."""

    def __init__(
        self,
        service: Service,
        settings: ServiceSettings,
        *,
        clock: SystemClock,
        ids: Ids,
        bus: Bus | None = None,
        database: Callable[..., Database] = Database,
        crashpoints: Crashpoints | None = None,
    ) -> None:
        self.service, self.settings, self.clock, self.ids = service, settings, clock, ids
        self.crashpoints = crashpoints or settings.crashpoints()
        url = settings.database_url.get_secret_value()
        self.db = database(url, clock=clock, ids=ids, pool_size=settings.pool_size, crashpoints=self.crashpoints)
        self.wake = Wake(url)
        self.outbox = Outbox(service.name, settings.region, self.wake)
        self.bus: Bus = bus or settings.open_bus(self.crashpoints)
        self.vault = Vault(
            settings.keys_database_url.get_secret_value(), MasterKeys.read(settings.master_key.get_secret_value())
        )
        self.http = httpx.AsyncClient(timeout=5)
        self.verifier = TokenVerifier(
            settings.issuer, settings.audience, at=settings.issuer_inside, http=self.http, clock=clock.system
        )
        self.identity = open_provider(settings, service.name, self.http, clock.system)
        self.policy = Policy()
        self.telemetry = telemetry.set_up(service.name, settings.otlp_url)
        self.telemetry.watch_client(self.http)
        telemetry.watch_engine(self.db.engine)
        self.metrics = self.telemetry.metrics
        self.db.vault = self.vault
        self.db.speak = self._speak
        self.freshness = Freshness(
            timedelta(seconds=settings.grants_fresh_for_seconds),
            own=service.name == freshness.SOURCE.publisher,
            clock=clock.system,
        )
        self.db.stale = self.freshness.stale
        self.metrics.grants_known_seconds.set_function(self.freshness.age)

        self.group = f"lotse.{service.name}"
        self.delivery = Delivery(
            self.db, service.consumers(), self._observe, self.crashpoints, hear=self.freshness.hear
        )

    async def unpublished(self, tx: Tx) -> int:
        """Facts that the bus has not acknowledged yet."""
        return (await outbox.waiting(tx))[0]

    async def follow_ended_access(self, look_every: float) -> None:
        """Refuse the tokens of staff whose access ended; run until cancelled."""
        while go_on():
            async with self.db.transaction() as tx:
                for staff, not_before in (await access.ended(tx)).items():
                    self.verifier.suspend(staff, not_before)
            await asyncio.sleep(look_every)

    def observe_published(self, per_topic: Mapping[str, int]) -> None:
        for topic, count in per_topic.items():
            self.metrics.events_published.labels(topic).inc(count)

    def _observe(self, consumer: str, _type: str, outcome: Outcome, seconds: float) -> None:
        self.metrics.events_handled.labels(consumer, outcome).inc()
        self.metrics.handler_seconds.labels(consumer).observe(seconds)

    async def _speak(self, tx: Tx, events: tuple[Any, ...]) -> None:
        """Facts about access are known here at once: a service's picture of its own grants is never late.

        Every event must be known to `outgoing` or `inside`: forgetting one is a fault, not silence.
        """
        for event in events:
            say = self.service.outgoing.get(type(event))
            inside = self.service.inside.get(type(event), ())
            if say is None and not inside:
                raise LookupError(f"{type(event).__name__} is neither in outgoing.py nor handled inside")
            facts = say(event) if say else ()
            for fact in facts:
                await closing.apply(tx, fact)
            await self.outbox.append(tx, facts)
            for handler in inside:
                await handler(tx, event)


@asynccontextmanager
async def running(
    service: Service,
    settings: ServiceSettings,
    *,
    clock: SystemClock | None = None,
    ids: Ids | None = None,
    bus: Bus | None = None,
    database: Callable[..., Database] = Database,
    crashpoints: Crashpoints | None = None,
) -> AsyncIterator[Runtime]:
    """A `Runtime` that is closed in the end. All but the first two are for those who make a world of their own."""
    runtime = Runtime(
        service,
        settings,
        clock=clock or SystemClock(),
        ids=ids or RandomIds(),
        bus=bus,
        database=database,
        crashpoints=crashpoints,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runtime.db.close)
        stack.push_async_callback(runtime.bus.close)
        stack.push_async_callback(runtime.http.aclose)
        await runtime.vault.open()
        stack.push_async_callback(runtime.vault.close)
        stack.callback(runtime.telemetry.close)
        yield runtime
