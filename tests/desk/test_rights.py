"""Rights to the own data at the desk: the person asks, staff answer in time, an auditor sees that they did."""

from tests.journeys.test_intake_erasure import arrived
from tests.support.desk import at_the_desk
from tests.support.matching import good
from tests.support.region import Region


async def test_a_person_asks_and_the_caseworker_answers(region: Region) -> None:
    by_api = await region.as_("jonas")
    record = await arrived(by_api)
    login = good(await by_api.post("intake", f"/v1/participants/{record['id']}/login-code"), 201)
    amal = await at_the_desk(region, login["reference"], login["code"])
    assert "/mine/rights" in (await amal.open("/mine")).html
    page = await amal.open("/mine/rights")
    assert "no disadvantage may follow" in page.text

    missing = await amal.send(page, "/mine/rights")
    assert (missing.status, "Choose what it is about." in missing.text) == (422, True)
    asked = await amal.send(page, "/mine/rights", kind="restriction", words="It is being looked into.")
    assert "The term of a month has begun." in asked.text
    path = f"/v1/participants/{record['id']}/rights-requests"
    request = (await by_api.get("intake", path)).json()[0]

    jonas, path = await at_the_desk(region, "jonas"), f"/rights/{request['id']}"
    assert path in (await jonas.open("/rights")).html
    one = await jonas.open(path)
    assert "It is being looked into." in one.text
    refused = await jonas.send(one, f"{path}/decision", decision="refused")
    assert (refused.status, "A refusal needs its reason" in refused.text) == (422, True)
    kept = await jonas.send(one, f"{path}/decision", decision="granted", answer="At once.")
    assert "no other agency sees it" in kept.text
    late = await jonas.send(one, f"{path}/take-back")
    assert late.status in (409, 412), "somebody has answered meanwhile"
    done = await jonas.send(kept, f"{path}/lift")
    assert "Nothing has to be done." in done.text

    aud = await at_the_desk(region, "aud")
    seen = await aud.open(path)
    assert "Restriction" in seen.text
    assert "looked into" not in seen.text
    assert not seen.has_form(f"{path}/decision")
    mira = await at_the_desk(region, "mira")
    assert (await mira.open(path)).status == 404


async def test_staff_record_what_was_said_and_check_who_asks(region: Region) -> None:
    record = await arrived(await region.as_("jonas"))
    jonas = await at_the_desk(region, "jonas")
    page = await jonas.open(f"/participants/{record['id']}/rights")
    sent = await jonas.send(page, f"/participants/{record['id']}/rights", kind="access", how="telephone")
    assert "What is recorded" in sent.text
    path = sent.html.partition('href="/rights/')[2].partition('"')[0]
    one = await jonas.open(f"/rights/{path}")
    assert "not yet" in one.text
    refused = await jonas.send(one, f"/rights/{path}/decision", decision="granted")
    assert refused.status == 409
    certain = await jonas.send(one, f"/rights/{path}/identity-check", check="document")
    assert "Identity document seen" in certain.text
