"""Events that have queued up share one transaction; whatever stands in the way of one of them harms no other."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from contracts import heartbeat
from contracts.envelope import Envelope
from contracts.events import intake
from contracts.topics import INTAKE
from contracts.vocabulary import ParticipantId
from infra.chassis.bus.base import Received
from infra.chassis.bus.feeding import feed
from infra.chassis.deliver import Delivery, NotYet
from infra.chassis.lanes import State
from infra.chassis.outbox import OutboxRow
from infra.chassis.schema import table
from infra.chassis.service import Runtime
from tests.support.delivering import PROJECTION, arrives, envelope, flows, stopped
from tests.support.tiny import effects, hinder, mend, profile, registered, someone, tally
from tests.support.waiting import beside, until
from tests.support.worlds import World
from tests.support.worlds import world as world


def queued(sent: Sequence[Envelope]) -> list[Received]:
    return [Received(INTAKE.name, one.partitionkey, one.to_bytes(), {}, 0, at) for at, one in enumerate(sent)]


async def come(world: World, sent: Sequence[Envelope]) -> None:
    """As a bus feeds them: together, and one after the other if that fails."""
    delivery = world.matching.delivery
    await feed(queued(sent), delivery, delivery.together, done=lambda _: None)


async def transactions(runtime: Runtime) -> int:
    async with runtime.db.transaction() as tx:
        return int((await tx.execute(text("select count(distinct xmin::text) from chassis.inbox"))).scalar_one())


def journeys(people: int) -> list[Envelope]:
    """Each is registered and has two profiles, one person after the other."""
    everybody = [someone() for _ in range(people)]
    return [
        *(envelope(registered(person)) for person in everybody),
        *(envelope(profile(person, number)) for number in (1, 2) for person in everybody),
    ]


async def test_they_share_one_transaction_and_keep_their_order(world: World) -> None:
    sent = journeys(4)
    await come(world, sent)
    assert await effects(world.matching) == [one.id for one in sent]
    assert [row.profiles for row in (await tally(world.matching))[:4]] == [2, 2, 2, 2]
    assert await transactions(world.matching) == 1


async def test_each_is_the_cause_of_what_it_leads_to_and_nothing_else(world: World) -> None:
    sent = journeys(3)
    await come(world, sent)
    async with world.matching.db.transaction() as tx:
        rows = await tx.rows(table(OutboxRow).select().order_by(table(OutboxRow).c.id))
    stated = [Envelope.from_bytes(row.value) for row in rows]
    assert [one.causationid for one in stated] == [one.id for one in sent]
    journey = {one.partitionkey: one.correlationid for one in sent[:3]}
    assert [one.correlationid for one in stated] == [journey[one.partitionkey] for one in sent]


async def test_what_has_been_dealt_with_and_what_comes_twice_is_done_once(world: World) -> None:
    sent = journeys(2)
    await arrives(world, sent[0])
    await come(world, [sent[0], sent[1], sent[1], sent[2], sent[1], sent[2]])
    assert await effects(world.matching) == [one.id for one in sent[:3]]
    assert [row.profiles for row in (await tally(world.matching))[:2]].count(1) == 1


async def test_the_same_events_at_once_in_two_workers_are_done_once(world: World) -> None:
    sent = journeys(5)
    await asyncio.gather(*(come(world, part) for part in (sent, sent[::-1][5:], sent)))
    async with beside(world.matching.delivery.work_off_lanes(0.02)):
        await until(lambda: flows(world), "the lanes flow")
    assert sorted(await effects(world.matching)) == sorted(one.id for one in sent)


async def test_one_that_fails_waits_alone(world: World) -> None:
    sent = journeys(3)
    person = ParticipantId(UUID(sent[1].partitionkey))
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    await come(world, sent)
    theirs = [one.id for one in sent if one.partitionkey == str(person)]
    assert await effects(world.matching) == [one.id for one in sent if one.id not in theirs[1:]]
    assert await stopped(world) == {(PROJECTION, person): State.WAITING, ("reactions", person): State.WAITING}

    more = [envelope(profile(ParticipantId(UUID(one.partitionkey)), 3)) for one in sent[:3]]
    before = await transactions(world.matching)
    await come(world, more)
    assert await effects(world.matching) == [
        *(one.id for one in sent if one.id not in theirs[1:]),
        *(one.id for one in more if one.partitionkey != str(person)),
    ]
    assert await transactions(world.matching) == before + 1, "a stopped lane made them come one after the other"

    await mend(world.matching)
    async with beside(world.matching.delivery.work_off_lanes(0.02)):
        await until(lambda: flows(world), "the lanes flow again")
    assert [row.profiles for row in (await tally(world.matching))[:3]] == [3, 3, 3]
    assert (await effects(world.matching))[-3:] == [*theirs[1:], more[1].id]


async def test_what_nobody_can_read_is_parked_and_the_others_are_done(world: World) -> None:
    sent = journeys(2)
    messages = queued(sent)
    messages[2] = Received(INTAKE.name, str(uuid4()), b"?", {}, 0, 2)
    delivery = world.matching.delivery
    await feed(messages, delivery, delivery.together, done=lambda _: None)
    assert await effects(world.matching) == [one.id for one in sent if one is not sent[2]]
    assert set((await stopped(world)).values()) == {State.PARKED}


async def test_a_heartbeat_counts_once_what_came_before_it_is_durable(world: World) -> None:
    heard: list[int] = []
    sent = journeys(1)
    beat = Received(INTAKE.name, "", b"", {heartbeat.HEADER: datetime.now(UTC).isoformat()}, 0, 9)
    matching = world.matching
    delivery = Delivery(matching.db, matching.delivery.consumers, hear=lambda beat: heard.append(beat.offset))
    messages = queued(sent)
    await delivery.together([*messages[:2], beat, messages[2]])
    assert heard == [9]
    assert await effects(matching) == [one.id for one in sent]

    failing = [envelope(profile(someone())) for _ in range(2)]
    with pytest.raises(NotYet):
        await delivery.together([*queued(failing), beat])
    assert heard == [9], "nothing of what came before it was dealt with"
