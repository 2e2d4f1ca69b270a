"""Open places, and which of them fit a person, with reasons. Nothing without the person's agreement."""

from uuid import uuid4

import pytest

from tests.support.matching import CLEAN, SERVE, TILL, WAITER, Matching, good, match_tag, offer
from tests.support.region import Region


@pytest.fixture
def matching(region: Region) -> Matching:
    return Matching(region)


async def test_a_draft_is_the_companys_own_until_it_is_published(matching: Matching) -> None:
    hanna, jonas = await matching.region.as_("hanna"), await matching.region.as_("jonas")
    draft = await hanna.post("matching", "/v1/opportunities", offer())
    path = draft.headers["location"]
    assert good(draft, 201)["state"] == "draft"
    assert (await jonas.get("matching", path)).status_code == 404
    assert draft.json()["id"] not in (await jonas.get("matching", "/v1/opportunities?limit=200")).text
    assert draft.json()["id"] in (await hanna.get("matching", "/v1/opportunities?state=draft&limit=200")).text

    changed = await hanna.put("matching", path, offer(capacity=2), **match_tag(draft))
    assert good(changed)["capacity"] == 2
    assert (await hanna.put("matching", path, offer(capacity=3), **match_tag(draft))).status_code == 412
    good(await hanna.post("matching", f"{path}/publish"))
    assert good(await jonas.get("matching", path))["state"] == "open"
    seen = await hanna.get("matching", path)
    assert (await hanna.put("matching", path, offer(), **match_tag(seen))).status_code == 409
    assert (await jonas.post("matching", f"{path}/close")).status_code == 404
    good(await hanna.post("matching", f"{path}/close"))
    assert good(await jonas.get("matching", path))["state"] == "closed"


async def test_only_companies_offer(matching: Matching) -> None:
    jonas = await matching.region.as_("jonas")
    assert (await jonas.post("matching", "/v1/opportunities", offer())).status_code == 403


async def test_suggestions_come_with_reasons_and_with_what_would_help(matching: Matching) -> None:
    jonas = await matching.region.as_("jonas")
    amal = await matching.participant(skills=(SERVE,))
    wish = f"{WAITER}/{uuid4()}"
    fits = await matching.opportunity()
    beyond = await matching.opportunity(must_skills=[{"concept": CLEAN, "level": "basic"}])
    elsewhere = await matching.opportunity(occupation=wish, must_skills=[{"concept": CLEAN, "level": "basic"}])

    found = good(await jonas.get("matching", f"/v1/participants/{amal}/suggestions?kind=internship&limit=50"))
    ours = {item["opportunity"]: item for item in found["items"]}
    assert fits in ours
    assert not {beyond, elsewhere} & ours.keys()
    one = ours[fits]
    assert 0 <= one["score"] <= 1
    assert {"code": "must-skill", "about": SERVE, "level": "independent", "evidence": "demonstrated"} in one["why"]
    assert {"code": "can-skill", "about": TILL, "level": "basic", "evidence": None} in one["why_not"]
    assert {"code": "learn-skill", "about": TILL, "level": "basic", "evidence": None} in one["would_help"]

    nearly = {item["opportunity"]: item for item in found["nearly"]}
    assert {"code": "learn-skill", "about": CLEAN, "level": "basic", "evidence": None} in nearly[beyond]["would_help"]
    assert elsewhere not in nearly, "near misses are looked for among the wished occupations only"


async def test_no_suggestion_without_the_persons_agreement(matching: Matching) -> None:
    jonas, ken = await matching.region.as_("jonas"), await matching.region.as_("ken")
    amal, internship = await matching.participant(granted=False), await matching.opportunity()
    path = f"/v1/participants/{amal}/suggestions"
    refused = await jonas.get("matching", path)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:lotse:problem:matching-not-granted"
    assert "regional-matching" in refused.json()["way_out"]
    assert (await ken.get("matching", path)).status_code == 404
    body = {"participant": amal, "opportunity": internship}
    assert (await jonas.post("matching", "/v1/placements", body)).status_code == 403
    await matching.grant(amal)
    await matching.region.settled()
    assert internship in (await jonas.get("matching", f"{path}?limit=50")).text


async def test_a_closed_opportunity_ends_its_proposals(matching: Matching) -> None:
    hanna, jonas = await matching.region.as_("hanna"), await matching.region.as_("jonas")
    amal, internship = await matching.participant(), await matching.opportunity()
    proposal = await matching.proposal(amal, internship)
    good(await hanna.post("matching", f"/v1/opportunities/{internship}/close"))
    over = good(await jonas.get("matching", f"/v1/placements/{proposal['id']}"))
    assert (over["state"], over["answers"][0]["reason"]) == ("declined", "opportunity-closed")
    body = {"participant": amal, "opportunity": internship}
    assert (await jonas.post("matching", "/v1/placements", body)).status_code == 409
