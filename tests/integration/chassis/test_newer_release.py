"""Events of a newer release: an unknown type or version waits for the upgrade and is never let go by."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from contracts import catalogue
from contracts.events import intake
from contracts.topics import INTAKE, INTAKE_CARE, Topic
from contracts.vocabulary import Category
from infra.chassis import access, lanes
from infra.chassis.deliver import Outcome
from infra.chassis.inbox import InboxRow
from infra.chassis.lanes import Lane, State, Waiting
from tests.support.delivering import PROJECTION, arrives, envelope, flows, hasten, open_to, stopped
from tests.support.tiny import count, effects, grant, profile, registered, someone, work_rights
from tests.support.waiting import beside, until
from tests.support.worlds import World
from tests.support.worlds import world as world


async def test_an_unknown_version_waits_for_the_upgrade_however_long_that_takes(world: World) -> None:
    person = someone()
    newer = envelope(registered(person), dataschema="urn:lotse:schema:intake:participant-registered:2")
    await arrives(world, newer)
    assert set((await stopped(world)).values()) == {State.DEFERRED}
    async with world.matching.db.transaction() as tx:
        await tx.execute(update(Lane).values(tries=5000, since=tx.system_now - timedelta(days=90)))
    await hasten(world.matching)

    async def tried() -> bool:
        async with world.matching.db.transaction() as tx:
            return all(row.tries > 5000 for row in await lanes.stopped(tx))

    async with beside(world.matching.delivery.work_off_lanes(0.02)) as [working]:
        await until(tried, "it was tried again")
        assert not working.done(), "the worker fell over it"
    assert set((await stopped(world)).values()) == {State.DEFERRED}


NEWS = "lotse.intake.participant-knighted"


@pytest.mark.parametrize(
    ("topic", "consumers"),
    [(INTAKE, {access.CONSUMER, PROJECTION, "reactions"}), (INTAKE_CARE, {PROJECTION, "reactions"})],
    ids=lambda each: getattr(each, "name", ""),
)
async def test_an_unknown_type_waits_with_every_consumer_that_could_want_it(
    world: World, topic: Topic, consumers: set[str]
) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    news = envelope(profile(person), type=NEWS, dataschema="urn:lotse:schema:intake:participant-knighted:1")
    later = envelope(profile(person))
    for sent in (news, news, later):
        await arrives(world, sent, topic=topic.name)
    assert await stopped(world) == {(consumer, person): State.DEFERRED for consumer in consumers}
    assert later.id not in await effects(world.matching), "it is not its turn"


async def test_what_was_unknown_is_done_after_the_upgrade_and_let_pass_by_those_to_whom_it_is_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    news = envelope(work_rights(person))
    later = envelope(profile(person))
    with monkeypatch.context() as before_the_upgrade:
        known = {fact for fact in catalogue.FACTS if fact is not intake.WorkRightsChanged}
        before_the_upgrade.setattr(catalogue, "TYPES", {fact.TYPE for fact in known})
        before_the_upgrade.setattr(catalogue, "_BY_NAME", {(fact.TYPE, fact.VERSION): fact for fact in known})
        await arrives(world, news)
        await arrives(world, later)
        assert len(await stopped(world)) == 3
        await hasten(world.matching)
        assert await world.matching.delivery.drain(("reactions", INTAKE.name, person)) is Outcome.DEFERRED
    async with beside(world.matching.delivery.work_off_lanes(0.02)):
        await hasten(world.matching)
        await until(lambda: flows(world), "the lanes flow again")
    assert (await effects(world.matching))[1:] == [news.id, later.id], "in order"
    assert await count(world.matching, Waiting) == 0


async def test_a_type_that_is_known_and_ignored_is_not_unknown(world: World) -> None:
    person = someone()
    linked = envelope(registered(person), type=intake.PossibleMatchFound.TYPE)
    await arrives(world, linked)
    newer = "urn:lotse:schema:intake:possible-match-found:9"
    await arrives(world, envelope(registered(person), type=intake.PossibleMatchFound.TYPE, dataschema=newer))
    assert await stopped(world) == {}
    assert await count(world.matching, InboxRow) == 0


async def test_while_a_type_nobody_knows_waits_foreign_access_is_closed(world: World) -> None:
    person = someone()
    await arrives(world, envelope(registered(person)))
    await arrives(world, envelope(grant(person, uuid4())))
    assert await open_to(world, person) == {Category.PROFILE}
    await arrives(world, envelope(profile(person), type=NEWS))
    assert await open_to(world, person) == frozenset()
