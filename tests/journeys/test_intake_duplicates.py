"""The same person comes to two agencies: both are told that there is a possible match, and nothing else."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from infra.chassis import deadlines
from infra.chassis.deadlines import call_next
from services.intake.duplicates.use_cases import FILES, file_again
from tests.support.arrivals import name, registered
from tests.support.region import Person, Region


async def the_match(person: Person, participant: UUID) -> Any:
    answer = await person.get("intake", f"/v1/participants/{participant}/possible-matches")
    assert answer.status_code == 200, answer.text
    [match] = answer.json()
    return match


async def two_records(region: Region) -> tuple[Person, UUID, Person, UUID]:
    """Mira's record and Jonas's, of one person, with the names the other way round and less of the birth date."""
    mira, jonas = await region.as_("mira"), await region.as_("jonas")
    given, family = name(), name()
    hers = await registered(mira, given_name=given, family_name=family, birth={"year": 1994, "month": 3})
    his = await registered(jonas, given_name=family.upper(), family_name=given, birth={"year": 1994})
    return mira, hers, jonas, his


async def test_both_sides_are_told_nothing_of_the_other_record(region: Region) -> None:
    mira, hers, jonas, his = await two_records(region)
    seen = await the_match(jonas, his)
    assert (seen["state"], seen["other_agency"]) == ("possible", "migration-advice")
    assert str(hers) not in str(seen)
    assert seen["findings"] is None
    assert (await the_match(mira, hers))["other_agency"] == "job-centre"


async def test_both_must_confirm_and_nobody_sees_more_than_before(region: Region) -> None:
    mira, hers, jonas, his = await two_records(region)
    candidate = (await the_match(jonas, his))["candidate"]
    first = await jonas.post("intake", f"/v1/possible-matches/{candidate}/confirm")
    assert (first.status_code, first.json()["state"]) == (200, "confirmed-by-you")
    assert (await the_match(mira, hers))["state"] == "confirmed-by-other"
    second = await mira.post("intake", f"/v1/possible-matches/{candidate}/confirm")
    assert (second.json()["state"], second.json()["participant"]) == ("linked", str(hers))
    assert (await the_match(jonas, his))["state"] == "linked"
    assert (await mira.get("intake", f"/v1/participants/{his}")).status_code == 404
    assert (await jonas.get("intake", f"/v1/participants/{hers}")).status_code == 404


async def test_a_third_agency_knows_of_nothing(region: Region) -> None:
    _, _, jonas, his = await two_records(region)
    candidate = (await the_match(jonas, his))["candidate"]
    for stranger in ("ken", "vera", "hanna", "opal"):
        person = await region.as_(stranger)
        assert (await person.get("intake", f"/v1/participants/{his}/possible-matches")).status_code == 404
        for answer in ("confirm", "decline"):
            refused = await person.post("intake", f"/v1/possible-matches/{candidate}/{answer}")
            assert refused.status_code == 404
    assert (await the_match(jonas, his))["state"] == "possible"


async def test_what_one_side_declined_can_not_be_confirmed_by_the_other(region: Region) -> None:
    mira, hers, jonas, his = await two_records(region)
    candidate = (await the_match(jonas, his))["candidate"]
    assert (await mira.post("intake", f"/v1/possible-matches/{candidate}/decline")).json()["state"] == "declined"
    assert (await jonas.post("intake", f"/v1/possible-matches/{candidate}/confirm")).status_code == 409
    assert (await the_match(mira, hers))["state"] == "declined"


async def test_either_side_takes_a_link_back(region: Region) -> None:
    mira, _, jonas, his = await two_records(region)
    candidate = (await the_match(jonas, his))["candidate"]
    await jonas.post("intake", f"/v1/possible-matches/{candidate}/confirm")
    link = (await mira.post("intake", f"/v1/possible-matches/{candidate}/confirm")).json()["link"]
    assert (await (await region.as_("ken")).post("intake", f"/v1/links/{link}/remove")).status_code == 404
    assert (await jonas.post("intake", f"/v1/links/{link}/remove")).json()["state"] == "declined"
    assert (await jonas.post("intake", f"/v1/links/{link}/remove")).status_code == 409


async def test_two_records_of_one_agency_are_explained_and_need_one_yes(region: Region) -> None:
    jonas = await region.as_("jonas")
    given, family = name(), name()
    await registered(jonas, given_name=given, family_name=family)
    again = await registered(jonas, given_name=given, family_name=family)
    match = await the_match(jonas, again)
    assert {finding["level"] for finding in match["findings"]} == {"both-exact", "same-year", "unknown"}
    linked = await jonas.post("intake", f"/v1/possible-matches/{match['candidate']}/confirm")
    assert linked.json()["state"] == "linked"


async def test_a_corrected_name_is_looked_for_again(region: Region) -> None:
    mira, jonas = await region.as_("mira"), await region.as_("jonas")
    given, family = name(), name()
    await registered(mira, given_name=given, family_name=family)
    his = await registered(jonas, given_name=name(), family_name=name())
    assert (await jonas.get("intake", f"/v1/participants/{his}/possible-matches")).json() == []
    identity = {"given_name": given, "family_name": family, "birth": {"year": 1994}}
    corrected = await jonas.patch(
        "intake", f"/v1/participants/{his}", {"identity": identity}, headers={"If-Match": '"1"'}
    )
    assert corrected.status_code == 200
    assert (await the_match(jonas, his))["state"] == "possible"


async def test_records_of_a_release_before_are_looked_for_like_all_others(region: Region) -> None:
    mira, jonas = await region.as_("mira"), await region.as_("jonas")
    given, family = name(), name()
    hers = await registered(mira, given_name=given, family_name=family, birth={"year": 1994, "month": 3})
    db = region.box.runtimes["intake"].db
    async with db.transaction() as tx:
        await tx.execute(text("delete from duplicates.encoding where participant = :hers"), {"hers": hers})
    unseen = await registered(jonas, given_name=given, family_name=family, birth={"year": 1994})
    assert (await mira.get("intake", f"/v1/participants/{hers}/possible-matches")).json() == []
    async with db.transaction() as tx:
        await deadlines.put(tx, FILES, uuid4(), tx.now, after=str(UUID(int=UUID(str(hers)).int - 1)))
    await call_next(db, {FILES: file_again})
    await region.settled()
    his = await registered(jonas, given_name=given, family_name=family, birth={"year": 1994})
    assert len((await mira.get("intake", f"/v1/participants/{hers}/possible-matches")).json()) == 1
    assert len((await jonas.get("intake", f"/v1/participants/{his}/possible-matches")).json()) == 2, (hers, unseen)
