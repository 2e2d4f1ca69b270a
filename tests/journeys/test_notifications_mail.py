"""Mails over a real mail server: who gets one, what is in it, and that none is lost."""

import asyncio
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.notifications.delivery.store import DeliveryRow
from tests.support.notified import a_journey, items, known_to, mail_server, mailed, mails, only
from tests.support.referring import FAMILY, NOTE, offer, refer
from tests.support.region import Region

KEN, VERA = "ken@family-advice.example", "vera@adult-education.example"
COURSE = ("profile", "journey")


async def test_a_referral_is_mailed_with_code_and_link_and_nothing_else(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await known_to(region, "family-advice", FAMILY)
    sent = await refer(jonas, person, receiver="family-advice", service=await offer(ken))
    mail = only(await mailed(region, KEN, sent["id"]))
    item = only(await items(ken, participant=person))
    assert item["reference"] in mail["text"]
    name = (await jonas.get("intake", f"/v1/participants/{person}")).json()["identity"]
    unsaid = (name["given_name"].lower(), name["family_name"].lower())
    whole = str(mail).lower()
    assert not [word for word in (*unsaid, "child", NOTE.lower()[:12], person) if word in whole]
    assert "family" not in (mail["subject"] + mail["text"]).lower(), "not what it is about"
    headers = dict(mail["headers"])
    assert headers["Auto-Submitted"] == "auto-generated"
    assert "List-Id" in headers
    assert await mails(region, "mira@migration-advice.example", sent["id"]) == []


async def test_a_mail_that_is_sent_again_has_the_same_message_id(region: Region) -> None:
    vera = await region.as_("vera")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    await journey.began()
    first = only(await mailed(region, VERA, str(journey.id)))
    event = UUID(only(await items(vera, participant=person))["event"])
    await region.settled()
    async with region.box.runtimes["notifications"].db.transaction() as tx:
        # As after a crash between the hand-over and its note.
        died = update(DeliveryRow).where(col(DeliveryRow.event) == event).values(state="waiting")
        await tx.execute(died)
    both = await mailed(region, VERA, str(journey.id), at_least=2)
    assert {mail["message_id"] for mail in both} == {first["message_id"]}
    assert str(event) not in first["message_id"]


async def test_a_mail_server_that_is_down_loses_nothing(region: Region) -> None:
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    server = mail_server(region)
    await asyncio.to_thread(server.stop)
    try:
        await journey.began()
        await journey.enters("preparation")
        await region.settled()
        await asyncio.sleep(1.5)
        assert await mails(region, VERA, str(journey.id)) == []
    finally:
        await asyncio.to_thread(server.start)
    found = await mailed(region, VERA, str(journey.id), at_least=2, within=20)
    await asyncio.sleep(0.5)
    assert len(await mails(region, VERA, str(journey.id))) == len(found) == 2
    assert await _states(region, person) == {"sent"}


async def test_nothing_is_mailed_about_somebody_whom_the_recipient_may_no_longer_know(region: Region) -> None:
    jonas = await region.as_("jonas")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    server = mail_server(region)
    await asyncio.to_thread(server.stop)
    try:
        await journey.began()
        await region.settled()
        [grant] = (await jonas.get("intake", f"/v1/participants/{person}/grants")).json()
        await jonas.post("intake", f"/v1/grants/{grant['id']}/end", {"why": "withdrawn"})
        await region.settled()
    finally:
        await asyncio.to_thread(server.start)
    for _ in range(100):
        if await _states(region, person) == {"withheld"}:
            break
        await asyncio.sleep(0.1)
    assert await _states(region, person) == {"withheld"}
    assert await mails(region, VERA, str(journey.id)) == []


async def test_who_wants_no_mail_gets_none_and_each_gets_it_in_their_language(region: Region) -> None:
    vera = await region.as_("vera")
    person = await known_to(region, "adult-education", COURSE)
    silent, arabic = a_journey(region, person), a_journey(region, person)
    try:
        await vera.put("notifications", "/v1/preferences", {"email": "off"})
        await silent.began()
        await region.settled()
        await vera.put("notifications", "/v1/preferences", {"language": "ar"})
        await arabic.began()
        mail = only(await mailed(region, VERA, str(arabic.id)))
        assert "انضم" in mail["text"]
        assert dict(mail["headers"])["Content-Language"] == "ar"
        assert await mails(region, VERA, str(silent.id)) == []
    finally:
        await vera.put("notifications", "/v1/preferences", {})


async def test_the_trace_of_a_click_reaches_the_mail(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await known_to(region, "family-advice", FAMILY)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    body = {
        "participant": person,
        "need": "family",
        "note": NOTE,
        "receiver": "family-advice",
        "service": await offer(ken),
    }
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    sent = await jonas.post("referrals", "/v1/referrals", body, headers=headers)
    assert sent.status_code == 201, sent.text
    await mailed(region, KEN, sent.json()["id"])
    runtime = region.box.runtimes["notifications"]
    async with runtime.db.transaction() as tx:
        query = select(col(DeliveryRow.traceparent)).where(col(DeliveryRow.participant) == UUID(person))
        kept = [row.traceparent for row in await tx.rows(query)]
    assert kept
    assert all(trace in one for one in kept)


async def _states(region: Region, person: str) -> set[str]:
    async with region.box.runtimes["notifications"].db.transaction() as tx:
        query = select(col(DeliveryRow.state)).where(col(DeliveryRow.participant) == UUID(person))
        return {row.state for row in await tx.rows(query)}
