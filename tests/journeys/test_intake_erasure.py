"""The right to be forgotten: asked for, answered in time, carried out everywhere, and proved without naming anybody."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from infra.chassis.identity.oidc import Unauthenticated
from services.intake import erasure
from services.intake.service import SERVICE
from tests.support.arrivals import granted, name
from tests.support.matching import good
from tests.support.referring import refer
from tests.support.region import Person, Region
from tests.support.waiting import until

TOMBSTONES = {"chassis.erased", "chassis.audit", "chassis.outbox", "inbox.forgotten"}
"""Tables that keep the random id: the ledger, the trail, the fact itself, and never to tell anybody again."""


async def arrived(by: Person) -> dict[str, Any]:
    """Somebody with everything that intake can hold; the record."""
    identity = {"given_name": name(), "family_name": name(), "birth": {"year": 1994}}
    contact = {"phone": "+49 30 5550199", "address": "Nordring 4"}
    body = {"identity": identity, "contact": contact, "language": "ar"}
    record = good(await by.post("intake", "/v1/participants", body), 201)
    path = f"/v1/participants/{record['id']}"
    barrier = {"domain": "family", "severity": "high", "note": "Two children"}
    good(await by.post("intake", f"{path}/barriers", barrier), 201)
    return dict(record)


async def filed(by: Person, record: dict[str, Any], kind: str = "erasure", **more: Any) -> dict[str, Any]:
    path = f"/v1/participants/{record['id']}/rights-requests"
    return dict(good(await by.post("intake", path, {"kind": kind, **more}), 201))


async def act(by: Person, request: str, what: str, body: Any = None, expect: int = 200) -> dict[str, Any]:
    """With the version that is read just before."""
    path = f"/v1/rights-requests/{request}"
    etag = (await by.get("intake", path)).headers["etag"]
    answer = await by.post("intake", f"{path}/{what}", body, headers={"If-Match": etag})
    assert answer.status_code == expect, answer.text
    return dict(answer.json())


def holding(url: str, canary: str) -> set[str]:
    """The tables of a database in which this text is."""
    found = set()
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information_schema$)'"
        ).fetchall()
        for schema, table in tables:
            query = f'select count(*) from "{schema}"."{table}" t where t::text like %s'  # noqa: S608 - from the catalogue
            row = connection.execute(query.encode(), (f"%{canary}%",)).fetchone()
            if row and row[0]:
                found.add(f"{schema}.{table}")
    return {"chassis.outbox" if name.startswith("chassis.outbox") else name for name in found}


async def is_done(by: Person, request: str) -> None:
    async def carried_out() -> bool:
        answer = await by.get("intake", f"/v1/rights-requests/{request}")
        return answer.status_code == 200 and answer.json()["state"] == "done"

    await until(carried_out, "the erasure is carried out", within=60)


async def test_a_person_is_forgotten_by_every_service_and_the_proof_names_nobody(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    record = await arrived(jonas)
    person = record["id"]
    await granted(jonas, UUID(person), "family-advice", "identity", "contact", "barriers.family")
    await region.settled()
    referral = (await refer(jonas, person, receiver="family-advice"))["id"]
    login = good(await jonas.post("intake", f"/v1/participants/{person}/login-code"), 201)
    code = login["code"]
    amal = await region.as_(record["reference"], code)

    request = await filed(amal, record, words="Please forget me.")
    assert (request["state"], request["checked"], request["words"]) == ("filed", "own-login", "Please forget me.")
    listed = good(await jonas.get("intake", "/v1/rights-requests"))["items"]
    assert request["id"] in [one["id"] for one in listed]
    await act(jonas, request["id"], "decision", {"decision": "granted", "answer": "We will."})
    await is_done(jonas, request["id"])
    await region.settled()

    assert (await amal.get("intake", f"/v1/participants/{person}")).status_code in (401, 404)
    assert (await jonas.get("intake", f"/v1/participants/{person}")).status_code == 404
    assert (await ken.get("referrals", f"/v1/referrals/{referral}")).status_code == 404
    for service, settings in region.box.settings.items():
        assert settings.owner_database_url is not None
        url = settings.owner_database_url.get_secret_value()
        found = holding(url, person)
        assert found <= TOMBSTONES, f"{service} keeps the person"
        with psycopg.connect(url) as connection:
            types = connection.execute(
                "select convert_from(value, 'utf8')::jsonb->>'type' from chassis.outbox where value::text like %s"
                " or key = %s",
                (f"%{person}%", person),
            ).fetchall()
            assert {kind for (kind,) in types} <= {"lotse.intake.participant-erased"}
        assert holding(url, record["reference"]) == set()
    proof = good(await jonas.get("intake", f"/v1/rights-requests/{request['id']}"))
    assert (proof["participant"], proof["words"], proof["state"]) == (None, None, "done")
    assert proof["proof"]["participant"] > 1
    assert proof["proof"]["assessment"] == proof["proof"]["grant"] == 1
    with pytest.raises(Unauthenticated):
        await region.as_(record["reference"], code)


async def test_whoever_saw_the_person_is_told_neutrally_and_an_open_referral_is_over(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    record = await arrived(jonas)
    await granted(jonas, UUID(record["id"]), "family-advice", "identity", "contact", "barriers.family")
    await region.settled()
    await refer(jonas, record["id"], receiver="family-advice")
    await region.settled()
    before = len(await told(ken, "access-ended"))
    request = await filed(jonas, record)
    await act(jonas, request["id"], "identity-check", {"how": "known-in-person"})
    await act(jonas, request["id"], "decision", {"decision": "granted"})
    await is_done(jonas, request["id"])
    await region.settled()
    after = await told(ken, "access-ended")
    assert len(after) == before + 1
    assert after[0]["participant"] is None


async def told(by: Person, message: str) -> list[dict[str, Any]]:
    items = good(await by.get("notifications", "/v1/inbox", params={"limit": 200}))["items"]
    return [one for one in items if one["message"] == message]


async def test_nothing_is_decided_before_it_is_certain_who_asks(region: Region) -> None:
    jonas = await region.as_("jonas")
    request = await filed(jonas, await arrived(jonas), how="telephone")
    assert request["checked"] is None
    await act(jonas, request["id"], "decision", {"decision": "granted"}, expect=409)
    await act(jonas, request["id"], "decision", {"decision": "refused"}, expect=422)
    refused = {"decision": "refused", "reason": "identity-not-proved", "answer": "You may complain to the authority."}
    assert (await act(jonas, request["id"], "decision", refused))["state"] == "refused"


async def test_a_duty_to_keep_restricts_the_record_until_its_day_comes(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    record = await arrived(jonas)
    path = f"/v1/participants/{record['id']}"
    await granted(jonas, UUID(record["id"]), "family-advice", "identity", "contact")
    assert (await ken.get("intake", path)).status_code == 200
    request = await filed(jonas, record)
    await act(jonas, request["id"], "identity-check", {"how": "document"})
    kept = {
        "decision": "restricted",
        "reason": "duty-to-keep",
        "norm": "SGB X § 84",
        "keep_until": "2031-01-01T00:00:00Z",
    }
    await act(jonas, request["id"], "decision", kept | {"norm": None}, expect=422)
    assert (await act(jonas, request["id"], "decision", kept))["state"] == "restricted"
    await region.settled()

    assert (await ken.get("intake", path)).status_code == 404, "no grant opens it any more"
    assert (await jonas.get("intake", path)).status_code == 200, "its own agency reads it"
    refused = await jonas.post("intake", f"{path}/barriers", {"domain": "health", "severity": "low", "note": ""})
    assert refused.status_code == 403
    assert "restricted" in refused.json()["detail"]
    assert (await jonas.get("referrals", f"{path}/timeline")).status_code == 200

    assert (await act(jonas, request["id"], "lift"))["state"] == "granted", "put off until now"
    await is_done(jonas, request["id"])
    assert (await jonas.get("intake", path)).status_code == 404


async def test_who_may_not(region: Region) -> None:
    jonas, mira, aud = await region.as_("jonas"), await region.as_("mira"), await region.as_("aud")
    record = await arrived(jonas)
    request = await filed(jonas, record, words="Two children")
    path = f"/v1/rights-requests/{request['id']}"
    assert (await mira.get("intake", path)).status_code == 404
    assert (
        await mira.post("intake", f"/v1/participants/{record['id']}/rights-requests", {"kind": "access"})
    ).status_code == 404
    seen = good(await aud.get("intake", path))
    assert (seen["kind"], seen["words"]) == ("erasure", None), "an auditor sees that and when, not the words"
    decision = await aud.post("intake", f"{path}/decision", {"decision": "granted"}, headers={"If-Match": '"1"'})
    assert decision.status_code == 404
    assert request["id"] not in [one["id"] for one in good(await mira.get("intake", "/v1/rights-requests"))["items"]]


@pytest.mark.parametrize("capability", [name for name in SERVICE.schemas if name != "esco"])
def test_every_capability_forgets(capability: str) -> None:
    assert capability in erasure.FORGETS
