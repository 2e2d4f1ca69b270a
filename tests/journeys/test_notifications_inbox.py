"""The inbox over HTTP: whom it concerns, exactly once, and only for as long as they may know."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, update

from contracts.events import intake
from contracts.vocabulary import ParticipantId
from infra.chassis.inbox import InboxRow
from infra.chassis.outbox import OutboxRow
from tests.support.notified import a_journey, items, known_to, messages, only, state
from tests.support.referring import FAMILY, act, give, offer, refer, register
from tests.support.region import Region

COURSE = ("profile", "journey")


async def a_referral(region: Region) -> tuple[str, str]:
    """(participant, referral) of a referral for child care from Jonas to Family Advice."""
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await known_to(region, "family-advice", FAMILY)
    sent = await refer(jonas, person, receiver="family-advice", service=await offer(ken))
    await region.settled()
    return person, str(sent["id"])


async def test_a_referral_reaches_the_receiving_team_and_its_answers_the_sender(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person, referral = await a_referral(region)
    item = only(await items(ken, participant=person))
    assert (item["message"], item["link"], item["team"], item["state"]) == (
        "referral-requested",
        f"/referrals/{referral}",
        True,
        "unread",
    )
    assert item["reference"].startswith("P-")
    assert "family" not in str(item), "that it is about the family is nobody's business here"
    await act(ken, referral, "accept", contact_name="Ken")
    await act(ken, referral, "start")
    await act(ken, referral, "complete", outcome="got-help")
    await region.settled()
    assert await messages(jonas, participant=person) == [
        "referral-accepted",
        "referral-started",
        "referral-completed",
    ]


async def test_nobody_else_has_an_item_of_it(region: Region) -> None:
    person, _ = await a_referral(region)
    for name in ("mira", "vera", "hanna", "aud", "opal"):
        assert await items(await region.as_(name), participant=person) == [], name


async def test_an_event_that_comes_again_makes_no_second_item(region: Region) -> None:
    ken = await region.as_("ken")
    person, _ = await a_referral(region)
    item = only(await items(ken, participant=person))
    event = UUID(item["event"])
    async with region.box.runtimes["notifications"].db.transaction() as tx:
        # Even a consumer that has lost its memory of what it dealt with must not tell twice.
        await tx.execute(delete(InboxRow).where(InboxRow.event_id == event))  # type: ignore[arg-type]
    referrals = region.box.runtimes["referrals"]
    async with referrals.db.transaction() as tx:
        again = update(OutboxRow).where(OutboxRow.event_id == event).values(published_at=None)  # type: ignore[arg-type]
        assert (await tx.execute(again)).rowcount == 1
        tx.after_commit(referrals.wake.set)
    await region.settled()
    assert only(await items(ken, participant=person))["id"] == item["id"]


async def test_done_is_done_for_the_team_and_snoozed_is_back_in_time(region: Region) -> None:
    ken = await region.as_("ken")
    person, _ = await a_referral(region)
    item = only(await items(ken, participant=person))
    path = f"/v1/inbox/{item['id']}"
    wakes = region.box.runtimes["notifications"].clock.business() + timedelta(days=1)
    put_off = await ken.post("notifications", f"{path}/snooze", {"until": wakes.isoformat()})
    assert put_off.json()["state"] == "snoozed"
    assert await items(ken, participant=person, state="unread") == []
    assert len(await items(ken, participant=person, state="snoozed")) == 1
    past = await ken.post("notifications", f"{path}/snooze", {"until": "2020-01-01T00:00:00Z"})
    assert past.status_code == 422
    for far in (wakes + timedelta(days=366), wakes.replace(year=9999)):
        never = await ken.post("notifications", f"{path}/snooze", {"until": far.isoformat()})
        assert (never.status_code, never.json()["errors"][0]["field"]) == (422, "until")
    done = await ken.post("notifications", f"{path}/done")
    assert done.json()["state"] == "done"
    assert len(await items(ken, participant=person, state="done")) == 1


async def test_what_is_not_in_the_own_inbox_is_not_there_at_all(region: Region) -> None:
    person, _ = await a_referral(region)
    item = only(await items(await region.as_("ken"), participant=person))
    for name in ("mira", "jonas", "hanna"):
        refused = await (await region.as_(name)).post("notifications", f"/v1/inbox/{item['id']}/done")
        assert refused.status_code == 404
    assert (await region.http.get(f"{region.box.addresses['notifications']}/v1/inbox")).status_code == 401


async def test_a_page_follows_another(region: Region) -> None:
    vera = await region.as_("vera")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    await journey.began()
    for stage in ("preparation", "practice", "transition"):
        await journey.enters(stage)
    await region.settled()
    found: list[str] = []
    query = {"participant": person, "limit": "3"}
    while True:
        page = (await vera.get("notifications", "/v1/inbox", params=query)).json()
        found.extend(item["message"] for item in page["items"])
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert found == ["stage-entered", "stage-entered", "stage-entered", "journey-started"]


async def test_after_a_withdrawal_the_items_are_gone_and_it_is_told_neutrally(region: Region) -> None:
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    person = await known_to(region, "adult-education", ("profile",))
    grant = await give(region, person, "adult-education", COURSE)
    await a_journey(region, person).began()
    await region.settled()
    assert await messages(vera, participant=person) == ["journey-started"]
    for one in (await jonas.get("intake", f"/v1/participants/{person}/grants")).json():
        await jonas.post("intake", f"/v1/grants/{one['id']}/end", {"why": "withdrawn"})
    assert grant
    await region.settled()
    assert await items(vera, participant=person) == []
    newest = (await items(vera))[0]
    assert (newest["message"], newest["participant"], newest["reference"], newest["link"]) == (
        "access-ended",
        None,
        None,
        None,
    )
    assert person not in str(await items(vera))


async def test_a_muted_event_is_not_told_and_an_escalation_all_the_same(region: Region) -> None:
    vera = await region.as_("vera")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    wish = {"email": "off", "muted": ["lotse.referrals.stage-entered"]}
    assert (await vera.put("notifications", "/v1/preferences", wish)).status_code == 200
    try:
        await journey.began()
        await journey.enters("preparation")
        await region.settled()
        assert await messages(vera, participant=person) == ["journey-started"]
        refused = await vera.put("notifications", "/v1/preferences", {"muted": ["lotse.referrals.referral-overdue"]})
        assert refused.status_code == 422
    finally:
        await vera.put("notifications", "/v1/preferences", {})
    assert (await vera.get("notifications", "/v1/preferences")).json() == {
        "email": "on",
        "language": None,
        "quiet_hours": None,
        "muted": [],
    }


async def test_an_erased_person_leaves_no_item_and_later_facts_tell_nobody(region: Region) -> None:
    vera = await region.as_("vera")
    person = await known_to(region, "adult-education", COURSE)
    journey = a_journey(region, person)
    await journey.began()
    await region.settled()
    assert len(await items(vera, participant=person)) == 1
    at = region.box.runtimes["intake"].clock.business()
    await state(region, "intake", intake.ParticipantErased(at=at, participant=ParticipantId(UUID(person))))
    await region.settled()
    await journey.enters("preparation")
    await region.settled()
    assert person not in str(await items(vera))


async def test_an_event_about_somebody_unknown_waits_for_the_person(region: Region) -> None:
    vera, jonas = await region.as_("vera"), await region.as_("jonas")
    person = await register(region)
    stranger = str(uuid4())
    await a_journey(region, stranger).began()
    assert await items(vera, participant=stranger) == []
    lanes = (await (await region.as_("opal")).get("notifications", "/v1/operations/lanes")).json()
    at = region.box.runtimes["intake"].clock.business()
    reference = (await jonas.get("intake", f"/v1/participants/{person}")).json()["reference"]
    late = intake.ParticipantRegistered(
        at=at, participant=ParticipantId(UUID(stranger)), reference=reference, agency="adult-education"
    )
    await state(region, "intake", late)
    await region.settled()
    assert await messages(vera, participant=stranger) == ["journey-started"], lanes
