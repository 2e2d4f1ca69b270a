"""Rectification, restriction and objection; and what happens when nobody answers."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from infra.chassis.deadlines import Deadline
from tests.journeys.test_intake_erasure import act, arrived, filed, told
from tests.journeys.test_intake_rights import by_law
from tests.support.arrivals import granted
from tests.support.matching import good
from tests.support.region import Region
from tests.support.waiting import until


async def test_a_restriction_closes_the_record_to_others_and_lifting_opens_it_again(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    record = await arrived(jonas)
    path = f"/v1/participants/{record['id']}"
    await granted(jonas, UUID(record["id"]), "family-advice", "identity", "contact")
    request = await filed(jonas, record, "restriction", words="It is being looked into.")
    await act(jonas, request["id"], "identity-check", {"how": "known-in-person"})
    assert (await act(jonas, request["id"], "decision", {"decision": "granted"}))["state"] == "restricted"
    await region.settled()
    name = record["identity"]["family_name"]
    assert (await ken.get("intake", path)).status_code == 404
    found = good(await ken.get("intake", "/v1/participants", params={"q": name}))["items"]
    assert found == [], "nor in a list"
    assert (await jonas.get("intake", path)).status_code == 200
    change = await jonas.patch("intake", path, {"language": "de"}, headers={"If-Match": '"1"'})
    assert (change.status_code, change.json()["type"]) == (403, "urn:lotse:problem:not-allowed")
    refused = await jonas.post(
        "referrals", "/v1/referrals", {"participant": record["id"], "need": "family", "note": "Help"}
    )
    assert refused.status_code == 403, "in the other services, too"

    await act(jonas, request["id"], "carried-out", expect=409)
    assert (await act(jonas, request["id"], "lift"))["state"] == "done"
    await region.settled()
    assert (await ken.get("intake", path)).status_code == 200, "the grant still lives"
    assert (await jonas.patch("intake", path, {"language": "de"}, headers={"If-Match": '"1"'})).status_code == 200


async def test_an_upheld_objection_ends_the_grant_as_objected(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    record = await arrived(jonas)
    by_law_given = await by_law(jonas, UUID(record["id"]))
    assert (await ken.get("intake", f"/v1/participants/{record['id']}")).status_code == 200
    request = await filed(jonas, record, "objection", grant=by_law_given)
    await act(jonas, request["id"], "identity-check", {"how": "document"})
    done = await act(jonas, request["id"], "decision", {"decision": "granted"})
    assert (done["state"], done["proof"]) == ("done", {"grants ended": 1})
    grants = (await jonas.get("intake", f"/v1/participants/{record['id']}/grants")).json()
    assert [one["ended"] for one in grants] == ["objected"]
    assert (await ken.get("intake", f"/v1/participants/{record['id']}")).status_code == 404


async def test_an_objection_to_a_grant_of_somebody_else_finds_nothing(region: Region) -> None:
    jonas = await region.as_("jonas")
    record, other = await arrived(jonas), await arrived(jonas)
    by_law_given = await by_law(jonas, UUID(other["id"]))
    path = f"/v1/participants/{record['id']}/rights-requests"
    assert (await jonas.post("intake", path, {"kind": "objection", "grant": by_law_given})).status_code == 404


async def test_whoever_sees_what_was_wrong_is_told_to_look_again(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    record = await arrived(jonas)
    await granted(jonas, UUID(record["id"]), "family-advice", "identity", "contact")
    await region.settled()
    request = await filed(jonas, record, "rectification", words="1993, not 1994.")
    await act(jonas, request["id"], "identity-check", {"how": "document"})
    await act(jonas, request["id"], "decision", {"decision": "granted"})
    done = await act(jonas, request["id"], "carried-out")
    assert (done["state"], done["proof"]) == ("done", {"recipients told": 1})
    await region.settled()
    assert record["id"] in [one["participant"] for one in await told(ken, "record-rectified")]


async def test_a_late_answer_reaches_caseworker_supervisor_and_auditor(region: Region) -> None:
    """The deadlines are moved here, not the clock of the region that all tests share."""
    jonas, sigrid, aud = await region.as_("jonas"), await region.as_("sigrid"), await region.as_("aud")
    record = await arrived(jonas)
    request = await filed(jonas, record, "access")
    async with region.box.runtimes["intake"].db.transaction() as tx:
        earlier = update(Deadline).where(col(Deadline.about) == UUID(request["id"]))
        await tx.execute(earlier.values(due_at=tx.now - timedelta(minutes=1)))
    await region.settled()

    async def heard(who: str, message: str) -> bool:
        items = await told({"jonas": jonas, "sigrid": sigrid, "aud": aud}[who], message)
        return any(one["link"] == f"/rights/{request['id']}" for one in items)

    for who, message in (
        ("jonas", "rights-request-filed"),
        ("jonas", "rights-request-due"),
        ("jonas", "rights-request-overdue"),
        ("sigrid", "rights-request-overdue"),
        ("aud", "rights-request-overdue"),
    ):
        await until(lambda who=who, message=message: heard(who, message), f"{who} hears {message}", within=30)  # type: ignore[misc]
