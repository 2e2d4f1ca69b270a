"""What a heartbeat says, and where it leaves no trace."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from contracts import heartbeat
from contracts.envelope import Envelope
from contracts.topics import INTAKE
from infra.chassis.bus.base import Received
from infra.chassis.bus.partition import partition_of
from infra.chassis.heartbeat import Heart
from infra.chassis.inbox import InboxRow
from infra.chassis.lanes import Lane
from infra.chassis.outbox import OutboxRow
from infra.chassis.service import Runtime
from tests.support.tiny import count, profile, registered, say, someone
from tests.support.worlds import World
from tests.support.worlds import world as world


def heart(intake: Runtime) -> Heart:
    return Heart(intake.outbox.source, intake.db, intake.bus, every=1)


async def beats(world: World) -> dict[int, Envelope]:
    """The last heartbeat of each partition."""
    found: dict[int, Envelope] = {}

    async def see(message: Received) -> None:
        if heartbeat.HEADER in message.headers:
            found[message.partition] = Envelope.from_bytes(message.value)

    await world.intake.bus.replay(INTAKE, None, see)
    return found


def behind(beat: Envelope) -> float:
    return float(beat.data["behind"])


async def test_every_partition_gets_one_and_nothing_is_left_in_outbox_inbox_or_lanes(world: World) -> None:
    assert await heart(world.intake).beat() == INTAKE.partitions
    assert set(await beats(world)) == set(range(INTAKE.partitions))
    await world.deliver()
    assert [await count(world.matching, rows) for rows in (InboxRow, Lane)] == [0, 0]
    assert await count(world.intake, OutboxRow) == 0
    now = world.matching.clock.system()
    await world.matching.freshness.write(world.matching.db)
    await world.matching.freshness.read(world.matching.db)
    assert world.matching.freshness.stale(now) == frozenset()
    assert world.matching.freshness.age() < 30


async def test_it_carries_the_age_of_what_the_bus_has_not_taken_and_of_nothing_else(world: World) -> None:
    late, sent = someone(), someone()
    await say(world.intake, registered(sent))
    await world.publish()
    await say(world.intake, registered(late))
    async with world.intake.db.transaction() as tx:
        long_ago = tx.system_now - timedelta(seconds=90)
        await tx.execute(update(OutboxRow).values(recorded_at=long_ago))
    await heart(world.intake).beat()
    found = await beats(world)
    place = partition_of(str(late), INTAKE.partitions)
    assert 90 <= behind(found[place]) < 120
    assert {behind(beat) for other, beat in found.items() if other != place} == {0}


async def test_a_message_before_it_that_is_stuck_keeps_it_from_being_heard(world: World) -> None:
    """The heartbeat comes after everything before it in its partition."""
    person = someone()
    await say(world.intake, registered(person))
    await world.publish()
    await heart(world.intake).beat()
    place = partition_of(str(person), INTAKE.partitions)
    reached = asyncio.Event()

    async def hang(message: Received) -> None:
        if heartbeat.HEADER not in message.headers:
            reached.set()
            await asyncio.sleep(3600)
        world.matching.freshness.hear(message)

    consuming: Any = asyncio.ensure_future(world.matching.bus.consume(world.matching.group, [INTAKE], hang))
    await asyncio.wait_for(reached.wait(), 20)
    await asyncio.sleep(0.5)
    consuming.cancel()
    await asyncio.wait([consuming])
    assert place not in world.matching.freshness._heard


async def test_a_rebuild_passes_heartbeats_over(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person), profile(person))
    await world.settle()
    for _ in range(5):
        await heart(world.intake).beat()
    report = await world.rebuild()
    assert report.facts == 2
    assert report.waiting == 0
