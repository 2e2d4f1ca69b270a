"""Webhooks over HTTP, to a real receiver: what comes, that it comes whatever the receiver does, and in which order."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from services.notifications.webhook.queue import DeliveryRow
from services.notifications.webhook.store import SubscriptionRow
from tests.support.hooked import JOURNEY, SILENT, STAGE, Got, Hook, receiver, subscribed, system
from tests.support.notified import a_journey, known_to
from tests.support.referring import with_grant
from tests.support.region import Region
from tests.support.waiting import until

COURSE = ("profile", "journey")


async def test_an_event_comes_signed_with_ids_and_codes_and_nothing_else(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    async with receiver() as there, subscribed(school, there.url, JOURNEY) as hook:
        await journey.began()
        await there.has(1)
        [got] = there.taken
        assert got.signed_with(hook.secret)
        assert not got.signed_with("whsec_" + "A" * 44), "another secret does not fit"
        assert got.headers["content-type"] == "application/cloudevents+json"
        event = got.event
        assert event["specversion"] == "1.0"
        assert (event["type"], event["subject"]) == (JOURNEY, person)
        assert event["source"].endswith("/referrals")
        assert event["data"].keys() == {"at", "journey", "programme", "agency", "cohort", "participant"}
        assert event.keys() == {
            "specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "data",
        }  # fmt: skip
        assert b"coach" not in got.body, "no member of staff"
        await hook.stands("delivered")
        [delivery] = await hook.deliveries()
        assert (delivery["id"], delivery["event"], delivery["tries"]) == (got.id, event["id"], 1)
        assert person not in str(delivery)


async def test_a_receiver_that_fails_gets_the_same_again_under_the_same_id(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    async with receiver(500) as there, subscribed(school, there.url, JOURNEY) as hook:
        await journey.began()
        await there.asked(2)
        waiting = await hook.seen()
        assert waiting["waiting"] == 1
        assert waiting["oldest_waiting_seconds"] > 0
        assert (waiting["last_problem"], waiting["last_status"]) == ("answer", 500)
        there.status = 204
        await there.has(1)
        assert len({one.id for one in there.got}) == 1
        assert len({one.body for one in there.got}) == 1
        assert all(one.signed_with(hook.secret) for one in there.got)


async def test_events_of_one_person_come_in_order_and_one_persons_failure_holds_up_nobody_else(region: Region) -> None:
    school = await system(region, "adult-education")
    stuck, other = [await known_to(region, "adult-education", COURSE) for _ in range(2)]
    stages = [f"stage-{number}" for number in range(6)]

    def refuse_the_first(got: Got) -> int:
        return 500 if not fine.is_set() and got.event["data"]["participant"] == stuck else 204

    fine = asyncio.Event()
    async with receiver(refuse_the_first) as there, subscribed(school, there.url, STAGE):
        held, free = a_journey(region, stuck), a_journey(region, other)
        for stage in stages:
            await held.enters(stage)
            await free.enters(stage)
        await there.has(len(stages))
        assert [event["data"]["stage"] for event in there.events(other)] == stages
        asked = [one.event["data"]["stage"] for one in there.got if one.event["data"]["participant"] == stuck]
        assert set(asked) == {stages[0]}, "what comes later waits behind what failed"
        fine.set()
        await there.has(2 * len(stages))
        assert [event["data"]["stage"] for event in there.events(stuck)] == stages


async def test_a_redirect_is_not_followed(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver(307) as there, receiver() as elsewhere, subscribed(school, there.url, JOURNEY) as hook:
        there.more = f"location: {elsewhere.url}\r\n"
        await a_journey(region, person).began()
        await there.asked(2)
        assert elsewhere.got == []
        [delivery] = await hook.deliveries(state="waiting")
        assert (delivery["problem"], delivery["status"]) == ("redirect", 307)


async def test_a_name_that_leads_into_a_private_network_leads_nowhere(region: Region) -> None:
    """Loopback is open in a test; a private address is not, whatever the name in the subscription."""
    school = await system(region, "adult-education")
    for url in ("https://10.0.0.1/", "https://169.254.169.254/latest", "https://[fd00::1]/", "http://case.example/"):
        refused = await school.post("notifications", "/v1/webhooks", {"url": url, "types": [JOURNEY]})
        assert refused.status_code == 422, url
        assert refused.json()["errors"][0]["field"] == "url"


async def test_a_dead_receiver_slows_nobody_else_and_loses_nothing(region: Region) -> None:
    school, advice = await system(region, "adult-education"), await system(region, "family-advice")
    person = await known_to(region, "adult-education", COURSE)
    await with_grant(region, "family-advice", person, COURSE)
    async with (
        receiver(SILENT) as silent,
        receiver() as healthy,
        subscribed(school, silent.url, STAGE) as stuck,
        subscribed(advice, healthy.url, STAGE),
    ):
        journey = a_journey(region, person)
        for number in range(5):
            await journey.enters(f"stage-{number}")
        await silent.asked(1)
        await healthy.has(5, within=4)
        assert (await stuck.seen())["waiting"] == 5
        assert silent.taken == []


async def test_gone_stops_the_subscription_and_tells_the_supervisors(region: Region) -> None:
    paul = await region.as_("paul")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver(410) as there, subscribed(paul, there.url, JOURNEY) as hook:
        await a_journey(region, person).began()
        await until(lambda: _stands(hook, "stopped"), "it is stopped")
        seen = await hook.seen()
        assert (seen["why"], seen["waiting"]) == ("gone", 1)
        for name in ("sigrid", "paul"):
            page = await (await region.as_(name)).get("notifications", "/v1/inbox")
            assert [item["message"] for item in page.json()["items"]].count("webhook-stopped") == 1, name
        there.status = 204
        await hook.does("resume")
        await there.has(1)
        assert (await hook.seen())["state"] == "active"


async def test_what_happens_during_a_pause_comes_after_it(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver() as there, subscribed(school, there.url, STAGE) as hook:
        journey = a_journey(region, person)
        assert (await hook.does("pause"))["state"] == "paused"
        await hook.does("pause", status=409)
        await journey.enters("one")
        await journey.enters("two")
        await region.settled()
        await asyncio.sleep(0.5)
        assert there.got == []
        assert (await hook.seen())["waiting"] == 2
        await hook.does("resume")
        await there.has(2)
        assert [event["data"]["stage"] for event in there.events(person)] == ["one", "two"]


async def test_one_delivery_or_all_since_then_are_replayed_under_their_own_ids(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver() as there, subscribed(school, there.url, STAGE) as hook:
        journey = a_journey(region, person)
        await journey.enters("one")
        await there.has(1)
        await journey.enters("two")
        await there.has(2)
        await hook.stands("delivered", "delivered")
        first, second = there.taken[:2]
        await hook.does(f"deliveries/{first.id}/replay")
        await there.has(3)
        assert there.taken[2].id == first.id
        await hook.stands("delivered", "delivered")
        assert (await hook.does("replay", {"since": second.event["time"]}))["queued"] == 1
        await there.has(4)
        assert (there.taken[3].id, there.taken[3].body) == (second.id, second.body)
        other = await system(region, "family-advice")
        strange = await other.post("notifications", f"/v1/webhooks/{hook.id}/deliveries/{first.id}/replay")
        assert strange.status_code == 404


async def test_a_ping_tells_what_the_receiver_said(region: Region) -> None:
    school = await system(region, "adult-education")
    async with receiver() as there, subscribed(school, there.url, JOURNEY) as hook:
        assert (await hook.does("ping")) | {"milliseconds": 0} == {
            "delivered": True, "status": 204, "problem": None, "said": "", "milliseconds": 0,
        }  # fmt: skip
        [got] = there.taken
        assert got.signed_with(hook.secret)
        assert got.event["type"] == "lotse.notifications.webhook-ping"
        there.status, there.said = 503, b"closed for today\r\n"
        said = await hook.does("ping")
        assert (said["delivered"], said["status"], said["said"]) == (False, 503, "closed for today")
        assert await hook.deliveries() == [], "a ping is no delivery"
    async with subscribed(school, there.url, JOURNEY) as hook:
        assert (await hook.does("ping"))["problem"] == "connection"


async def test_a_day_without_a_receiver_loses_nothing(region: Region) -> None:
    """The rows are made a day older: the time of tries is the machine's, which nobody moves."""
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver(503) as there, subscribed(school, there.url, STAGE) as hook:
        journey = a_journey(region, person)
        for number in range(4):
            await journey.enters(f"stage-{number}")
        await there.asked(2)
        await _older(region, hook, timedelta(hours=24))
        await there.asked(len(there.got) + 1)
        there.status = 204
        await there.has(4, within=20)
        assert [event["data"]["stage"] for event in there.events(person)] == [f"stage-{n}" for n in range(4)]
        assert len({one.id for one in there.taken}) == len(there.taken) == 4


async def test_what_one_receiver_refuses_for_three_days_is_parked_alone_and_can_be_replayed(region: Region) -> None:
    school = await system(region, "adult-education")
    odd, other = [await known_to(region, "adult-education", COURSE) for _ in range(2)]

    def refuse_one(got: Got) -> int:
        return 422 if not mended.is_set() and got.event["data"]["stage"] == "odd" else 204

    mended = asyncio.Event()
    async with receiver(refuse_one) as there, subscribed(school, there.url, STAGE) as hook:
        await a_journey(region, odd).enters("odd")
        await there.asked(1)
        await a_journey(region, other).enters("plain")
        await there.has(1)
        await _older(region, hook, timedelta(hours=72))
        await hook.stands("delivered", "parked")
        seen = await hook.seen()
        assert (seen["state"], seen["parked"], seen["waiting"]) == ("active", 1, 0)
        [parked] = await hook.deliveries(state="parked")
        assert (parked["problem"], parked["status"]) == ("answer", 422)
        mended.set()
        await hook.does(f"deliveries/{parked['id']}/replay")
        await there.has(2)
        assert there.taken[1].id == parked["id"]


async def test_a_receiver_that_takes_nothing_for_three_days_is_left_alone_until_it_is_resumed(region: Region) -> None:
    paul = await region.as_("paul")
    people = [await known_to(region, "adult-education", COURSE) for _ in range(4)]
    async with receiver(500) as there, subscribed(paul, there.url, STAGE) as hook:
        for person in people:
            await a_journey(region, person).enters("one")
        await there.asked(4)
        await _older(region, hook, timedelta(hours=72))
        await until(lambda: _stands(hook, "stopped"), "it is stopped", within=20)
        seen = await hook.seen()
        assert (seen["why"], seen["waiting"], seen["parked"]) == ("failing", 4, 0), "all of it waits"
        there.status = 204
        await hook.does("resume")
        await there.has(4)


async def _older(region: Region, hook: Hook, by: timedelta) -> None:
    """As if all this had begun so much earlier."""
    async with region.box.runtimes["notifications"].db.transaction() as tx:
        mine = col(DeliveryRow.subscription) == UUID(hook.id)
        await tx.execute(
            update(DeliveryRow)
            .where(mine)
            .values(queued_at=col(DeliveryRow.queued_at) - by, created_at=col(DeliveryRow.created_at) - by)
        )
        begun = {"tried_since": col(SubscriptionRow.tried_since) - by}
        await tx.execute(update(SubscriptionRow).where(col(SubscriptionRow.id) == UUID(hook.id)).values(**begun))


async def _stands(hook: Hook, state: str) -> bool:
    return bool((await hook.seen())["state"] == state)
