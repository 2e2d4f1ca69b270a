"""Letters: in two languages, with what the writer may see, kept as they were sent, read by the person."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.vocabulary import ParticipantId
from services.intake.letter import use_cases
from tests.support.arrivals import granted
from tests.support.matching import good
from tests.support.region import Person, Region

PAPERS = {"template": "papers", "language": "de", "words": {"de": "Zeugnis der Schule", "ar": "شهادة المدرسة"}}


async def with_address(by: Person) -> UUID:
    body = {
        "identity": {"given_name": "Amal", "family_name": "Haddad"},
        "contact": {"address": "Quay 7"},
        "language": "ar",
    }
    return UUID(good(await by.post("intake", "/v1/participants", body), 201)["id"])


async def written(by: Person, participant: UUID, **more: Any) -> dict[str, Any]:
    body = {**PAPERS, **more}
    return dict(good(await by.post("intake", f"/v1/participants/{participant}/letters", body), 201))


async def test_a_letter_stands_in_both_languages_and_stays_as_it_was(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await with_address(jonas)
    path = f"/v1/participants/{participant}/letters"
    looked = good(await jonas.post("intake", f"{path}/preview", PAPERS))
    assert (await jonas.get("intake", path)).json() == [], "a look keeps nothing"
    letter = await written(jonas, participant)
    assert letter["sheets"] == looked["sheets"]
    assert [one["language"] for one in letter["sheets"]] == ["de", "ar"]
    german, arabic = ("\n".join(one["paragraphs"]) for one in letter["sheets"])
    for part in ("Guten Tag Amal Haddad,", "Zeugnis der Schule", "Jonas Berger", "P-"):
        assert part in german
    assert "شهادة المدرسة" in arabic
    assert (letter["recipient"], letter["address"]) == ("Amal Haddad", "Quay 7")
    change = {"contact": {"address": "Elsewhere 1"}}
    good(await jonas.patch("intake", f"/v1/participants/{participant}", change, headers={"If-Match": '"1"'}))
    assert good(await jonas.get("intake", f"/v1/letters/{letter['id']}"))["address"] == "Quay 7"


async def test_a_letter_about_an_appointment_names_its_time_where_the_region_is(region: Region) -> None:
    jonas, lena = await region.as_("jonas"), await region.as_("lena")
    participant = await with_address(jonas)
    begins = (datetime.now(UTC) + timedelta(days=30)).replace(month=1, day=15, hour=8, minute=30) + timedelta(days=366)
    body = {"begins_at": begins.isoformat(), "place": "Room 12"}
    met = good(await jonas.post("intake", f"/v1/participants/{participant}/appointments", body), 201)
    letter = await written(jonas, participant, template="invitation", words={}, appointment=met["id"])
    assert "um 09:30 Uhr. Ort: Room 12" in "\n".join(letter["sheets"][0]["paragraphs"])
    await granted(jonas, participant, "harbour-clinic", "identity", "contact")
    foreign = {**PAPERS, "template": "invitation", "appointment": met["id"]}
    path = f"/v1/participants/{participant}/letters"
    for body_, who in ((foreign, lena), ({**PAPERS, "template": "missed"}, jonas)):
        refused = await who.post("intake", path, body_)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "appointment")


async def test_what_is_missing_is_named(region: Region) -> None:
    jonas = await region.as_("jonas")
    path = f"/v1/participants/{await with_address(jonas)}/letters"
    for change, field in (
        ({"words": {}}, "words"),
        ({"template": "none"}, "template"),
        ({"language": "fr"}, "language"),
    ):
        refused = await jonas.post("intake", path, {**PAPERS, **change})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


async def test_without_the_contact_there_is_no_address(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    participant = await with_address(jonas)
    await granted(jonas, participant, "family-advice", "identity")
    assert (await written(ken, participant))["address"] == ""
    await granted(jonas, participant, "family-advice", "contact")
    assert (await written(ken, participant))["address"] == "Quay 7"


async def test_who_may_not_writes_and_reads_none(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    participant = await with_address(jonas)
    letter = await written(jonas, participant)
    await granted(jonas, participant, "family-advice", "identity")
    assert (await ken.get("intake", f"/v1/letters/{letter['id']}")).status_code == 403, "another agency's letter"
    assert (await ken.get("intake", f"/v1/participants/{participant}/letters")).json() == []
    await granted(jonas, participant, "adult-education", "profile")
    for username in ("mira", "vera", "hanna", "cora", "aud", "opal", "paul"):
        other = await region.as_(username)
        answers = [
            await other.get("intake", f"/v1/letters/{letter['id']}"),
            await other.get("intake", f"/v1/participants/{participant}/letters"),
            await other.post("intake", f"/v1/participants/{participant}/letters", PAPERS),
            await other.post("intake", f"/v1/participants/{participant}/letters/preview", PAPERS),
        ]
        assert {answer.status_code for answer in answers} <= {403, 404}, username


async def test_the_person_reads_the_own_letters_until_they_are_forgotten(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await with_address(jonas)
    letter = await written(jonas, participant)
    login = good(await jonas.post("intake", f"/v1/participants/{participant}/login-code"), 201)
    person = await region.as_(login["reference"], login["code"])
    assert [one["id"] for one in (await person.get("intake", f"/v1/participants/{participant}/letters")).json()] == [
        letter["id"]
    ]
    good(await person.get("intake", f"/v1/letters/{letter['id']}"))
    refused = await person.post("intake", f"/v1/participants/{participant}/letters", PAPERS)
    assert refused.status_code in (403, 404)
    async with region.box.runtimes["intake"].db.transaction() as tx:
        [exported] = await use_cases.export(tx, ParticipantId(participant))
        await use_cases.forget(tx, ParticipantId(participant))
    assert exported["sheets"][0]["title"] == "Unterlagen, die wir brauchen"
    assert (await person.get("intake", f"/v1/letters/{letter['id']}")).status_code == 404
