"""A code that is read out leads to the record for those who have a right to it, and is none by itself."""

from uuid import UUID

from services.intake.participant.api import LOOK_UPS
from tests.support.arrivals import granted, registered
from tests.support.matching import good
from tests.support.region import Person, Region


async def looked_up(who: Person, code: str, status: int = 200) -> str | None:
    """The participant that the code leads `who` to."""
    answer = await who.get("intake", f"/v1/participants/by-reference/{code}")
    assert answer.status_code == status, answer.text
    return str(answer.json()["participant"]) if status == 200 else None


async def code_of(by: Person, participant: UUID) -> str:
    return str(good(await by.get("intake", f"/v1/participants/{participant}"))["reference"])


async def test_whoever_has_some_right_to_the_record_is_led_to_it(region: Region) -> None:
    jonas, vera = await region.as_("jonas"), await region.as_("vera")
    amal = await registered(jonas)
    code = await code_of(jonas, amal)
    assert await looked_up(jonas, code.lower().replace("-", "")) == str(amal)
    await looked_up(vera, code, 404)
    grant = await granted(jonas, amal, "adult-education", "journey")
    assert await looked_up(vera, code) == str(amal), "a coach, who may not search by name"
    good(await jonas.post("intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"}))
    await looked_up(vera, code, 404)


async def test_an_auditor_is_led_to_who_has_looked_and_not_to_the_record(region: Region) -> None:
    jonas, aud = await region.as_("jonas"), await region.as_("aud")
    amal = await registered(jonas)
    assert await looked_up(aud, await code_of(jonas, amal)) == str(amal)
    assert (await aud.get("intake", f"/v1/participants/{amal}/disclosures")).status_code == 200
    assert (await aud.get("intake", f"/v1/participants/{amal}")).status_code == 404


async def test_a_stranger_is_told_the_same_for_every_code(region: Region) -> None:
    jonas, mira = await region.as_("jonas"), await region.as_("mira")
    code = await code_of(jonas, await registered(jonas))
    answers = [await mira.get("intake", f"/v1/participants/by-reference/{each}") for each in (code, "P-AAAA-AAAE")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


async def test_a_misheard_code_is_told_as_such(region: Region) -> None:
    jonas = await region.as_("jonas")
    code = await code_of(jonas, await registered(jonas))
    misheard = code[:-1] + ("B" if code[-1] != "B" else "C")
    answer = await jonas.get("intake", f"/v1/participants/by-reference/{misheard}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reference")


async def test_codes_are_not_tried_out(region: Region) -> None:
    cora = await region.as_("cora")
    for _ in range(LOOK_UPS.times):
        await looked_up(cora, "P-AAAA-AAAE", 404)
    refused = await cora.get("intake", "/v1/participants/by-reference/P-AAAA-AAAE")
    assert (refused.status_code, refused.json()["type"]) == (429, "urn:lotse:problem:too-many")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
