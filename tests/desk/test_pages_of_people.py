"""Participants at the desk: everybody sees what their rights give, and never more. Names are looked for in the HTML."""

from dataclasses import dataclass

import pytest

from tests.support.desk import Visitor, at_the_desk
from tests.support.joining import Amal, amal_joins, body
from tests.support.referring import refer
from tests.support.region import Region

BARRIER = "Needs a nursery place before any shift can start."
NUMBER = "+49 30 5550177"


@dataclass
class Case:
    """Amal, on a journey with Vera's agency, with a barrier that Ken's agency may see."""

    amal: Amal
    name: str
    region: Region

    @property
    def path(self) -> str:
        return f"/participants/{self.amal.id}"


@pytest.fixture(scope="module")
async def case(region: Region) -> Case:
    amal, jonas = await amal_joins(region), await region.as_("jonas")
    record = await jonas.get("intake", f"/v1/participants/{amal.id}")
    contact = {"contact": {"phone": NUMBER}}
    match = {"If-Match": record.headers["ETag"]}
    changed = await body(jonas.patch("intake", f"/v1/participants/{amal.id}", contact, headers=match))
    barrier = {"domain": "family", "severity": "high", "note": BARRIER}
    await body(jonas.post("intake", f"/v1/participants/{amal.id}/barriers", barrier), 201)
    grant = {
        "recipient": "family-advice",
        "categories": ["identity", "contact", "barriers.family"],
        "purpose": "child care",
        "valid_until": "2028-06-30T00:00:00Z",
        "language": "ar",
    }
    await body(jonas.post("intake", f"/v1/participants/{amal.id}/grants", grant), 201)
    await region.settled()
    await refer(jonas, amal.id, receiver="family-advice")
    await region.settled()
    return Case(amal, changed["identity"]["family_name"], region)


async def test_the_responsible_caseworker_sees_every_section(case: Case) -> None:
    jonas = await at_the_desk(case.region, "jonas")

    page = await jonas.open(case.path)

    assert page.status == 200
    for expected in (case.name, NUMBER, BARRIER, "German", "Recognised refugee", "Talents Fast Track", "Family Advice"):
        assert expected in page.text, expected
    assert "may not see" not in page.text
    assert "assigned to you" in page.text


async def test_a_coach_sees_what_was_granted_and_the_rest_is_named_but_not_in_the_page(case: Case) -> None:
    vera = await at_the_desk(case.region, "vera")

    page = await vera.open(case.path)

    assert page.status == 200
    assert case.amal.reference in page.text
    for never in (case.name, NUMBER, BARRIER, "nursery", "Recognised refugee", "recognised-refugee"):
        assert never not in page.html, never
    withheld = page.text.partition("What your agency may not see")[2]
    for named in ("Name and birth date", "Contact", "Residence and right to work", "What stands in the way"):
        assert named in withheld, named
    assert "ask Job Centre to record a disclosure" in withheld


async def test_the_receiver_of_a_referral_sees_the_need_and_not_the_profile(case: Case) -> None:
    ken = await at_the_desk(case.region, "ken")

    page = await ken.open(case.path)

    assert case.name in page.text
    assert BARRIER in page.text
    assert "Recognised refugee" not in page.html
    assert "Skills and experience" in page.text.partition("What your agency may not see")[2]
    assert "Talents" not in page.html, "the journey is not Ken's to know of"


@pytest.mark.parametrize("who", ["mira", "hanna", "cora", "opal"])
async def test_for_everybody_else_the_person_does_not_exist(case: Case, who: str) -> None:
    visitor = await at_the_desk(case.region, who)

    page = await visitor.open(case.path)

    assert page.status == 404
    assert "Nothing was found here" in page.text
    for never in (case.name, case.amal.reference, NUMBER):
        assert never not in page.html


async def test_somebody_is_found_by_name_and_the_name_is_in_no_address(case: Case) -> None:
    jonas = await at_the_desk(case.region, "jonas")
    listed = await jonas.open("/participants")

    found = await jonas.send(listed, "/participants", q=case.name.upper())

    assert case.name in found.text
    assert str(found.answer.url) == f"{case.region.box.desk}/participants"
    assert "Nobody was found" in (await jonas.send(listed, "/participants", q="Nobodyofthisname")).text


async def test_the_lists_of_who_is_mine_and_of_all_that_my_agency_may_see(case: Case) -> None:
    jonas, sigrid = await at_the_desk(case.region, "jonas"), await at_the_desk(case.region, "sigrid")

    assert case.name in (await jonas.open("/participants")).text
    assert case.name not in (await sigrid.open("/participants")).text
    assert case.name in (await sigrid.open("/participants?whose=all")).text


async def test_who_may_not_list_people_is_told_so_and_offered_nothing(case: Case) -> None:
    opal = await at_the_desk(case.region, "opal")

    page = await opal.open("/participants")

    assert page.status == 403
    assert "Your role does not include this page" in page.text
    assert 'href="/participants"' not in page.html


async def test_the_journey_is_a_picture_and_the_same_in_words(case: Case) -> None:
    vera = await at_the_desk(case.region, "vera")

    page = await vera.open(f"/journeys/{case.amal.journey}")

    assert '<svg class="picture"' in page.html
    words = page.html.partition('<h3 id="picture-words">')[2].partition("</ol>")[0]
    assert page.html.count("<circle") == words.count("<li>") > 3
    assert "A stage began" in page.text
    assert case.name not in page.html
    assert "referral" not in page.text.lower().replace("referrals and journeys", "")


async def test_a_participant_sees_who_may_see_what_and_who_has_looked_and_takes_a_consent_back(case: Case) -> None:
    region = case.region
    other = await amal_joins(region)
    vera = await at_the_desk(region, "vera")
    assert (await vera.open(f"/participants/{other.id}")).status == 200
    me = await participant(region, other)

    page = await me.open("/mine/sharing")
    assert "Adult Education" in page.text
    assert "looked at: Skills and experience" in page.text
    [action] = [each.action for each in page.forms if each.action.endswith("/withdraw")]
    after = await me.send(page, action)

    assert "Your consent is withdrawn" in after.text
    assert not any(each.action.endswith("/withdraw") for each in after.forms)
    await region.settled()
    assert (await vera.open(f"/participants/{other.id}")).status == 404


async def test_a_participant_sees_the_own_record_and_nobody_elses(case: Case) -> None:
    other = await amal_joins(case.region)
    me = await participant(case.region, other)

    own = await me.open("/mine")

    assert other.reference in own.text
    assert "Talents Fast Track" in own.text
    assert (await me.open(case.path)).status == 404
    assert (await me.open(f"/participants/{other.id}")).path == "/mine"


async def participant(region: Region, amal: Amal) -> Visitor:
    """Logged in with the two codes; a new log-in code, since the first is known to the story's person only."""
    jonas = await region.as_("jonas")
    handed = await body(jonas.post("intake", f"/v1/participants/{amal.id}/login-code"), 201)
    return await at_the_desk(region, handed["reference"], handed["code"])
