"""Subscriptions over HTTP: who may have them, what they show, and what becomes of their secrets."""

import base64
import re
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlmodel import col

from infra.chassis.sealed import KeyOf
from services.notifications.webhook.store import SubscriptionRow
from tests.support.hooked import JOURNEY, STAGE, receiver, subscribed, system
from tests.support.notified import a_journey, known_to
from tests.support.region import Region
from tests.support.waiting import until

PLACE = "https://case.example/lotse"
BODY = {"url": PLACE, "types": [JOURNEY]}


async def test_systems_supervisors_and_administrators_subscribe_for_their_agency(region: Region) -> None:
    paul = await region.as_("paul")
    async with subscribed(paul, PLACE, JOURNEY) as hook:
        for name, status in {"sigrid": 200, "paul": 200, "jonas": 403, "vera": 404, "ken": 404, "opal": 404}.items():
            who = await region.as_(name)
            answer = await who.get("notifications", f"/v1/webhooks/{hook.id}")
            assert answer.status_code == status, name
        school = await system(region, "adult-education")
        for path in ("", "/deliveries"):
            answer = await school.get("notifications", f"/v1/webhooks/{hook.id}{path}")
            assert answer.status_code == 404, "another agency's"
        for what in ("ping", "pause", "resume", "secret"):
            strange = await school.post("notifications", f"/v1/webhooks/{hook.id}/{what}")
            assert strange.status_code == 404, what
        assert (await school.call("DELETE", "notifications", f"/v1/webhooks/{hook.id}")).status_code == 404
        assert hook.id not in (await school.get("notifications", "/v1/webhooks")).text
    for name in ("jonas", "vera", "opal", "aud"):
        who = await region.as_(name)
        assert (await who.post("notifications", "/v1/webhooks", BODY)).status_code in (403, 404), name
        assert (await who.get("notifications", "/v1/webhooks")).status_code in (403, 404), name


async def test_the_secret_is_shown_once_sealed_at_rest_and_destroyed_with_the_subscription(region: Region) -> None:
    school = await system(region, "adult-education")
    runtime = region.box.runtimes["notifications"]
    async with subscribed(school, PLACE, JOURNEY) as hook:
        for path in (f"/v1/webhooks/{hook.id}", "/v1/webhooks"):
            shown = (await school.get("notifications", path)).text
            assert hook.id in shown
            assert "secret" not in shown
        secret = base64.b64decode(hook.secret.removeprefix("whsec_"))
        async with runtime.db.transaction() as tx:
            query = select(col(SubscriptionRow.secrets)).where(col(SubscriptionRow.id) == UUID(hook.id))
            [row] = await tx.rows(query)
        assert secret not in bytes(row.secrets)
        assert base64.b64encode(secret) not in bytes(row.secrets)
    async with runtime.db.transaction() as tx:
        assert await tx.rows(select(col(KeyOf.key)).where(col(KeyOf.person) == UUID(hook.id))) == []


async def test_a_repeated_registration_makes_one_and_shows_the_same_secret(region: Region) -> None:
    school = await system(region, "adult-education")
    key = {"Idempotency-Key": str(uuid4())}
    first = await school.post("notifications", "/v1/webhooks", BODY, headers=key)
    again = await school.post("notifications", "/v1/webhooks", BODY, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    gone = await school.call("DELETE", "notifications", f"/v1/webhooks/{first.json()['id']}")
    assert gone.status_code == 204
    assert (await school.get("notifications", f"/v1/webhooks/{first.json()['id']}")).status_code == 404


async def test_after_a_rotation_both_secrets_sign_for_a_day(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", ("journey",))
    async with receiver() as there, subscribed(school, there.url, JOURNEY) as hook:
        fresh = (await hook.does("secret"))["secret"]
        await a_journey(region, person).began()
        await there.has(1)
        [got] = there.taken
        assert got.signed_with(fresh)
        assert got.signed_with(hook.secret)
        newest = (await hook.does("secret"))["secret"]
        await a_journey(region, person).began()
        await there.has(2)
        assert there.taken[1].signed_with(newest)
        assert there.taken[1].signed_with(fresh)
        assert not there.taken[1].signed_with(hook.secret), "two at a time"


async def test_a_change_needs_the_version_that_was_read(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", ("journey",))
    async with receiver() as old, receiver() as new, subscribed(school, old.url, JOURNEY) as hook:
        path = f"/v1/webhooks/{hook.id}"
        read = await school.get("notifications", path)
        match = {"If-Match": read.headers["etag"]}
        assert (await school.patch("notifications", path, {"types": [STAGE]})).status_code == 428
        moved = await school.patch("notifications", path, {"url": new.url}, headers=match)
        assert (moved.status_code, moved.json()["url"], moved.json()["types"]) == (200, new.url, [JOURNEY])
        assert (await school.patch("notifications", path, {"types": [STAGE]}, headers=match)).status_code == 412
        match = {"If-Match": moved.headers["etag"]}
        wrongs: tuple[dict[str, object], ...] = (
            {"types": ["lotse.intake.barriers-updated"]},
            {"types": []},
            {"url": "ftp://case.example"},
        )
        for wrong in wrongs:
            refused = await school.patch("notifications", path, wrong, headers=match)
            assert refused.status_code == 422, wrong
            assert refused.json()["way_out"]
        await a_journey(region, person).began()
        await new.has(1)
        assert old.got == []


async def test_an_agency_has_twenty_at_most(region: Region) -> None:
    hotel = await system(region, "harbour-hotel")
    made = [(await hotel.post("notifications", "/v1/webhooks", BODY)).json()["id"] for _ in range(20)]
    one_more = await hotel.post("notifications", "/v1/webhooks", BODY)
    assert one_more.status_code == 409
    listed = (await hotel.get("notifications", "/v1/webhooks")).json()
    assert [one["id"] for one in listed] == made
    for one in made:
        assert (await hotel.call("DELETE", "notifications", f"/v1/webhooks/{one}")).status_code == 204


async def test_the_catalogue_says_what_is_sent_and_to_whom(region: Region) -> None:
    school = await system(region, "adult-education")
    events = {one["type"]: one for one in (await school.get("notifications", "/v1/webhooks/events")).json()}
    assert events[STAGE]["fields"] == ["at", "journey", "programme", "agency", "stage"]
    assert events[STAGE]["to"] == ["the participant's own agency", "agencies with a grant of journey"]
    assert "lotse.intake.barriers-updated" not in events


async def test_the_age_of_the_oldest_that_waits_is_a_metric(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", ("journey",))

    async def age() -> float:
        metrics = (await region.http.get(f"{region.box.addresses['notifications']}/metrics")).text
        [value] = re.findall(r"^lotse_webhooks_oldest_seconds (\S+)$", metrics, flags=re.M)
        return float(value)

    async def old() -> bool:
        return await age() > 0

    async with receiver(500) as there, subscribed(school, there.url, JOURNEY):
        await a_journey(region, person).began()
        await until(old, "it is older than a moment ago")
