"""Notes: written for chosen readers, corrected in sight, and unknown to everybody else."""

from typing import Any
from uuid import UUID

import pytest

from contracts.vocabulary import ParticipantId
from services.intake.note import use_cases
from tests.support.arrivals import granted, registered
from tests.support.matching import good
from tests.support.region import Person, Region
from tests.support.rows import rows


async def written(by: Person, participant: UUID, text: str, level: str) -> dict[str, Any]:
    body = {"text": text, "level": level}
    return dict(good(await by.post("intake", f"/v1/participants/{participant}/notes", body), 201))


async def read_by(who: Person, participant: UUID) -> list[str]:
    page = good(await who.get("intake", f"/v1/participants/{participant}/notes"))
    return [one["text"] for one in page["items"]]


async def test_each_note_reaches_those_for_whom_it_was_written(region: Region) -> None:
    jonas, sigrid, vera = await region.as_("jonas"), await region.as_("sigrid"), await region.as_("vera")
    participant = await registered(jonas)
    for level in ("own", "team", "agency", "shared"):
        await written(jonas, participant, f"for {level}", level)
    await granted(jonas, participant, "adult-education", "notes")
    all_of_them = ["for shared", "for agency", "for team", "for own"]
    assert await read_by(jonas, participant) == await read_by(sigrid, participant) == all_of_them
    assert await read_by(vera, participant) == ["for shared"]
    await written(vera, participant, "hers alone", "own")
    await written(vera, participant, "for both", "shared")
    assert await read_by(vera, participant) == ["for both", "hers alone", "for shared"]
    assert await read_by(sigrid, participant) == ["for both", *all_of_them], (
        "even a supervisor elsewhere does not see it"
    )


async def test_who_may_not_is_told_the_way_or_nothing(region: Region) -> None:
    jonas, ken, vera, hanna = [await region.as_(name) for name in ("jonas", "ken", "vera", "hanna")]
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}/notes"
    note = await written(jonas, participant, "for all", "shared")
    way, version = f"/v1/notes/{note['id']}", {"If-Match": '"1"'}
    await granted(jonas, participant, "adult-education", "profile")
    refused = await vera.get("intake", path)
    assert (refused.status_code, refused.json()["category"]) == (403, "notes")
    assert (await vera.post("intake", path, {"text": "x"})).status_code == 403
    for stranger in (ken, hanna):
        assert (await stranger.get("intake", path)).status_code == 404
        assert (await stranger.post("intake", path, {"text": "x"})).status_code == 404
    for anyone in (ken, hanna, vera):
        assert (await anyone.patch("intake", way, {"text": "x"}, headers=version)).status_code == 404


@pytest.mark.parametrize("username", ["paul", "cora", "aud", "opal"])
async def test_roles_that_look_after_something_else_open_none(region: Region, username: str) -> None:
    jonas, other = await region.as_("jonas"), await region.as_(username)
    participant = await registered(jonas)
    await written(jonas, participant, "for all", "shared")
    path = f"/v1/participants/{participant}/notes"
    for answer in (await other.get("intake", path), await other.post("intake", path, {"text": "x"})):
        assert answer.status_code in (403, 404)
        assert "for all" not in answer.text


async def test_a_correction_is_the_author_s_and_keeps_the_earlier_words(region: Region) -> None:
    jonas, sigrid = await region.as_("jonas"), await region.as_("sigrid")
    participant = await registered(jonas)
    note = await written(jonas, participant, "wants mornings", "team")
    way, version = f"/v1/notes/{note['id']}", {"If-Match": '"1"'}
    assert note["may_correct"]
    assert (await sigrid.patch("intake", way, {"text": "x"}, headers=version)).status_code == 403
    corrected = good(await jonas.patch("intake", way, {"text": "wants evenings"}, headers=version))
    assert (corrected["text"], corrected["version"]) == ("wants evenings", 2)
    assert [one["text"] for one in corrected["earlier"]] == ["wants mornings"]
    assert (await jonas.patch("intake", way, {"text": "y"}, headers=version)).status_code == 412
    [seen] = good(await sigrid.get("intake", f"/v1/participants/{participant}/notes"))["items"]
    assert [one["text"] for one in seen["earlier"]] == ["wants mornings"]
    assert not seen["may_correct"]


async def test_a_note_that_is_opened_later_does_not_open_what_it_said_before(region: Region) -> None:
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    participant = await registered(jonas)
    await granted(jonas, participant, "adult-education", "notes")
    note = await written(jonas, participant, "private words", "own")
    change = {"text": "fit for all", "level": "shared"}
    good(await jonas.patch("intake", f"/v1/notes/{note['id']}", change, headers={"If-Match": '"1"'}))
    [seen] = good(await vera.get("intake", f"/v1/participants/{participant}/notes"))["items"]
    assert (seen["text"], seen["earlier"]) == ("fit for all", [])


async def test_reading_is_noted_and_the_person_can_see_it(region: Region) -> None:
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    participant = await registered(jonas)
    await granted(jonas, participant, "adult-education", "notes")
    await written(jonas, participant, "for all", "shared")
    await read_by(vera, participant)
    looks = good(await jonas.get("intake", f"/v1/participants/{participant}/disclosures"))["looks"]
    assert any(look["category"] == "notes" and look["agency"] == "adult-education" for look in looks)


async def test_pages_of_notes_follow_each_other(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    for number in range(3):
        await written(jonas, participant, str(number), "team")
    path = f"/v1/participants/{participant}/notes"
    first = good(await jonas.get("intake", path, params={"limit": 2}))
    second = good(await jonas.get("intake", path, params={"limit": 2, "after": first["next"]}))
    assert [one["text"] for one in (*first["items"], *second["items"])] == ["2", "1", "0"]
    assert second["next"] is None


async def test_erasure_takes_every_version(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    note = await written(jonas, participant, "wants mornings", "team")
    good(await jonas.patch("intake", f"/v1/notes/{note['id']}", {"text": "evenings"}, headers={"If-Match": '"1"'}))
    runtime = region.box.runtimes["intake"]
    async with runtime.db.transaction() as tx:
        [exported] = await use_cases.export(tx, ParticipantId(participant))
        await use_cases.forget(tx, ParticipantId(participant))
    assert [one["text"] for one in exported["versions"]] == ["wants mornings", "evenings"]
    assert await read_by(jonas, participant) == []
    url = runtime.settings.database_url.get_secret_value()
    assert await rows(url, "select 1 from note.version where note = %s", UUID(note["id"])) == []
