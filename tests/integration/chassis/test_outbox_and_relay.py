"""What was committed leaves the service: all of it, per key in the order of the commits, under one event id."""

import asyncio
from collections import Counter

import psycopg
import pytest
from sqlalchemy import select, text
from sqlmodel import col

from contracts.envelope import Envelope
from contracts.events.intake import BarriersUpdated
from contracts.topics import INTAKE, INTAKE_CARE, TOPICS
from contracts.vocabulary import ParticipantId
from infra.chassis import relay as relay_module
from infra.chassis.bus.base import Received
from infra.chassis.crashpoints import Crashpoints
from infra.chassis.db import lock_id
from infra.chassis.outbox import OutboxRow
from infra.chassis.relay import Relay
from tests.support.tiny import START, Stated, effects, profile, registered, said, say, someone, tally
from tests.support.waiting import beside, until
from tests.support.worlds import World
from tests.support.worlds import world as world


async def log(world: World) -> list[Envelope]:
    """Everything that reached `lotse.intake`, per partition in order."""
    found: list[Envelope] = []

    async def see(message: Received) -> None:
        found.append(Envelope.from_bytes(message.value))

    await world.matching.bus.replay(INTAKE, None, see)
    return found


async def test_nothing_is_said_by_a_transaction_that_fails(world: World) -> None:
    async def fail() -> None:
        async with world.intake.db.transaction() as tx:
            await tx.say(Stated(registered(someone())))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await said(world.intake) == []


async def test_two_open_transactions_about_one_person_leave_in_the_order_of_their_commits(world: World) -> None:
    person, other = someone(), someone()
    async with world.intake.db.transaction() as first:
        await first.say(Stated(profile(person, 1)))
        first.end()
        await first.flush()
        second = asyncio.create_task(say(world.intake, profile(person, 2)))
        await asyncio.wait_for(say(world.intake, profile(other, 3)), 5)  # nobody else waits
        await asyncio.sleep(0.2)
        assert not second.done(), "it drew its place in the outbox before the first had committed"
    await second
    of_person = [each.data["at"] for each in await said(world.intake) if each.subject == str(person)]
    assert of_person == [profile(person, at).model_dump(mode="json")["at"] for at in (1, 2)]


async def test_two_transactions_about_the_same_people_in_opposite_order_do_not_block_each_other(world: World) -> None:
    amal, budi = someone(), someone()
    both_have_begun = asyncio.Barrier(2)

    async def tell(first: ParticipantId, then: ParticipantId, at: int) -> None:
        async with world.intake.db.transaction() as tx:
            await tx.say(Stated(profile(first, at)))
            await tx.rows(text("select 1"))  # whatever was gathered so far is sent now
            await both_have_begun.wait()
            await tx.say(Stated(profile(then, at)))

    await asyncio.wait_for(asyncio.gather(tell(amal, budi, 1), tell(budi, amal, 2)), 5)

    stated = [(each.subject, each.data["at"]) for each in await said(world.intake)]
    assert len(stated) == 4
    one, other = (profile(amal, at).model_dump(mode="json")["at"] for at in (1, 2))
    assert [at for _, at in stated] in ([one, one, other, other], [other, other, one, one])


async def test_many_at_once_keep_each_person_in_order(world: World) -> None:
    people = [someone() for _ in range(3)]
    order: dict[object, list[int]] = {person: [] for person in people}

    async def tell(number: int) -> None:
        person = people[number % 3]
        async with world.intake.db.transaction() as tx:
            await tx.say(Stated(profile(person, number)))
            tx.end()
            await tx.flush()
            order[person].append(number)  # it holds the person's lock now, so this is the order of the commits

    await asyncio.gather(*map(tell, range(60)))
    await world.publish()
    arrived = await log(world)
    for person in people:
        got = [each.data["at"] for each in arrived if each.subject == str(person)]
        assert got == [profile(person, n).model_dump(mode="json")["at"] for n in order[person]]


async def test_a_row_that_commits_late_is_not_skipped(world: World) -> None:
    slow, quick = someone(), someone()
    async with world.intake.db.transaction() as first:
        await first.say(Stated(registered(slow)))
        first.end()
        await first.flush()
        await say(world.intake, registered(quick))
        await world.publish()
        assert [each.subject for each in await log(world)] == [str(quick)]
    await world.publish()
    assert {each.subject for each in await log(world)} == {str(quick), str(slow)}


async def test_a_failing_send_holds_back_that_key_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # More rows of the one that fails than a batch holds, and before all others: they must not fill it.
    monkeypatch.setattr(relay_module, "BATCH", 3)
    held, free = someone(), someone()
    async with world.matching.bus._transaction() as conn:  # type: ignore[attr-defined]
        await conn.execute("delete from bus.partition where topic = %s", (INTAKE_CARE.name,))
    for _ in range(5):
        await say(world.intake, BarriersUpdated(participant=held, barriers=(), at=START))
    await say(world.intake, registered(held), registered(free), profile(free, 1))

    assert await world.publish() is True
    assert [each.subject for each in await log(world)] == [str(free)] * 2
    async with world.intake.db.transaction() as tx:
        waiting = await tx.rows(select(col(OutboxRow.key)).where(col(OutboxRow.published_at).is_(None)))
    assert [row.key for row in waiting] == [held] * 6

    await world.intake.bus.create_topics(TOPICS)
    assert await world.publish() is False
    assert sorted(each.subject for each in await log(world)) == sorted([str(free)] * 2 + [str(held)])


async def test_after_a_death_between_publishing_and_marking_the_same_event_comes_again(world: World) -> None:
    class Died(Exception):
        pass

    class DieAfterPublish(Crashpoints):
        def reach(self, point: str) -> None:
            if point == "after-publish":
                raise Died

    person = someone()
    await say(world.intake, registered(person), profile(person, 1))
    with pytest.raises(Died):
        await Relay("intake", world.intake.db, world.intake.bus, crashpoints=DieAfterPublish()).publish_all()
    await world.settle()
    assert Counter(each.id for each in await log(world)) == Counter({each.id: 2 for each in await said(world.intake)})
    assert await effects(world.matching) == [each.id for each in await said(world.intake)]
    assert (await tally(world.matching))[0].profiles == 1


async def test_one_relay_is_active_and_another_takes_over_when_its_connection_dies(world: World) -> None:
    published = {"first": 0, "second": 0}

    def counting(name: str) -> Relay:
        def note(per_topic: Counter[str]) -> None:
            published[name] += per_topic.total()

        return Relay("intake", world.intake.db, world.intake.bus, note)

    async def by(name: str, rows: int) -> bool:
        return published[name] == rows

    async def waiting() -> bool:
        return await _locks(world, granted=False) == 1

    async with beside(counting("first").run()) as [first]:
        await say(world.intake, registered(someone()))
        await until(lambda: by("first", 1), "the first relay publishes")
        async with beside(counting("second").run()):
            await until(waiting, "the second relay waits for the first")
            await say(world.intake, registered(someone()))
            await until(lambda: by("first", 2), "the first relay goes on")
            assert published["second"] == 0
            await _kill_holder(world)
            await say(world.intake, registered(someone()))
            await until(lambda: by("second", 1), "the second relay has taken over")
            with pytest.raises(BaseExceptionGroup):
                await asyncio.wait_for(first, 15)
    assert published == {"first": 2, "second": 1}
    assert len(await log(world)) == 3


async def test_a_commit_wakes_the_relay(world: World) -> None:
    async with world.live():
        await asyncio.sleep(0.3)
        started = asyncio.get_running_loop().time()
        await say(world.intake, registered(someone()))

        async def arrived() -> bool:
            return len(await log(world)) == 1

        await until(arrived, "the event was published")
        assert asyncio.get_running_loop().time() - started < 0.9, "only polling found it"


async def _locks(world: World, *, granted: bool) -> int:
    key = lock_id("relay", "intake") & 0xFFFFFFFFFFFFFFFF
    async with world.intake.db.transaction() as tx:
        rows = await tx.rows(
            text(
                "select pid from pg_locks where locktype = 'advisory' and objsubid = 1 and granted = :granted"
                " and classid::bigint = :high and objid::bigint = :low"
            ).bindparams(granted=granted, high=key >> 32, low=key & 0xFFFFFFFF)
        )
    return len(rows)


async def _kill_holder(world: World) -> None:
    key = lock_id("relay", "intake") & 0xFFFFFFFFFFFFFFFF
    url = world.pair.settings["intake"].database_url.get_secret_value()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objsubid = 1 and granted"
            " and classid::bigint = %s and objid::bigint = %s",
            (key >> 32, key & 0xFFFFFFFF),
        )
