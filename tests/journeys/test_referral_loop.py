"""Jonas refers to Ken for child care, and the loop closes. Over HTTP, with everybody's own log-in."""

import asyncio
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select

from contracts.envelope import Envelope
from infra.chassis.idempotency import Answer
from infra.chassis.outbox import OutboxRow
from infra.chassis.schema import table
from tests.support.referring import NOTE, act, offer, refer, with_grant
from tests.support.region import Person, Region

STAFF = "6f1c2f0e-52a4-4a0e"
"""How the ids of all staff of the demo begin."""


async def test_the_loop_closes_and_both_sides_see_it(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await with_grant(region, "family-advice")
    sent = await refer(jonas, person, receiver="family-advice", service=await offer(ken), contact_name="Jonas, room 12")
    assert (sent["status"], sent["actions"]) == ("requested", ["cancel", "mark-error"])
    assert datetime.fromisoformat(sent["due_at"]) > datetime.fromisoformat(sent["created_at"])
    assert {"identity", "contact", "barriers.family"} <= set(sent["granted_when_sent"])

    seen = (await ken.get("referrals", f"/v1/referrals/{sent['id']}")).json()
    assert (seen["note"], seen["contact_name"], seen["received_at"]) == (NOTE, "Jonas, room 12", None)
    assert seen["actions"] == ["receive", "accept", "reject"]
    await act(ken, sent["id"], "receive")
    await act(ken, sent["id"], "accept", contact_name="Ken, second floor")
    await act(ken, sent["id"], "start")
    done = await act(ken, sent["id"], "complete", outcome="got-help", note="A place from Monday on.")
    assert done["actions"] == []

    closed = (await jonas.get("referrals", f"/v1/referrals/{sent['id']}")).json()
    assert (closed["status"], closed["outcome"]) == ("completed", "got-help")
    assert closed["receiver_contact_name"] == "Ken, second floor"
    assert [entry["what"] for entry in closed["history"]] == ["draft", "send", "receive", "accept", "start", "complete"]
    assert closed["history"][-1]["note"] == "A place from Monday on."


async def test_reading_changes_nothing(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    sent = await refer(jonas, await with_grant(region, "family-advice"), receiver="family-advice")
    for _ in range(2):
        seen = await ken.get("referrals", f"/v1/referrals/{sent['id']}")
        assert (seen.json()["version"], seen.json()["received_at"]) == (1, None)
    await act(ken, sent["id"], "receive")
    again = await ken.post("referrals", f"/v1/referrals/{sent['id']}/receive", {}, headers={"If-Match": '"2"'})
    assert (again.status_code, again.json()["type"]) == (409, "urn:lotse:problem:not-possible")


async def test_for_other_agencies_there_is_no_referral(region: Region) -> None:
    jonas = await region.as_("jonas")
    person = await with_grant(region, "family-advice")
    await with_grant(region, "adult-education", person, categories=["profile", "journey"])
    sent = await refer(jonas, person, receiver="family-advice")
    for name in ("mira", "vera", "hanna", "aud", "opal"):
        stranger = await region.as_(name)
        assert (await stranger.get("referrals", f"/v1/referrals/{sent['id']}")).status_code == 404, name
        tried = await stranger.post("referrals", f"/v1/referrals/{sent['id']}/accept", {}, headers={"If-Match": '"1"'})
        assert tried.status_code == 404, name
        listed = await stranger.get("referrals", f"/v1/referrals?participant={person}")
        assert listed.status_code in (403, 404) or listed.json()["items"] == [], name
    absent = await (await region.as_("mira")).get("referrals", f"/v1/referrals/{uuid4()}")
    hidden = await (await region.as_("mira")).get("referrals", f"/v1/referrals/{sent['id']}")
    assert absent.json() == hidden.json(), "one uniform answer"


async def test_each_side_finds_it_in_its_list(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await with_grant(region, "family-advice")
    first = await refer(jonas, person, receiver="family-advice")
    second = await refer(jonas, person, receiver="family-advice")
    draft = await refer(jonas, person, receiver="family-advice", draft=True)
    assert await _listed(jonas, f"side=sent&participant={person}") == [draft["id"], second["id"], first["id"]]
    assert await _listed(ken, f"side=received&participant={person}") == [second["id"], first["id"]], "a draft is not"
    assert (await ken.get("referrals", f"/v1/referrals/{draft['id']}")).status_code == 404
    assert await _listed(jonas, f"state=draft&participant={person}") == [draft["id"]]
    page = (await jonas.get("referrals", f"/v1/referrals?participant={person}&limit=2")).json()
    rest = (await jonas.get("referrals", f"/v1/referrals?participant={person}&limit=2&after={page['next']}")).json()
    assert [one["id"] for one in page["items"] + rest["items"]] == [draft["id"], second["id"], first["id"]]
    assert "note" not in page["items"][0]
    assert page["items"][0]["actions"] == ["send", "cancel", "mark-error"]
    await act(jonas, draft["id"], "send")
    assert draft["id"] in await _listed(ken, f"side=received&participant={person}")


async def test_the_person_sees_what_was_sent_for_her(region: Region) -> None:
    jonas = await region.as_("jonas")
    person = await with_grant(region, "family-advice")
    sent = await refer(jonas, person, receiver="family-advice", contact_name="Jonas, room 12")
    draft = await refer(jonas, person, receiver="family-advice", draft=True)
    login = (await jonas.post("intake", f"/v1/participants/{person}/login-code")).json()
    amal = await region.as_(login["reference"], login["code"])
    assert await _listed(amal, "") == [sent["id"]]
    own = (await amal.get("referrals", f"/v1/referrals/{sent['id']}")).json()
    assert (own["status"], own["contact_name"], own["note"], own["actions"]) == (
        "requested",
        "Jonas, room 12",
        None,
        [],
    )
    assert (await amal.get("referrals", f"/v1/referrals/{draft['id']}")).status_code == 404
    tried = await amal.post("referrals", f"/v1/referrals/{sent['id']}/cancel", {}, headers={"If-Match": '"1"'})
    assert tried.status_code in (403, 404)


async def test_a_rejection_needs_its_reason(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    sent = await refer(jonas, await with_grant(region, "family-advice"), receiver="family-advice")
    path, match = f"/v1/referrals/{sent['id']}/reject", {"If-Match": '"1"'}
    refused = await ken.post("referrals", path, {"reason_code": "out-of-area"}, headers=match)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["reason_text"]
    await act(ken, sent["id"], "reject", reason_code="out-of-area", reason_text="We serve the north only.")
    told = (await jonas.get("referrals", f"/v1/referrals/{sent['id']}")).json()
    assert (told["status"], told["history"][-1]["reason_text"]) == ("rejected", "We serve the north only.")


async def test_each_side_does_its_own_part_in_its_time(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    sent = await refer(jonas, await with_grant(region, "family-advice"), receiver="family-advice")
    match = {"If-Match": '"1"'}
    own = await jonas.post("referrals", f"/v1/referrals/{sent['id']}/accept", {}, headers=match)
    assert (own.status_code, own.json()["type"]) == (403, "urn:lotse:problem:not-your-side")
    early = await ken.post("referrals", f"/v1/referrals/{sent['id']}/start", {}, headers=match)
    assert early.status_code == 409
    assert early.json()["possible"] == ["accept", "receive", "reject"]
    clock = await ken.post("referrals", f"/v1/referrals/{sent['id']}/expire", {}, headers=match)
    assert clock.status_code == 403


async def test_a_lost_update_is_noticed(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    sent = await refer(jonas, await with_grant(region, "family-advice"), receiver="family-advice")
    await act(ken, sent["id"], "accept")
    gone = {"reason_code": "other", "reason_text": "Found a place herself."}
    late = await jonas.post("referrals", f"/v1/referrals/{sent['id']}/cancel", gone, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    blind = await jonas.post("referrals", f"/v1/referrals/{sent['id']}/cancel", gone)
    assert blind.status_code == 428


async def test_a_repeated_request_refers_once(region: Region) -> None:
    jonas = await region.as_("jonas")
    person = await with_grant(region, "family-advice")
    body = {"participant": person, "need": "family", "receiver": "family-advice", "note": NOTE}
    key = {"Idempotency-Key": str(uuid4())}
    first = await jonas.post("referrals", "/v1/referrals", body, headers=key)
    again = await jonas.post("referrals", "/v1/referrals", body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(await _listed(jonas, f"participant={person}")) == 1


async def test_two_claim_and_one_loses(region: Region) -> None:
    jonas, ken, mira = await region.as_("jonas"), await region.as_("ken"), await region.as_("mira")
    person = await with_grant(region, "family-advice")
    sent = await refer(jonas, person)
    assert await _listed(mira, f"side=open&participant={person}") == [], (
        "without a grant an open referral is nobody's to see"
    )
    await with_grant(region, "migration-advice", person)
    assert await _listed(mira, f"side=open&participant={person}") == [sent["id"]]
    unread = (await mira.get("referrals", f"/v1/referrals/{sent['id']}")).json()
    assert (unread["actions"], unread["note"]) == (["claim"], None), "the note is for the one who takes it on"
    path, match = f"/v1/referrals/{sent['id']}/claim", {"If-Match": '"1"'}
    answers = await asyncio.gather(*(one.post("referrals", path, {}, headers=match) for one in (ken, mira)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    lost = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (won["actions"], won["note"]) == (["receive", "accept", "reject"], NOTE)
    assert lost["type"] == "urn:lotse:problem:already-claimed"
    loser = mira if won["receiver"] == "family-advice" else ken
    assert (await loser.get("referrals", f"/v1/referrals/{sent['id']}")).status_code == 404
    later = await loser.post("referrals", path, {}, headers={"If-Match": '"2"'})
    assert later.status_code == 409


async def test_a_care_need_never_leaves_on_the_common_topic(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    person = await with_grant(region, "family-advice")
    sent = await refer(jonas, person, receiver="family-advice")
    await act(ken, sent["id"], "accept")
    await act(ken, sent["id"], "start")
    await act(ken, sent["id"], "complete", outcome="got-help")
    said = await _said(region, person)
    care = [e.type.rpartition(".")[2] for topic, e in said if topic == "lotse.referrals.care"]
    assert care == ["referral-requested", "referral-accepted", "referral-started", "referral-completed"]
    common = [e for topic, e in said if topic == "lotse.referrals"]
    assert [e.type.rpartition(".")[2] for e in common] == ["support-step-opened", "support-step-closed"]
    for envelope in common:
        text = envelope.to_bytes().decode()
        for telling in ("family", "job-centre", sent["id"], STAFF):
            assert telling not in text, f"{telling} in {text}"
    for _, envelope in said:
        assert NOTE not in envelope.to_bytes().decode()


async def _said(region: Region, person: str) -> list[tuple[str, Envelope]]:
    rows = table(OutboxRow)
    async with region.box.runtimes["referrals"].db.transaction() as tx:
        query = select(rows.c.topic, rows.c.value).where(rows.c.key == person).order_by(rows.c.id)
        return [(row.topic, Envelope.from_bytes(row.value)) for row in await tx.rows(query)]


async def _listed(who: Person, query: str) -> list[str]:
    answer = await who.get("referrals", f"/v1/referrals?{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def test_a_request_that_met_another_in_a_deadlock_is_carried_out_all_the_same(region: Region) -> None:
    jonas, runtime = await region.as_("jonas"), region.box.runtimes["referrals"]
    person, key = await with_grant(region, "family-advice"), str(uuid4())
    body = {"participant": person, "need": "family", "receiver": "family-advice", "note": NOTE}
    [subject] = {(await runtime.verifier.verify(await jonas.session.token())).subject}

    with suppress(ZeroDivisionError):
        async with runtime.db.transaction() as other:
            await other.lock("referral", person)
            sending = asyncio.create_task(
                jonas.post("referrals", "/v1/referrals", body, headers={"Idempotency-Key": key})
            )
            await asyncio.sleep(0.4)  # it holds its key now, and waits for the lock
            values = {"subject": subject, "key": key, "fingerprint": b"", "at": other.system_now}
            await other.execute(insert(table(Answer)).values(values))
            raise ZeroDivisionError
    sent = await sending

    assert sent.status_code == 201, sent.text
    found = (await jonas.get("referrals", f"/v1/referrals?participant={person}")).json()["items"]
    assert [one["id"] for one in found] == [sent.json()["id"]]
