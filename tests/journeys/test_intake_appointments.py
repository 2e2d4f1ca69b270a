"""Appointments: made, moved, kept or missed; reminded of on both sides, and known to nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.vocabulary import ParticipantId
from services.intake.appointment import use_cases
from tests.support.arrivals import granted, registered
from tests.support.matching import good
from tests.support.notified import messages
from tests.support.region import Person, Region
from tests.support.rows import rows
from tests.support.waiting import until

SIGRID = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0008"


def at(ahead: timedelta) -> str:
    return (datetime.now(UTC) + ahead).isoformat()


async def made(by: Person, participant: UUID, ahead: timedelta = timedelta(days=3), **more: Any) -> dict[str, Any]:
    body = {"begins_at": at(ahead), "minutes": 45, "place": "Harbour Street 3", "words": "bring the permit", **more}
    return dict(good(await by.post("intake", f"/v1/participants/{participant}/appointments", body), 201))


async def person_of(region: Region, participant: UUID) -> Person:
    jonas = await region.as_("jonas")
    login = good(await jonas.post("intake", f"/v1/participants/{participant}/login-code"), 201)
    return await region.as_(login["reference"], login["code"])


def span(days: int = 30) -> dict[str, str]:
    return {"since": at(timedelta(days=-2)), "until": at(timedelta(days=days))}


async def test_both_sides_find_it_and_its_calendar(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    one = await made(jonas, participant)
    person = await person_of(region, participant)
    for who in (jonas, person):
        mine = (await who.get("intake", "/v1/appointments", params=span())).json()
        assert one["id"] in [each["id"] for each in mine]
        listed = (await who.get("intake", f"/v1/participants/{participant}/appointments")).json()
        assert [(each["place"], each["words"]) for each in listed] == [("Harbour Street 3", "bring the permit")]
        for path in (f"/v1/appointments/{one['id']}/calendar", "/v1/appointments/calendar"):
            file = await who.get("intake", path, params={**span(), "language": "de"})
            assert file.headers["content-type"] == "text/calendar; charset=utf-8"
            assert f"UID:{one['id']}@lotse\r\n" in file.text
            assert "SUMMARY:Termin P-" in file.text
            assert "permit" not in file.text


async def test_nobody_else_knows_of_it(region: Region) -> None:
    jonas, lena = await region.as_("jonas"), await region.as_("lena")
    participant = await registered(jonas)
    one = await made(jonas, participant)
    await granted(jonas, participant, "harbour-clinic", "contact")
    at_clinic = await made(lena, participant, place="Clinic")
    assert [
        each["id"] for each in (await lena.get("intake", f"/v1/participants/{participant}/appointments")).json()
    ] == [at_clinic["id"]]
    assert (await lena.get("intake", f"/v1/appointments/{one['id']}")).status_code == 403
    assert (await jonas.get("intake", f"/v1/appointments/{at_clinic['id']}")).status_code == 403
    for username in ("ken", "vera", "hanna", "cora", "aud", "opal", "mira"):
        other = await region.as_(username)
        version = {"If-Match": '"1"'}
        for path in (f"/v1/appointments/{one['id']}", f"/v1/participants/{participant}/appointments"):
            assert (await other.get("intake", path)).status_code == 404, username
        body = {"outcome": "cancelled"}
        answer = await other.post("intake", f"/v1/appointments/{one['id']}/outcome", body, headers=version)
        assert answer.status_code == 404, username
        planned = await other.post(
            "intake", f"/v1/participants/{participant}/appointments", {"begins_at": at(timedelta(1))}
        )
        assert planned.status_code == 404, username


async def test_the_person_reads_and_changes_nothing(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    one = await made(jonas, participant)
    person = await person_of(region, participant)
    body, version = {"outcome": "cancelled"}, {"If-Match": '"1"'}
    refused = await person.post("intake", f"/v1/appointments/{one['id']}/outcome", body, headers=version)
    assert refused.status_code == 403


async def test_it_is_moved_and_then_missed(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    one = await made(jonas, participant)
    version = {"If-Match": '"1"'}
    early = await jonas.post("intake", f"/v1/appointments/{one['id']}/outcome", {"outcome": "came"}, headers=version)
    assert (early.status_code, "moved or cancelled" in early.json()["way_out"]) == (409, True)
    body = {"begins_at": at(timedelta(hours=-1)), "place": "elsewhere"}
    moved = good(await jonas.post("intake", f"/v1/appointments/{one['id']}/move", body, headers=version), 201)
    before = good(await jonas.get("intake", f"/v1/appointments/{one['id']}"))
    assert (before["state"], before["moved_to"], before["place"]) == ("moved", moved["id"], "Harbour Street 3")
    way = f"/v1/appointments/{moved['id']}/outcome"
    missed = good(await jonas.post("intake", way, {"outcome": "did-not-come"}, headers=version))
    assert (missed["state"], missed["version"]) == ("did-not-come", 2)
    assert (await jonas.post("intake", way, {"outcome": "came"}, headers=version)).status_code == 412
    came = good(await jonas.post("intake", way, {"outcome": "came"}, headers={"If-Match": '"2"'}))
    assert came["state"] == "came"
    mine = (await jonas.get("intake", "/v1/appointments", params=span())).json()
    assert one["id"] not in [each["id"] for each in mine]


async def test_it_can_be_with_a_colleague_and_with_nobody_elsewhere(region: Region) -> None:
    jonas, sigrid, ken = await region.as_("jonas"), await region.as_("sigrid"), await region.as_("ken")
    participant = await registered(jonas)
    one = await made(jonas, participant, staff=SIGRID)
    hers = (await sigrid.get("intake", "/v1/appointments", params=span())).json()
    assert one["id"] in [each["id"] for each in hers]
    kens = next(c["id"] for c in (await ken.get("intake", "/v1/staff")).json() if c["name"] == "Ken Adler")
    body = {"begins_at": at(timedelta(days=1)), "staff": kens}
    refused = await jonas.post("intake", f"/v1/participants/{participant}/appointments", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "staff")


async def test_both_are_reminded_the_day_before(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    await made(jonas, participant, ahead=timedelta(days=1, seconds=3))
    person = await person_of(region, participant)

    async def told() -> bool:
        both = [await messages(who, participant=str(participant)) for who in (jonas, person)]
        return all("appointment-near" in one for one in both)

    await until(told, "both are reminded", within=60)


async def test_a_span_is_a_quarter_at_most(region: Region) -> None:
    jonas = await region.as_("jonas")
    for days in (100, -5):
        assert (await jonas.get("intake", "/v1/appointments", params=span(days))).status_code == 422


async def test_erasure_forgets_them_and_reminds_nobody(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    one = await made(jonas, participant)
    runtime = region.box.runtimes["intake"]
    async with runtime.db.transaction() as tx:
        [exported] = await use_cases.export(tx, ParticipantId(participant))
        await use_cases.forget(tx, ParticipantId(participant))
    assert (exported["place"], exported["state"]) == ("Harbour Street 3", "planned")
    assert (await jonas.get("intake", f"/v1/appointments/{one['id']}")).status_code == 404
    url = runtime.settings.database_url.get_secret_value()
    assert await rows(url, "select 1 from chassis.deadline where about = %s", UUID(one["id"])) == []
