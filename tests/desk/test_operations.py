"""The operator at the desk: sees what is stuck, mends it, and sees no person."""

from uuid import UUID, uuid4

from infra.chassis.lanes import Lane, State, Waiting
from tests.support.desk import at_the_desk
from tests.support.region import Region

TOPIC, CONSUMER = "lotse.matching", "reactions"


async def parked(region: Region) -> tuple[UUID, UUID]:
    """A lane of notifications with an event that nobody can read: its key, and the event."""
    runtime, key, event = region.box.runtimes["notifications"], uuid4(), uuid4()
    async with runtime.db.transaction() as tx:
        at = tx.system_now
        tx.add(Lane, consumer=CONSUMER, topic=TOPIC, key=key, state=State.PARKED, tries=1, error="Unreadable", since=at)
        tx.add(Waiting, consumer=CONSUMER, topic=TOPIC, key=key, event_id=event, value=b"no event at all", queued_at=at)
    return key, event


async def test_a_lane_is_worked_off_or_its_first_event_set_aside(region: Region) -> None:
    key, _ = await parked(region)
    opal = await at_the_desk(region, "opal")
    lane = f"/operations/notifications/{CONSUMER}/{TOPIC}/{key}"

    page = await opal.open("/operations")
    assert page.status == 200
    assert "parked: needs you" in page.text
    assert "Unreadable" in page.text

    still = await opal.send(page, f"{lane}/drain")
    assert "The lane still does not flow." in still.text

    short = await opal.send(still, f"{lane}/skip", reason="broken")
    assert short.status == 422
    after = await opal.send(short, f"{lane}/skip", reason="Not written by any service of ours.")
    assert "The event is set aside." in after.text
    flowing = await opal.send(after, f"{lane}/drain")
    assert "The lane flows again." in flowing.text
    assert str(key) not in flowing.html


async def test_only_operators_see_the_machinery(region: Region) -> None:
    for who in ("jonas", "vera", "hanna", "aud", "paul"):
        page = await (await at_the_desk(region, who)).open("/operations")
        assert page.status in (403, 404), who
        assert "everything flows" not in page.text
