"""The live feed: what arrives shows at once, nothing is lost over a broken line, nothing shows that may not."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.events import intake
from contracts.vocabulary import StaffId
from infra.chassis.identity.embedded.people import load_people
from infra.onebox.layout import PEOPLE
from tests.support.notified import a_journey, items, known_to, live, ready, state
from tests.support.region import Region

COURSE = ("profile", "journey")


async def test_an_item_shows_on_an_open_stream(region: Region) -> None:
    vera = await region.as_("vera")
    person = await known_to(region, "adult-education", COURSE)
    async with live(vera) as stream:
        await ready(stream)
        await a_journey(region, person).began()
        event = await stream.next()
        assert event is not None
        assert (event.name, event.data["message"], event.data["participant"]) == ("item", "journey-started", person)
    assert event.data == (await items(vera, participant=person))[0], "the same as in the list"


async def test_a_stream_goes_on_after_the_last_event_that_was_seen(region: Region) -> None:
    vera = await region.as_("vera")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    async with live(vera) as stream:
        await ready(stream)
        await journey.began()
        seen = await stream.next()
    assert seen is not None
    await journey.enters("preparation")
    await journey.enters("practice")
    await region.settled()
    async with live(vera, after=seen.id) as stream:
        await ready(stream)
        found = [await stream.next(), await stream.next()]
        assert [one.data["message"] for one in found if one] == ["stage-entered", "stage-entered"]
        assert await stream.silent(1.5), "nothing twice"


async def test_after_a_withdrawal_an_open_stream_says_nothing_more_about_the_person(region: Region) -> None:
    vera, jonas = await region.as_("vera"), await region.as_("jonas")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    async with live(vera) as stream:
        await ready(stream)
        await journey.began()
        first = await stream.next()
        assert first is not None
        assert first.data["participant"] == person
        [grant] = (await jonas.get("intake", f"/v1/participants/{person}/grants")).json()
        ended = await jonas.post("intake", f"/v1/grants/{grant['id']}/end", {"why": "withdrawn"})
        assert ended.status_code == 200
        neutral = await stream.next(2)
        assert neutral is not None
        assert neutral.data["message"] == "access-ended"
        assert person not in str(neutral.data)
        assert first.data["reference"] not in str(neutral.data)
        await journey.enters("preparation")
        await region.settled()
        assert await stream.silent(2)
    # What was held back is not caught up with either.
    async with live(vera, after=first.id) as stream:
        await ready(stream)
        again = await stream.next()
        assert again is not None
        assert again.data["message"] == "access-ended"
        assert await stream.silent(1)


async def test_another_agencys_staff_hears_nothing(region: Region) -> None:
    mira = await region.as_("mira")
    person = await known_to(region, "adult-education", COURSE)
    async with live(mira) as stream:
        await ready(stream)
        await a_journey(region, person).began()
        await region.settled()
        assert await stream.silent(1)


async def test_a_stream_closes_when_the_persons_access_has_ended(region: Region) -> None:
    paul = await region.as_("paul", load_people(PEOPLE).password)
    [staff] = [one.id for one in load_people(PEOPLE).people if one.username == "paul"]
    try:
        async with live(paul) as stream:
            await ready(stream)
            now = datetime.now(UTC)
            ended = intake.StaffAccessEnded(
                at=now, staff=StaffId(UUID(str(staff))), not_before=now + timedelta(seconds=1)
            )
            await state(region, "intake", ended)
            assert await stream.next(6) is None, "the stream is over"
        assert (await paul.get("notifications", "/v1/inbox")).status_code == 401
    finally:
        del region.people["paul"]


async def test_an_open_stream_holds_no_transaction_open(region: Region) -> None:
    vera = await region.as_("vera")
    engine = region.box.runtimes["notifications"].db.engine
    async with live(vera) as stream:
        await ready(stream)
        free = [_checked_out(engine) for _ in range(20) if await _a_moment()]
        assert min(free) == 0, "between two looks every connection is back in the pool"


def _checked_out(engine: object) -> int:
    return int(engine.pool.checkedout())  # type: ignore[attr-defined]


async def _a_moment() -> bool:
    await asyncio.sleep(0.02)
    return True


async def test_a_stream_needs_a_token_and_a_proper_place_to_go_on_from(region: Region) -> None:
    url = f"{region.box.addresses['notifications']}/v1/inbox/stream"
    assert (await region.http.get(url)).status_code == 401
    vera = await region.as_("vera")
    refused = await vera.get("notifications", "/v1/inbox/stream", headers={"Last-Event-ID": "yesterday"})
    assert refused.status_code == 422
