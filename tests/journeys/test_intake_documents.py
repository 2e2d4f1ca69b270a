"""Documents: checked, sealed, fetched by few, handed out to the person, told of before they expire, and destroyed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.vocabulary import ParticipantId
from services.intake.document import use_cases
from tests.support.arrivals import granted, registered
from tests.support.matching import good
from tests.support.notified import messages
from tests.support.region import Person, Region
from tests.support.rows import rows
from tests.support.waiting import until

PDF = b"%PDF-1.7\n1 0 obj\n<</Nobody /Reads>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


async def announced(by: Person, participant: UUID, **more: Any) -> dict[str, Any]:
    body = {"kind": "certificate", "name": "شهادة school.pdf", **more}
    return dict(good(await by.post("intake", f"/v1/participants/{participant}/documents", body), 201))


async def sent(by: Person, document: str, content: bytes = PDF, media: str = "application/pdf") -> httpx.Response:
    headers = {"Content-Type": media}
    return await by.call("PUT", "intake", f"/v1/documents/{document}/content", content=content, headers=headers)


async def added(by: Person, participant: UUID, **more: Any) -> dict[str, Any]:
    document = await announced(by, participant, **more)
    return dict(good(await sent(by, document["id"])))


async def person_of(region: Region, participant: UUID) -> Person:
    jonas = await region.as_("jonas")
    login = good(await jonas.post("intake", f"/v1/participants/{participant}/login-code"), 201)
    return await region.as_(login["reference"], login["code"])


async def test_a_document_comes_back_as_it_was_to_be_saved_and_not_shown(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    large = PDF[:-6] + b"\0\xff" * 1_300_000 + b"%%EOF\n"
    document = await announced(jonas, participant)
    listed = f"/v1/participants/{participant}/documents"
    assert (await jonas.get("intake", listed)).json() == [], "nobody sees it before its content has come"
    assert good(await sent(jonas, document["id"], large))["size"] == len(large)
    [seen] = (await jonas.get("intake", listed)).json()
    assert (seen["kind"], seen["name"], seen["media"]) == ("certificate", "شهادة school.pdf", "application/pdf")
    got = await jonas.get("intake", f"/v1/documents/{document['id']}/content")
    assert got.content == large
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%D8%B4")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert got.headers["cache-control"] == "no-store"


async def test_nothing_of_it_lies_open_in_the_database(region: Region) -> None:
    jonas = await region.as_("jonas")
    document = await added(jonas, await registered(jonas), kind="residence-permit")
    url = region.box.runtimes["intake"].settings.database_url.get_secret_value()
    about = await rows(url, "select * from document.document where id = %s", UUID(document["id"]))
    parts = await rows(url, "select * from document.part where document = %s", UUID(document["id"]))
    assert len(parts) == 1
    assert b"Nobody" not in bytes(parts[0]["sealed"])
    assert "residence" not in str(about)
    assert "school" not in str(about)


async def test_what_is_not_what_it_says_is_refused_with_the_way_out(region: Region) -> None:
    jonas = await region.as_("jonas")
    document = (await announced(jonas, await registered(jonas)))["id"]
    for content, media in ((PDF, "image/png"), (b"MZ\x90\0 a program", "application/pdf"), (b"", "application/pdf")):
        refused = await sent(jonas, document, content, media)
        assert refused.status_code == 422, refused.text
        assert len(refused.json()["way_out"]) > 20
    too_large = await sent(jonas, document, PDF[:-6] + b"x" * 10_000_000 + b"%%EOF\n")
    assert (too_large.status_code, "10 MB" in too_large.text) == (422, True)
    far_too_large = await sent(jonas, document, b"x" * 25_002_000)
    assert far_too_large.status_code == 413
    good(await sent(jonas, document))
    assert good(await sent(jonas, document))["version"] == 2, "sent again, it is the same"
    assert (await sent(jonas, document, PDF + b"\n")).status_code == 409


async def test_who_may_not_finds_none(region: Region) -> None:
    jonas, ken, vera = await region.as_("jonas"), await region.as_("ken"), await region.as_("vera")
    participant = await registered(jonas)
    document = await added(jonas, participant)
    listed, one = f"/v1/participants/{participant}/documents", f"/v1/documents/{document['id']}"
    await granted(jonas, participant, "adult-education", "profile", "documents")
    for username in ("ken", "hanna", "cora", "aud", "opal", "paul", "vera"):
        other = await region.as_(username)
        for path in (listed, one, f"{one}/content"):
            assert (await other.get("intake", path)).status_code in (403, 404), username
        assert (await sent(other, document["id"])).status_code in (403, 404), username
    assert (await ken.get("intake", f"{one}/content")).status_code == 404
    assert (await vera.get("intake", f"{one}/content")).status_code == 403, "a coach has no use for papers"
    await granted(jonas, participant, "family-advice", "documents")
    assert (await ken.get("intake", f"{one}/content")).content == PDF
    assert (await sent(ken, document["id"])).status_code == 403
    removal = await ken.call("DELETE", "intake", one, headers={"If-Match": '"2"'})
    assert removal.status_code == 403


async def test_the_person_sees_what_was_given_and_nothing_else(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    kept, given = await added(jonas, participant), await added(jonas, participant)
    person = await person_of(region, participant)
    body = {key: given[key] for key in ("kind", "name", "issued_on", "valid_until")} | {"given": True}
    path = f"/v1/documents/{given['id']}"
    changed = good(await jonas.put("intake", path, body, headers={"If-Match": f'"{given["version"]}"'}))
    assert changed["given"]
    seen = (await person.get("intake", f"/v1/participants/{participant}/documents")).json()
    assert [one["id"] for one in seen] == [given["id"]]
    assert (await person.get("intake", f"{path}/content")).content == PDF
    assert (await person.get("intake", f"/v1/documents/{kept['id']}/content")).status_code == 403
    assert (await person.get("intake", "/v1/documents/" + str(participant))).status_code == 404


async def test_the_caseworker_is_told_before_it_expires(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    soon = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    await added(jonas, participant, kind="residence-permit", valid_until=soon)

    async def told() -> bool:
        return "document-expiring" in await messages(jonas, participant=str(participant))

    await until(told, "the caseworker is told of the permit", within=60)


async def test_a_removed_document_is_gone(region: Region) -> None:
    jonas = await region.as_("jonas")
    document = await added(jonas, await registered(jonas))
    path = f"/v1/documents/{document['id']}"
    assert (await jonas.call("DELETE", "intake", path, headers={"If-Match": '"1"'})).status_code == 412
    removed = await jonas.call("DELETE", "intake", path, headers={"If-Match": '"2"'})
    assert removed.status_code == 204, removed.text
    assert (await jonas.get("intake", path)).status_code == 404
    url = region.box.runtimes["intake"].settings.database_url.get_secret_value()
    assert await rows(url, "select 1 from document.part where document = %s", UUID(document["id"])) == []


async def test_erasure_destroys_every_document_and_what_would_be_told_of_it(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    late = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    done = await added(jonas, participant, valid_until=late)
    waiting = await announced(jonas, participant)
    runtime = region.box.runtimes["intake"]
    async with runtime.db.transaction() as tx:
        [exported] = await use_cases.export(tx, ParticipantId(participant))
        await use_cases.forget(tx, ParticipantId(participant))
    assert (exported["name"], exported["valid_until"]) == ("شهادة school.pdf", late)
    url = runtime.settings.database_url.get_secret_value()
    for document in (done, waiting):
        assert (await jonas.get("intake", f"/v1/documents/{document['id']}")).status_code == 404
        assert await rows(url, "select 1 from chassis.deadline where about = %s", UUID(document["id"])) == []


@pytest.mark.parametrize("name", ["../paper.pdf", "a\r\nb.pdf", "", "a" * 151 + ".pdf"])
async def test_odd_names_are_refused(region: Region, name: str) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    body = {"kind": "cv", "name": name}
    assert (await jonas.post("intake", f"/v1/participants/{participant}/documents", body)).status_code == 422
