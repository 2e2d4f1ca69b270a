"""What has to be so before a referral is sent, and what happens when it no longer is."""

import asyncio
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from contracts.events.intake import ParticipantErased
from contracts.vocabulary import ParticipantId
from infra.chassis import moved_clock
from infra.chassis.audit import disclosures
from tests.support.referring import NOTE, act, give, offer, refer, register, with_grant
from tests.support.region import Person, Region


async def test_without_a_grant_nothing_is_sent_and_the_way_out_names_it(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await with_grant(region, "family-advice", categories=["identity", "contact"])
    body = {"participant": person, "need": "family", "receiver": "family-advice", "note": NOTE}
    refused = await jonas.post("referrals", "/v1/referrals", body)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lotse:problem:grant-missing")
    assert refused.json()["missing"] == ["barriers.family"]
    assert "'family-advice'" in refused.json()["way_out"]
    assert "barriers.family" in refused.json()["way_out"]
    assert (await ken.get("referrals", f"/v1/referrals?participant={person}")).json()["items"] == []
    await with_grant(region, "family-advice", person, categories=["barriers.family"])
    assert (await jonas.post("referrals", "/v1/referrals", body)).status_code == 201


async def test_a_full_service_is_refused_before_anything_personal_is_asked(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    full = await offer(ken, name="Nursery on the hill", capacity_state="no-capacity")
    free = await offer(ken, name="A nursery by the harbour", free_places=2)
    ungranted = await register(region)
    await region.settled()
    body = {"participant": ungranted, "need": "family", "receiver": "family-advice", "service": full}
    refused = await jonas.post("referrals", "/v1/referrals", body)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lotse:problem:no-capacity")
    assert "A nursery by the harbour (family-advice)" in refused.json()["way_out"]
    assert free in [one["service"] for one in refused.json()["alternatives"]]
    none_left = await offer(ken, free_places=0)
    refused = await jonas.post("referrals", "/v1/referrals", {**body, "service": none_left})
    assert refused.json()["type"] == "urn:lotse:problem:no-capacity"
    other_need = await offer(ken, need="housing")
    refused = await jonas.post("referrals", "/v1/referrals", {**body, "service": other_need})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "service")


async def test_only_the_responsible_agency_refers(region: Region) -> None:
    ken, vera = await region.as_("ken"), await region.as_("vera")
    person = await with_grant(region, "family-advice")
    body = {"participant": person, "need": "family", "receiver": "migration-advice"}
    assert (await ken.post("referrals", "/v1/referrals", body)).status_code == 403, "Ken knows of the person"
    assert (await vera.post("referrals", "/v1/referrals", body)).status_code == 404, "Vera does not"


async def test_a_withdrawal_cancels_what_is_not_accepted_soon(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await register(region)
    grant = await give(region, person, "family-advice")
    await region.settled()
    sent = await refer(jonas, person, receiver="family-advice")
    await jonas.post("intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"})
    ended = await _soon(jonas, sent["id"], status="cancelled")
    assert (ended["reason_code"], ended["actions"]) == ("grant-ended", ["mark-error"])
    left = (await ken.get("referrals", f"/v1/referrals/{sent['id']}")).json()
    assert (left["note"], left["status"]) == (None, "cancelled")
    assert "identity" not in left["granted_when_sent"] or left["sharing"] is False


async def test_a_withdrawal_stops_the_sharing_of_what_is_accepted_and_the_help_goes_on(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await register(region)
    grant = await give(region, person, "family-advice")
    await region.settled()
    monday = {"contact_name": "Jonas, room 12", "first_appointment": "2027-01-11T09:00:00+01:00"}
    sent = await refer(jonas, person, receiver="family-advice", **monday)
    accepted = await act(ken, sent["id"], "accept", note="First talk on Monday.", contact_name="Ken")
    assert (accepted["note"], accepted["first_appointment"]) == (NOTE, "2027-01-11T08:00:00Z")
    await jonas.post("intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"})
    stopped = await _soon(ken, sent["id"], sharing=False)
    assert (stopped["status"], stopped["note"], stopped["contact_name"]) == ("accepted", None, None)
    assert stopped["first_appointment"] is None
    own = [entry for entry in stopped["history"] if entry["agency"] == "family-advice"]
    assert own[0]["note"] == "First talk on Monday.", "what Ken wrote stays his"
    done = await act(ken, sent["id"], "complete", outcome="got-help")
    assert (done["status"], done["note"]) == ("completed", None)
    assert (await jonas.get("referrals", f"/v1/referrals/{sent['id']}")).json()["outcome"] == "got-help"


async def test_another_grant_may_still_carry_it(region: Region) -> None:
    jonas = await region.as_("jonas")
    person = await register(region)
    grant = await give(region, person, "family-advice")
    await give(region, person, "family-advice")
    await region.settled()
    sent = await refer(jonas, person, receiver="family-advice")
    await jonas.post("intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"})
    await region.settled()
    left = (await jonas.get("referrals", f"/v1/referrals/{sent['id']}")).json()
    assert (left["status"], left["sharing"]) == ("requested", True)


async def test_a_late_answer_is_overdue_and_at_last_expires(region: Region) -> None:
    jonas = await region.as_("jonas")
    person = await with_grant(region, "family-advice")
    sent = await refer(jonas, person, receiver="family-advice", urgency="urgent")
    opal, runtime = await region.as_("opal"), region.box.runtimes["referrals"]
    due_in = datetime.fromisoformat(sent["due_at"]) - datetime.fromisoformat(sent["created_at"])
    assert timedelta(0) < due_in < timedelta(days=12), "one working day, weekends and the longest holidays included"
    try:
        await opal.post("referrals", "/v1/operations/clock", {"days": due_in / timedelta(days=1)})
        late = await _soon(jonas, sent["id"], seconds=15, overdue=True)
        assert late["status"] == "requested"
        await opal.post("referrals", "/v1/operations/clock", {"days": 45})
        await _soon(jonas, sent["id"], seconds=15, status="expired")
    finally:
        async with runtime.db.transaction() as tx:
            runtime.clock.offset = await moved_clock.advance(tx, -(timedelta(days=45) + due_in))


async def test_what_was_accepted_in_time_is_not_overdue(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    sent = await refer(jonas, await with_grant(region, "family-advice"), receiver="family-advice", urgency="urgent")
    await act(ken, sent["id"], "accept")
    held = await act(ken, sent["id"], "hold", reason_code="missing-documents", reason_text="Birth certificates.")
    assert held["on_hold_since"] is not None
    going_on = await act(ken, sent["id"], "resume")
    assert going_on["on_hold_since"] is None
    moved = datetime.fromisoformat(going_on["due_at"]) - datetime.fromisoformat(sent["due_at"])
    assert timedelta(0) < moved < timedelta(minutes=1), "by the length of the pause"


async def test_an_erased_person_leaves_no_words_and_no_referral(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await with_grant(region, "family-advice")
    sent = await refer(jonas, person, receiver="family-advice")
    intake = region.box.runtimes["intake"]
    async with intake.db.transaction() as tx:
        await intake.outbox.append(tx, [ParticipantErased(participant=ParticipantId(UUID(person)), at=tx.now)])
    await region.settled()
    for side in (jonas, ken):
        assert (await side.get("referrals", f"/v1/referrals/{sent['id']}")).status_code == 404
        assert (await side.get("referrals", f"/v1/referrals?participant={person}")).json()["items"] == []


async def test_what_a_referral_disclosed_is_in_the_audit_trail(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await with_grant(region, "family-advice")
    sent = await refer(jonas, person, receiver="family-advice")
    await ken.get("referrals", f"/v1/referrals/{sent['id']}")
    async with region.box.runtimes["referrals"].db.transaction() as tx:
        looks = [(look.agency, look.action, look.category) for look in await disclosures(tx, [UUID(person)])]
    assert ("family-advice", "referral:read", "barriers.family") in looks


async def _soon(who: Person, referral: str, *, seconds: float = 2, **expected: Any) -> dict[str, Any]:
    began = monotonic()
    while True:
        answer = await who.get("referrals", f"/v1/referrals/{referral}")
        found: dict[str, Any] = answer.json()
        if answer.status_code == 200 and all(found[name] == value for name, value in expected.items()):
            return found
        assert monotonic() - began < seconds, f"not within {seconds} s: {expected}, but {answer.text}"
        await asyncio.sleep(0.05)
