"""Compares what a service holds of others with what the others have stated, and mends what is missing.

Three questions, each answered from the owners' outboxes, fed again (`republish`):

1. *Projections*: filled anew beside the live tables and compared per participant (`rebuild.Mode`). Mending swaps.
2. *Reactions*: is every fact that this service reacts to in the inbox, or waiting in a lane? Mending hands the missing
   ones to the same `Delivery` as ever, in order: each has its effect once, and the live worker may go on meanwhile.
3. *Its own facts*: does a topic hold what this service stated, and its outbox does not know? That is what a restored
   back-up has lost. Nobody can mend it from events; it is named, so that people can look it up and enter it again.

Without `mend` nothing is changed. Names ids only.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from contracts import heartbeat
from contracts.envelope import CONTENT_TYPE, Envelope
from contracts.topics import TOPICS
from infra.chassis import access, erasures, projections, republish
from infra.chassis.bus.base import Received
from infra.chassis.db import Database
from infra.chassis.deliver import Delivery
from infra.chassis.inbox import InboxRow
from infra.chassis.lanes import Waiting
from infra.chassis.outbox import POSITION, OutboxRow
from infra.chassis.rebuild import Mode, rebuild
from infra.chassis.service import Runtime, Service, running
from infra.chassis.settings import ServiceSettings

REACTIONS: Final = "reactions"
LOOK_AGAIN: Final = 2.0
"""Seconds that a fact under way gets before it counts as missed."""
BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Findings:
    """What is not as the facts say."""

    different: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """`projection.table` -> participants (or first keys)."""
    missed: Sequence[Received] = ()
    """Facts to which this service has not reacted."""
    lost: Mapping[UUID, str] = field(default_factory=dict)
    """Event id -> type of facts that this service stated and does not know any more."""

    @property
    def nothing(self) -> bool:
        return not (self.different or self.missed or self.lost)


def feeds(service: Service) -> Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]:
    """What must be republished first: publisher -> (consumer, event types) for `republish.republish`."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name in names(service):
        for publisher, feed in projections.feeds(service, name).items():
            found.setdefault(publisher, []).append(feed)
    for publisher, types in _reacted_to(service).items():
        found.setdefault(publisher, []).append((f"{service.name}.{REACTIONS}", types))
    return found


def names(service: Service) -> tuple[str, ...]:
    """The projections of a service."""
    return (access.CONSUMER, *service.projections)


async def reconcile(service: Service, settings: ServiceSettings, *, mend: bool, live: bool = True) -> Findings:
    """Needs the feeds named by `feeds`; `live=False` if the service is shut out. Raises what `rebuild` raises."""
    different: dict[str, frozenset[str]] = {}
    for name in names(service):
        report = await rebuild(service, settings, name, mode=Mode.MEND if mend else Mode.LOOK, live=live)
        different |= {f"{name}.{table}": ids for table, ids in report.different.items()}
    async with running(service, settings) as runtime:
        missed = await _missed(runtime)
        if mend and missed:
            [consumer] = [one for one in service.consumers() if one.name == REACTIONS]
            delivery = Delivery(runtime.db, [consumer])
            for message in missed:
                await delivery(message)
        return Findings(different, missed, await _lost(runtime))


def _reacted_to(service: Service) -> Mapping[str, tuple[str, ...]]:
    """publisher -> the types to which this service reacts"""
    wanted: dict[str, set[str]] = {}
    for fact in service.reactions:
        for topic in fact.TOPICS:
            if service.name in topic.readers:
                wanted.setdefault(topic.publisher, set()).add(fact.TYPE)
    return {publisher: tuple(sorted(types)) for publisher, types in wanted.items()}


async def _missed(runtime: Runtime) -> Sequence[Received]:
    """The facts, in order, to which nothing here has reacted; those under way get a moment."""
    found = await _unhandled(runtime, await _fed(runtime))
    if found:
        await asyncio.sleep(LOOK_AGAIN)
        found = await _unhandled(runtime, found)
    return found


async def _fed(runtime: Runtime) -> list[Received]:
    """What the newest whole feeds hold and no inbox has forgotten yet."""
    service, found = runtime.service, list[Received]()
    since = {topic.name: runtime.clock.system() - topic.retention for topic in TOPICS}
    for publisher, types in _reacted_to(service).items():
        feed = republish.feed_of(publisher, f"{service.name}.{REACTIONS}")
        await runtime.bus.create_topics([feed])
        run = await republish.newest_whole_run(runtime.bus, feed, types)
        if run is None:
            raise republish.no_feed(publisher, f"{service.name}.{REACTIONS}")
        newest = str(run.id)

        async def take(message: Received, newest: str = newest) -> None:
            headers = message.headers
            if headers[republish.RUN] != newest or republish.COMPLETE in headers:
                return
            if Envelope.from_bytes(message.value).time >= since[headers[republish.TOPIC]]:
                kept = {"content-type": CONTENT_TYPE, POSITION: headers[POSITION]}
                found.append(Received(headers[republish.TOPIC], message.key, message.value, kept))

        await runtime.bus.replay(feed, None, take)
    return found


async def _unhandled(runtime: Runtime, messages: Sequence[Received]) -> list[Received]:
    left: list[Received] = []
    for start in range(0, len(messages), BATCH):
        batch = {Envelope.from_bytes(message.value).id: message for message in messages[start : start + BATCH]}
        known = await _known(runtime.db, batch, InboxRow) | await _known(runtime.db, batch, Waiting)
        left += [message for event, message in batch.items() if event not in known]
    return left


async def _known(db: Database, events: Collection[UUID], rows: Any) -> set[UUID]:
    """Those of the events that the reactions have dealt with, or that wait for them."""
    query = select(col(rows.event_id)).where(col(rows.consumer) == REACTIONS, col(rows.event_id).in_(events))
    async with db.transaction() as tx:
        return {row.event_id for row in await tx.rows(query)}


async def _lost(runtime: Runtime) -> Mapping[UUID, str]:
    """Events of our own topics that our outbox does not know. What it forgot with an erased person is not missed."""
    lost: dict[UUID, str] = {}
    async with runtime.db.transaction() as tx:
        erased = {str(one) for one in await erasures.everybody(tx)}
    for topic in TOPICS:
        if topic.publisher != runtime.service.name:
            continue
        stated: dict[UUID, str] = {}

        async def see(message: Received, stated: dict[UUID, str] = stated) -> None:
            if heartbeat.HEADER not in message.headers:
                envelope = Envelope.from_bytes(message.value)
                if not erased & {str(value) for value in (envelope.partitionkey, *envelope.data.values())}:
                    stated[envelope.id] = envelope.type

        await runtime.bus.replay(topic, None, see)
        ids = list(stated)
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            async with runtime.db.transaction() as tx:
                rows = await tx.rows(select(col(OutboxRow.event_id)).where(col(OutboxRow.event_id).in_(part)))
            kept = {row.event_id for row in rows}
            lost |= {event: stated[event] for event in part if event not in kept}
    return lost
