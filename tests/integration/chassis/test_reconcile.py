"""A service is compared with what the others have stated: what is damaged or missed is found, and mended once."""

from uuid import uuid4

from sqlalchemy import delete, update
from sqlmodel import col

from contracts.envelope import Envelope
from contracts.topics import INTAKE, MATCHING
from infra.chassis import access, reconcile, republish
from infra.chassis.bus.base import Message, Received
from infra.chassis.inbox import InboxRow
from infra.chassis.outbox import OutboxRow
from infra.chassis.reconcile import Findings
from tests.support.tiny import (
    Counted,
    Effect,
    Mark,
    count,
    effects,
    erased,
    grant,
    hinder,
    mend,
    profile,
    registered,
    said,
    say,
    someone,
    tally,
    tiny,
)
from tests.support.worlds import World
from tests.support.worlds import world as world


async def look(world: World, *, mending: bool = False) -> Findings:
    service = tiny("matching")
    for publisher, feeds in reconcile.feeds(service).items():
        for consumer, types in feeds:
            await republish.republish(tiny(publisher), world.pair.settings[publisher], consumer, types)
    return await reconcile.reconcile(service, world.pair.settings["matching"], mend=mending)


async def test_a_healthy_region_shows_nothing_and_stays_as_it_is(world: World) -> None:
    people = [someone() for _ in range(5)]
    for person in people:
        await say(world.intake, registered(person), profile(person), grant(person, uuid4()))
    await say(world.intake, erased(people[0]))
    await world.settle()
    before = (await tally(world.matching), await effects(world.matching), await said(world.matching))
    for mending in (False, True):
        assert (await look(world, mending=mending)).nothing
    assert (await tally(world.matching), await effects(world.matching), await said(world.matching)) == before


async def test_damaged_and_deleted_rows_are_found_per_participant_and_mended(world: World) -> None:
    well, changed, gone, extra = [someone() for _ in range(4)]
    for person in (well, changed, gone):
        await say(world.intake, registered(person), profile(person), profile(person), grant(person, uuid4()))
    await world.settle()
    sound = await tally(world.matching)
    async with world.matching.db.transaction() as tx:
        await tx.execute(update(Counted).where(col(Counted.id) == changed).values(profiles=7))
        await tx.execute(delete(Mark).where(col(Mark.person) == gone))
        await tx.execute(delete(access.Grant).where(col(access.Grant.participant) == gone))
        tx.add(Counted, id=extra, reference="P-7K3M-9Q2X", profiles=0, correlation=uuid4())
    told = await said(world.matching)

    found = await look(world)
    assert found.different == {
        "tiny_tally.counted": {str(changed), str(extra)},
        "tiny_tally.mark": {str(gone)},
        "access.grant": {str(gone)},
    }
    assert not found.missed
    assert await tally(world.matching) != sound, "looking changes nothing"

    assert (await look(world, mending=True)).different == found.different
    assert await tally(world.matching) == sound
    assert (await look(world)).nothing
    assert await said(world.matching) == told, "mending a projection says nothing"
    assert await count(world.matching, Effect) == 9, "and nobody reacts again"


async def test_events_that_never_arrived_are_found_and_take_effect_once(world: World) -> None:
    person, lost = someone(), someone()
    await say(world.intake, registered(person), registered(lost), profile(lost))
    async with world.intake.db.transaction() as tx:  # the relay believes that the bus has them
        await tx.execute(update(OutboxRow).where(col(OutboxRow.key) == lost).values(published_at=tx.system_now))
    await world.settle()

    found = await look(world)
    assert found.different["tiny_tally.counted"] == {str(lost)}
    assert [message.key for message in found.missed] == [str(lost), str(lost)]
    await look(world, mending=True)
    assert (await look(world)).nothing

    ids = [event.id for event in await said(world.intake)]
    assert sorted(await effects(world.matching)) == sorted(ids), "each once"
    late = [event for event in await said(world.intake) if event.partitionkey == str(lost)]
    for event in late:  # and then they arrive after all
        await world.arrives(Received(INTAKE.name, str(lost), event.to_bytes()))
    assert sorted(await effects(world.matching)) == sorted(ids)
    assert (await look(world)).nothing


async def test_what_waits_in_a_lane_is_not_missed(world: World) -> None:
    person = someone()
    await say(world.intake, registered(person))
    await world.settle()
    await hinder(world.matching, person, type(profile(person)), "not yet")
    await say(world.intake, profile(person))
    await world.publish()
    await world.deliver()
    assert not (await look(world)).missed
    await mend(world.matching)
    await world.settle()


async def test_a_consumer_restored_from_an_older_state_gets_what_it_has_missed(world: World) -> None:
    """Its tables are of yesterday, its position on the bus is of today."""
    old, new = someone(), someone()
    await say(world.intake, registered(old))
    await world.settle()
    async with world.matching.db.transaction() as tx:
        yesterday = [row.event_id for row in await tx.rows(InboxRow.__table__.select())]  # type: ignore[attr-defined]
    await say(world.intake, registered(new), profile(new))
    await world.settle()
    sound = await tally(world.matching)
    async with world.matching.db.transaction() as tx:
        await tx.execute(delete(InboxRow).where(col(InboxRow.event_id).not_in(yesterday)))
        await tx.execute(delete(Effect).where(col(Effect.key) == new))
        await tx.execute(delete(Counted).where(col(Counted.id) == new))
        await tx.execute(delete(access.Person).where(col(access.Person.id) == new))

    found = await look(world, mending=True)
    assert {str(new)} == found.different["tiny_tally.counted"] == found.different["access.person"]
    assert len(found.missed) == 2
    assert await tally(world.matching) == sound
    assert len(await effects(world.matching)) == 3
    assert (await look(world)).nothing


async def test_what_a_restored_service_stated_and_does_not_know_any_more_is_named(world: World) -> None:
    person = someone()
    await say(world.matching)
    ghost = Envelope.model_validate(
        {
            "id": uuid4(),
            "source": "/demo-region/matching",
            "type": "lotse.matching.opportunity-closed",
            "subject": str(person),
            "time": world.matching.clock.system(),
            "dataschema": "urn:lotse:schema:matching:opportunity-closed:1",
            "partitionkey": str(person),
            "correlationid": uuid4(),
            "data": {},
        }
    )
    await world.matching.bus.publish([Message(MATCHING.name, str(person), ghost.to_bytes())])
    found = await look(world, mending=True)
    assert found.lost == {ghost.id: ghost.type}
    assert not found.nothing
