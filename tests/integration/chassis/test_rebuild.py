"""A projection is rebuilt by replay beside the live one: same tables, nothing lost or doubled, nothing said anew."""

import asyncio
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import delete, select, text, update
from sqlmodel import col

from contracts.refusal import Conflict, Invalid
from contracts.topics import INTAKE
from infra.chassis import access, projections
from infra.chassis.db import lock_id
from infra.chassis.inbox import InboxRow
from infra.chassis.lanes import Lane, Waiting
from infra.chassis.outbox import OutboxRow
from infra.chassis.rebuild import rebuild
from infra.chassis.republish import republish
from infra.chassis.schema import table
from infra.chassis.service import Runtime
from tests.support.tiny import (
    TALLY,
    Counted,
    Mark,
    count,
    effects,
    erased,
    grant,
    grant_ended,
    hinder,
    mend,
    profile,
    registered,
    say,
    someone,
    tally,
    tiny,
)
from tests.support.worlds import World
from tests.support.worlds import world as world

FEED = f"matching.{TALLY}"


async def test_a_rebuilt_projection_is_the_same_and_says_nothing(world: World) -> None:
    people = [someone() for _ in range(7)]
    for number, person in enumerate(people):
        await say(world.intake, registered(person), *(profile(person, at) for at in range(number)))
    await world.settle()
    await say(world.intake, erased(people[3]))
    await world.settle()
    before, said = await tally(world.matching), await count(world.matching, OutboxRow)

    report = await world.rebuild()

    assert await tally(world.matching) == before
    assert report.facts == 7 + sum(range(7)) + 1 - 4, "of the erased person nothing is left but the erasure"
    assert report.waiting == 0
    assert await count(world.matching, OutboxRow) == said
    assert len(await effects(world.matching)) == 7 + sum(range(7)), "reactions are never rebuilt"


async def test_a_rebuild_mends_what_was_wrong(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person), profile(person, 1), profile(person, 2))
    await world.settle()
    right = await tally(world.matching)
    async with world.matching.db.transaction() as tx:
        await tx.execute(update(Counted).values(profiles=99))
        await tx.execute(delete(Mark))

    await world.rebuild()

    assert await tally(world.matching) == right


async def test_events_that_arrive_during_the_rebuild_are_neither_lost_nor_doubled(world: World) -> None:
    people = [someone() for _ in range(4)]
    await say(world.intake, *map(registered, people))
    await world.settle()
    stop = asyncio.Event()
    told = dict.fromkeys(people, 0)

    async def go_on_telling() -> None:
        while not stop.is_set():
            for person in people:
                told[person] += 1
                await say(world.intake, profile(person, told[person]))
                await asyncio.sleep(0.03)

    async with world.live():
        telling = asyncio.create_task(go_on_telling())
        for _ in range(2):
            await asyncio.sleep(0.2)
            await world.rebuild()
        stop.set()
        await telling
        await world.settled()
    assert min(told.values()) > 2, "nothing was told meanwhile"
    rows = await tally(world.matching)
    assert {row.id: row.profiles for row in rows[: len(people)]} == told
    in_order = {
        person: [str(profile(person, n).at.isoformat()) for n in range(1, told[person] + 1)] for person in people
    }
    assert {p: [row.at for row in rows[len(people) :] if row.person == p] for p in people} == in_order


async def test_a_consumer_that_lags_does_not_repeat_what_the_rebuild_has_applied(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person), profile(person, 1))
    await world.publish()

    await world.rebuild()
    assert (await tally(world.matching))[0].profiles == 1
    await say(world.intake, profile(person, 2))
    await world.settle()

    assert (await tally(world.matching))[0].profiles == 2
    assert len(await effects(world.matching)) == 3, "the lag of the others is their own"


async def test_a_fact_that_is_not_yet_published_is_applied_once(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person), profile(person, 1))
    await republish(tiny("intake"), world.pair.settings["intake"], FEED)
    await rebuild(tiny("matching"), world.pair.settings["matching"], TALLY)
    assert (await tally(world.matching))[0].profiles == 1
    await world.settle()
    assert (await tally(world.matching))[0].profiles == 1


async def test_what_was_erased_from_the_outbox_stays_erased_though_the_topic_still_holds_it(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person), profile(person, 1))
    await world.settle()
    await say(world.intake, erased(person))
    await world.settle()
    async with world.intake.db.transaction() as tx:
        await tx.execute(delete(OutboxRow).where(col(OutboxRow.key) == person, col(OutboxRow.id) < 3))
    await world.rebuild()
    assert await tally(world.matching) == []


async def test_access_is_rebuilt_in_the_same_way(world: World) -> None:
    person, kept, ended = someone(), uuid4(), uuid4()
    await say(world.intake, registered(person), grant(person, kept), grant(person, ended, "family-advice"))
    await say(world.intake, grant_ended(person, ended, "family-advice"))
    await world.settle()
    before = await _access(world.matching)
    assert len(before) == 2

    await world.rebuild("access", types=None)

    assert await _access(world.matching) == before


async def test_the_publisher_rebuilds_its_own_access_from_its_own_outbox(world: World) -> None:
    person, other = someone(), someone()
    await say(world.intake, registered(person), grant(person, uuid4()))
    before = await _access(world.intake)
    async with world.intake.db.transaction() as tx:
        await tx.execute(text("delete from access.person"))

    report = await rebuild(tiny("intake"), world.pair.settings["intake"], "access")

    assert report.facts == 2
    assert await _access(world.intake) == before
    await say(world.intake, registered(other))
    assert len(await _access(world.intake)) == 3


async def test_own_facts_stated_during_the_rebuild_of_access_are_there_once(world: World) -> None:
    stop, people = asyncio.Event(), []

    async def go_on_telling() -> None:
        while not stop.is_set():
            people.append(person := someone())
            await say(world.intake, registered(person), grant(person, uuid4()))
            await asyncio.sleep(0.03)

    telling = asyncio.create_task(go_on_telling())
    for _ in range(3):
        await asyncio.sleep(0.1)
        await rebuild(tiny("intake"), world.pair.settings["intake"], "access")
    stop.set()
    await telling
    rows = await _access(world.intake)
    assert {row[0] for row in rows[: len(people)]} == set(people)
    assert len(rows) == 2 * len(people)


async def test_lanes_of_the_new_generation_take_the_place_of_the_live_ones(world: World) -> None:
    person, other = someone(), someone()
    await say(world.intake, registered(person), registered(other))
    await hinder(world.matching, person, type(profile(person)), "not yet")
    await say(world.intake, profile(person, 1), profile(person, 2), profile(other, 1))
    await world.settle(stopped=2)
    report = await world.rebuild()
    assert report.waiting == 1

    async with world.matching.db.transaction() as tx:
        consumers = {row.consumer for row in await tx.rows(text("select consumer from chassis.lane"))}
        waiting = await tx.rows(text("select * from chassis.lane_event where consumer like 'projection%'"))
    assert consumers == {f"projection:{TALLY}", "reactions"}
    assert len(waiting) == 2
    await mend(world.matching)
    await world.settle()
    assert {row.id: row.profiles for row in (await tally(world.matching))[:2]} == {person: 2, other: 1}
    assert await count(world.matching, Lane) == await count(world.matching, Waiting) == 0


async def test_a_rebuild_mends_a_parked_lane_whose_cause_is_gone(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person))
    await hinder(world.matching, person, type(profile(person)), "kaputt")
    await say(world.intake, profile(person, 1), profile(person, 2))
    await world.settle(stopped=2)
    await mend(world.matching)
    report = await world.rebuild()
    assert report.waiting == 0
    assert (await tally(world.matching))[0].profiles == 2
    await world.settle()
    assert (await tally(world.matching))[0].profiles == 2


async def test_the_new_tables_keep_names_keys_indexes_and_rights(world: World) -> None:
    await _execute(world, "drop role if exists tiny_reader; create role tiny_reader")
    await _execute(world, f"grant usage on schema {TALLY} to tiny_reader; grant select on {TALLY}.mark to tiny_reader")
    before = await _shape(world)
    await say(world.intake, registered(someone()))
    await world.settle()
    await world.rebuild()
    assert await _shape(world) == before
    assert any("counted_reference" in str(line) for line in before)
    assert any("FOREIGN KEY" in str(line) for line in before)
    assert any("tiny_reader" in str(line) for line in before)
    await _execute(world, f"revoke all on {TALLY}.mark from tiny_reader; revoke all on schema {TALLY} from tiny_reader")
    await _execute(world, "drop role tiny_reader")


async def test_a_rebuild_that_broke_off_changes_nothing_and_the_next_one_begins_anew(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person), profile(person, 1))
    await world.settle()
    before = await tally(world.matching)
    # What a process that was killed in the middle leaves behind:
    await _execute(world, f"create schema {TALLY}__next; create table {TALLY}__next.counted (id int)")
    async with world.matching.db.transaction() as tx:
        tx.add(InboxRow, consumer=f"projection:{TALLY}@next", event_id=uuid4(), handled_at=tx.system_now)
    await world.rebuild()
    assert await tally(world.matching) == before
    async with world.matching.db.transaction() as tx:
        left = await tx.rows(text("select 1 from chassis.inbox where consumer like '%@next'"))
        schemas = await tx.rows(text("select nspname from pg_namespace where nspname like 'tiny_tally__%'"))
    assert (left, schemas) == ([], [])


async def test_without_a_whole_feed_nothing_is_swapped(world: World) -> None:
    await say(world.intake, registered(someone()))
    await world.settle()
    with pytest.raises(Invalid, match="no whole feed"):
        await rebuild(tiny("matching"), world.pair.settings["matching"], TALLY)
    await republish(tiny("intake"), world.pair.settings["intake"], FEED, ["lotse.intake.profile-updated"])
    with pytest.raises(Invalid, match="no whole feed"):
        await rebuild(tiny("matching"), world.pair.settings["matching"], TALLY)
    assert await count(world.matching, Counted) == 1


async def test_one_rebuild_at_a_time(world: World) -> None:
    url = world.pair.settings["matching"].database_url.get_secret_value()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other:
        await other.execute("select pg_advisory_lock(%s)", (lock_id("rebuild", f"projection:{TALLY}"),))
        with pytest.raises(Conflict):
            await world.rebuild()


async def test_the_swap_waits_for_a_delivery_that_is_under_way_and_keeps_its_effect(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person))
    await world.settle()
    await say(world.intake, profile(person, 1))
    await world.publish()
    await republish(tiny("intake"), world.pair.settings["intake"], FEED)
    async with world.matching.db.transaction() as tx:
        await tx.execute(
            text("select pg_advisory_xact_lock_shared(:id)"), {"id": lock_id("consumer", f"projection:{TALLY}")}
        )
        rebuilding = asyncio.create_task(rebuild(tiny("matching"), world.pair.settings["matching"], TALLY))
        await asyncio.sleep(1.0)
        assert not rebuilding.done(), "it swapped beside a delivery that had not committed"
    await rebuilding
    await world.settle()
    assert (await tally(world.matching))[0].profiles == 1


async def test_what_must_be_fed_before_is_told() -> None:
    assert projections.feeds(tiny("matching"), TALLY) == {
        "intake": (
            FEED,
            ("lotse.intake.participant-erased", "lotse.intake.participant-registered", "lotse.intake.profile-updated"),
        )
    }
    assert INTAKE.publisher in projections.feeds(tiny("matching"), "access")
    assert projections.feeds(tiny("intake"), "access") == {}
    with pytest.raises(Invalid, match="no projection"):
        projections.feeds(tiny("matching"), "nothing")


async def _access(runtime: Runtime) -> list[tuple[object, ...]]:
    async with runtime.db.transaction() as tx:
        people = await tx.rows(select(table(access.Person)).order_by(col(access.Person.id)))
        grants = await tx.rows(select(table(access.Grant)).order_by(col(access.Grant.id)))
    return [*map(tuple, people), *map(tuple, grants)]


async def _execute(world: World, statements: str) -> None:
    async with world.matching.db.transaction() as tx:
        for statement in statements.split(";"):
            await tx.execute(text(statement))


async def _shape(world: World) -> list[tuple[object, ...]]:
    async with world.matching.db.transaction() as tx:
        await tx.execute(text(f"set local search_path = {TALLY}"))
        rows = await tx.rows(
            text(
                "select relname, relkind::text, relacl::text from pg_class where relnamespace = to_regnamespace(:s)"
                " union all select conname, contype::text, pg_get_constraintdef(oid) from pg_constraint"
                " where connamespace = to_regnamespace(:s) union all select nspname, '', nspacl::text from pg_namespace"
                " where nspname = :s union all select indexname, '', indexdef from pg_indexes where schemaname = :s"
                " order by 1, 2, 3"
            ).bindparams(s=TALLY)
        )
    return [tuple(row) for row in rows]
