"""What happens to an event that arrives: done once and in order, or waiting where it holds up nobody else."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from contracts.events import intake
from contracts.refusal import Conflict
from contracts.topics import INTAKE, INTAKE_CARE
from contracts.vocabulary import Category, Role
from infra.chassis import access, audit, lanes, operations
from infra.chassis.caller import Caller
from infra.chassis.db import Actor
from infra.chassis.deliver import Outcome
from infra.chassis.identity.principal import Kind, Principal
from infra.chassis.lanes import Lane, LaneKey, Skipped, State, Waiting
from infra.chassis.policy import Policy
from tests.support.delivering import PROJECTION, arrives, envelope, flows, open_to, stopped
from tests.support.tiny import (
    START,
    Effect,
    count,
    effects,
    grant,
    grant_ended,
    hinder,
    mend,
    profile,
    registered,
    someone,
    tally,
    work_rights,
)
from tests.support.waiting import beside, until
from tests.support.worlds import World
from tests.support.worlds import world as world


async def test_an_event_is_done_once_however_often_it_arrives(world: World) -> None:
    person = someone()
    first, second = envelope(registered(person)), envelope(profile(person))
    for sent in (first, second, first, second, second):
        await arrives(world, sent)
    assert await effects(world.matching) == [first.id, second.id]
    assert [row.profiles for row in (await tally(world.matching))[:1]] == [1]


async def test_the_same_event_at_once_in_two_workers_is_done_once(world: World) -> None:
    sent = [envelope(registered(someone())) for _ in range(5)]
    await asyncio.gather(*(arrives(world, one) for one in sent for _ in range(3)))
    assert sorted(await effects(world.matching)) == sorted(one.id for one in sent)


async def test_a_failure_waits_and_later_events_of_the_person_queue_behind_it(world: World) -> None:
    person, other = someone(), someone()
    sent = [envelope(registered(person)), envelope(profile(person, 1)), envelope(profile(person, 2))]
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    for one in (*sent, sent[2]):
        await arrives(world, one)
    elsewhere, sound = envelope(registered(other)), envelope(work_rights(person))
    await arrives(world, elsewhere)
    await arrives(world, sound)  # its handler would succeed, but it is not its turn
    assert await stopped(world) == {(PROJECTION, person): State.WAITING, ("reactions", person): State.WAITING}
    assert await effects(world.matching) == [sent[0].id, elsewhere.id]
    await mend(world.matching)
    async with beside(world.matching.delivery.work_off_lanes(0.02)):
        await until(lambda: flows(world), "the lanes flow again")
    assert await effects(world.matching) == [sent[0].id, elsewhere.id, sent[1].id, sent[2].id, sound.id]
    assert [row.at for row in (await tally(world.matching))[2:]] == [profile(person, n).at.isoformat() for n in (1, 2)]
    assert await count(world.matching, Waiting) == 0


async def test_a_lane_whose_tries_are_used_up_is_parked_and_the_error_text_is_not_kept(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    await arrives(world, envelope(profile(person)))
    for _ in range(lanes.TRIES):
        await world.matching.delivery.drain(("reactions", INTAKE.name, person))
    async with world.matching.db.transaction() as tx:
        row = (await tx.execute(select(Lane.__table__).where(col(Lane.consumer) == "reactions"))).one()  # type: ignore[attr-defined]
    assert (row.state, row.error, row.retry_at) == ("parked", "Kaputt", None)


async def test_after_its_head_a_lane_has_all_tries_again(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    await arrives(world, envelope(profile(person, 1)))
    for _ in range(lanes.TRIES - 2):
        await world.matching.delivery.drain(("reactions", INTAKE.name, person))
    await arrives(world, envelope(work_rights(person)))
    await mend(world.matching)
    await hinder(world.matching, person, intake.WorkRightsChanged, "kaputt")
    assert await world.matching.delivery.drain(("reactions", INTAKE.name, person)) is Outcome.WAITING
    assert (await stopped(world))["reactions", person] is State.WAITING


async def test_what_misses_a_prerequisite_is_deferred_and_nudged_by_another_event_of_the_person(world: World) -> None:
    person, other = someone(), someone()
    await hinder(world.matching, person, intake.ProfileUpdated, "not yet")
    await arrives(world, envelope(registered(person)))
    early = envelope(profile(person))
    await arrives(world, early)
    assert (await stopped(world))["reactions", person] is State.DEFERRED
    await mend(world.matching)
    async with world.matching.db.transaction() as tx:
        await tx.execute(update(Lane).values(retry_at=tx.system_now + timedelta(hours=1)))
    async with beside(world.matching.delivery.work_off_lanes(0.02)):
        await arrives(world, envelope(work_rights(other)), topic=INTAKE_CARE.name)
        await asyncio.sleep(0.1)
        assert ("reactions", person) in await stopped(world), "an event of somebody else is no reason to try again"
        await arrives(world, envelope(work_rights(person)), topic=INTAKE_CARE.name)
        await until(lambda: flows(world), "what was deferred is done", within=5)
    assert early.id in await effects(world.matching)


async def test_a_missing_prerequisite_is_parked_when_patience_ends(world: World) -> None:
    person = someone()
    await hinder(world.matching, person, intake.ProfileUpdated, "not yet")
    await arrives(world, envelope(registered(person)))
    await arrives(world, envelope(profile(person)))
    lane = ("reactions", INTAKE.name, person)
    for _ in range(lanes.TRIES + 3):
        assert await world.matching.delivery.drain(lane) is Outcome.DEFERRED
    async with world.matching.db.transaction() as tx:
        await tx.execute(update(Lane).values(since=tx.system_now - lanes.PATIENCE - timedelta(seconds=1)))
    assert await world.matching.delivery.drain(lane) is Outcome.PARKED


async def test_malformed_data_parks_the_lane_of_every_consumer_that_wants_it(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person), data={"participant": "nonsense"}))
    assert await stopped(world) == {
        (consumer, person): State.PARKED for consumer in (access.CONSUMER, PROJECTION, "reactions")
    }


async def test_an_unreadable_message_parks_its_key_with_everybody_and_once(world: World) -> None:
    person, other = someone(), someone()
    arrives.offset = 4711  # type: ignore[attr-defined]
    await arrives(world, b"\xff not an event", key=person)
    arrives.offset = 4711  # type: ignore[attr-defined]
    await arrives(world, b"\xff not an event", key=person)
    assert await stopped(world) == {
        (consumer, person): State.PARKED for consumer in (access.CONSUMER, PROJECTION, "reactions")
    }
    assert await count(world.matching, Waiting) == 3
    await arrives(world, envelope(registered(other)))
    assert await count(world.matching, Effect) == 1


async def test_an_operator_drains_in_order_once_the_cause_is_mended(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    sent = [envelope(profile(person, n)) for n in range(3)]
    for one in sent:
        await arrives(world, one)
    await park(world, ("reactions", INTAKE.name, person))
    await mend(world.matching)
    assert await world.matching.delivery.drain(("reactions", INTAKE.name, person)) is Outcome.DONE
    assert (await effects(world.matching))[1:] == [one.id for one in sent]


async def test_a_skipped_event_is_kept_with_its_reason_and_audited_and_never_handled_again(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    bad, good = envelope(profile(person, 1)), envelope(work_rights(person))
    await arrives(world, bad)
    await arrives(world, good)
    operator = Principal(uuid4(), Kind.STAFF, frozenset({Role.OPERATOR}), None, None, "desk", START, START)
    skip = operations.Skip(event=bad.id, reason="it states a day that never was")

    async def asks(body: operations.Skip) -> None:
        async with world.matching.db.transaction(Actor(operator.subject)) as tx:
            who = Caller(operator, Policy(), "operations:mend")
            await operations.skip("reactions", INTAKE.name, person, body, who=who, tx=tx)

    with pytest.raises(Conflict):
        await asks(operations.Skip(event=good.id, reason="this is not the first one"))
    await asks(skip)
    await mend(world.matching)
    await world.matching.delivery.drain(("reactions", INTAKE.name, person))
    await arrives(world, bad)

    assert (await effects(world.matching))[1:] == [good.id]
    async with world.matching.db.transaction() as tx:
        kept = (await tx.execute(select(Skipped.__table__))).one()  # type: ignore[attr-defined]
        noted = await tx.rows(select(col(audit.AuditRow.actor), col(audit.AuditRow.subject)))
    assert (bytes(kept.value), kept.reason, kept.by) == (bad.to_bytes(), skip.reason, operator.subject)
    assert (operator.subject, f"event/{bad.id}") in [tuple(row) for row in noted]


async def test_a_poison_event_keeps_no_access_open(world: World) -> None:
    person, given = someone(), uuid4()
    await arrives(world, envelope(registered(person)))
    await arrives(world, envelope(grant(person, given)))
    assert await open_to(world, person) == {Category.PROFILE}
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    await arrives(world, envelope(profile(person)))
    await arrives(world, envelope(grant_ended(person, given)))
    assert ("reactions", person) in await stopped(world)
    assert await open_to(world, person) == frozenset()


async def test_while_the_access_lane_is_stuck_foreign_access_is_closed(world: World) -> None:
    person, other = someone(), someone()
    for one in (person, other):
        await arrives(world, envelope(registered(one)))
        await arrives(world, envelope(grant(one, uuid4())))
    await arrives(world, envelope(grant_ended(person, uuid4()), data={"grant": "?"}))
    assert await open_to(world, person) == frozenset()
    assert await open_to(world, other) == {Category.PROFILE}
    async with world.matching.db.transaction() as tx:
        listed = await tx.rows(access.granted_to(tx, "harbour-hotel", Category.PROFILE))
        owner = await access.standing(tx, person, "job-centre")
    assert [row.participant for row in listed] == [other]
    assert owner.owner == "job-centre", "its own agency goes on"


async def test_a_lane_of_a_consumer_that_is_no_more_holds_up_nobody(world: World) -> None:
    async with world.matching.db.transaction() as tx:
        for _ in range(60):  # more than are looked at in one go
            await lanes.stop(tx, ("projection:gone", INTAKE.name, uuid4()), State.WAITING, "Kaputt")
        await tx.execute(update(Lane).values(retry_at=tx.system_now - timedelta(hours=1)))
        assert await lanes.due(tx, [consumer.name for consumer in world.matching.delivery.consumers]) == []
        assert len(await lanes.due(tx, ["projection:gone"])) == 50


async def test_a_delivery_waits_for_the_drain_of_its_lane_and_comes_after_it(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    first, second = envelope(profile(person, 1)), envelope(profile(person, 2))
    await arrives(world, first)
    await mend(world.matching)
    lane: LaneKey = ("reactions", INTAKE.name, person)
    async with world.matching.db.transaction() as tx:
        await lanes.enter(tx, lane)
        draining = asyncio.create_task(world.matching.delivery.drain(lane))
        await asyncio.sleep(0.15)
        delivering = asyncio.create_task(arrives(world, second))
        await asyncio.sleep(0.15)
        assert not draining.done()
        assert not delivering.done()
    await asyncio.gather(draining, delivering)
    await world.matching.delivery.drain(lane)
    assert (await effects(world.matching))[1:] == [first.id, second.id]


async def test_two_workers_that_drain_one_lane_do_each_event_once(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    sent = [envelope(profile(person, n)) for n in range(6)]
    for one in sent:
        await arrives(world, one)
    await mend(world.matching)
    lane: LaneKey = ("reactions", INTAKE.name, person)
    await asyncio.gather(*(world.matching.delivery.drain(lane) for _ in range(3)))
    assert (await effects(world.matching))[1:] == [one.id for one in sent]
    assert ("reactions", person) not in await stopped(world)


async def test_a_failure_of_one_worker_does_not_park_what_another_has_just_done(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    await hinder(world.matching, person, intake.ProfileUpdated, "kaputt")
    first, second = envelope(profile(person, 1)), envelope(work_rights(person))
    await arrives(world, first)
    await arrives(world, second)
    lane: LaneKey = ("reactions", INTAKE.name, person)
    async with world.matching.db.transaction() as tx:
        head = await lanes.first(tx, lane)
    assert head is not None
    await mend(world.matching)
    await hinder(world.matching, person, intake.WorkRightsChanged, "kaputt")
    await world.matching.delivery.drain(lane)  # does the first, stops at the second
    assert await world.matching.delivery._still_stopped(lane, head.id, ZeroDivisionError()) is None
    async with world.matching.db.transaction() as tx:
        assert (await lanes.state_of(tx, lane)).tries == 1  # type: ignore[union-attr]


async def test_a_swap_holds_deliveries_to_that_consumer_only(world: World) -> None:
    person = someone()
    async with world.matching.db.transaction() as tx:
        await tx.lock("consumer", PROJECTION)
        delivering = asyncio.create_task(arrives(world, envelope(registered(person))))
        await asyncio.sleep(0.2)
        assert not delivering.done()
        async with world.matching.db.transaction() as other:
            await access.standing(other, person, None)
            [known] = (await other.execute(select(func.count()).select_from(access.Person))).one()
        assert known == 1, "access, which comes first, was held up"
    await delivering
    assert await count(world.matching, Effect) == 1


async def park(world: World, lane: LaneKey) -> None:
    async with world.matching.db.transaction() as tx:
        await lanes.stop(tx, lane, State.PARKED, "Kaputt")
