"""A feed holds a service's facts in order, whole, and only what its reader may read."""

import asyncio
from collections.abc import Sequence

import pytest

from contracts.envelope import Envelope
from contracts.events.intake import BarriersUpdated
from contracts.refusal import Invalid
from infra.chassis import republish as republishing
from infra.chassis.bus.base import Message, Received
from infra.chassis.bus.embedded import EmbeddedBus
from infra.chassis.republish import COMPLETE, Run, Unpublishable, feed_of, republish, runs
from tests.support.tiny import START, TALLY, Stated, profile, registered, said, say, someone, tiny
from tests.support.worlds import World
from tests.support.worlds import world as world

FEED = feed_of("intake", f"matching.{TALLY}")


async def feed(world: World, types: Sequence[str] | None = None, consumer: str = f"matching.{TALLY}") -> int:
    return await republish(tiny("intake"), world.pair.settings["intake"], consumer, types)


async def held(world: World, consumer: str = f"matching.{TALLY}") -> list[Envelope]:
    found: list[Envelope] = []

    async def see(message: Received) -> None:
        if COMPLETE not in message.headers:
            found.append(Envelope.from_bytes(message.value))

    await world.intake.bus.replay(feed_of("intake", consumer), None, see)
    return found


async def newest(world: World) -> Run:
    return (await runs(world.intake.bus, FEED))[-1]


async def test_a_feed_holds_everything_in_order_per_person(world: World) -> None:
    people = [someone() for _ in range(3)]
    for number in range(4):
        await say(world.intake, *(profile(person, number) for person in people))
    assert await feed(world) == 12
    arrived, stated = await held(world), await said(world.intake)
    for person in people:
        assert [e.id for e in arrived if e.subject == str(person)] == [e.id for e in stated if e.subject == str(person)]
    run = await newest(world)
    assert (run.whole, run.held, run.upto) == (True, 12, 12)


async def test_only_the_types_that_were_asked_for(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person), profile(person), profile(person))
    assert await feed(world, [registered(person).TYPE]) == 1
    run = await newest(world)
    assert run.holds([registered(person).TYPE])
    assert not run.holds([registered(person).TYPE, profile(person).TYPE])


async def test_what_its_reader_may_not_read_stays_out(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person), BarriersUpdated(participant=person, barriers=(), at=START))
    assert await feed(world) == 1
    assert [each.type for each in await held(world)] == [registered(person).TYPE]
    assert await feed(world, consumer="referrals.needs") == 2
    with pytest.raises(Invalid, match="does not begin with a service"):
        await feed(world, consumer="somebody.else")


async def test_a_row_that_commits_late_is_waited_for(world: World) -> None:
    slow, quick = someone(), someone()
    async with world.intake.db.transaction() as tx:
        await tx.say(Stated(registered(slow)))
        tx.end()
        await tx.flush()
        await say(world.intake, registered(quick))
        feeding = asyncio.create_task(feed(world))
        await asyncio.sleep(0.5)
        assert not feeding.done(), "it went past a row that might still be committed"
    assert await feeding == 2


async def test_a_run_that_broke_off_goes_on_and_is_counted_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(republishing, "BATCH", 4)
    people = [someone() for _ in range(10)]
    await say(world.intake, *map(registered, people))
    publish, batches = EmbeddedBus.publish, 0

    async def break_off(self: EmbeddedBus, messages: Sequence[Message]) -> Sequence[Exception | None]:
        nonlocal batches
        batches += 1
        return await publish(self, messages) if batches <= 2 else [ConnectionError()] * len(messages)

    with monkeypatch.context() as broken:
        broken.setattr(EmbeddedBus, "publish", break_off)
        with pytest.raises(Unpublishable):
            await feed(world)
    assert not (await newest(world)).whole
    assert await feed(world) == 10
    assert len(await runs(world.intake.bus, FEED)) == 1, "it began anew"
    run = await newest(world)
    assert (run.whole, run.held) == (True, 10)


async def test_a_feed_of_which_the_topic_has_forgotten_something_is_not_whole(world: World) -> None:
    await say(world.intake, *(registered(someone()) for _ in range(5)))
    await feed(world)
    assert (await newest(world)).whole
    async with world.intake.bus._transaction() as conn:  # type: ignore[attr-defined]
        await conn.execute(
            "delete from bus.log where ctid in (select ctid from bus.log where topic = %s and value <> '' limit 1)",
            (FEED.name,),
        )
    assert not (await newest(world)).whole


async def test_progress_is_told(world: World) -> None:
    await say(world.intake, *(registered(someone()) for _ in range(3)))
    told: list[int] = []
    await republish(tiny("intake"), world.pair.settings["intake"], "matching.x", None, told.append)
    assert told == [3]
