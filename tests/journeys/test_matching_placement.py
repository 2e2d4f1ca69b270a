"""A person and a place come together: proposed, blind for the company, accepted by both, begun and ended."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.events import intake as facts
from contracts.vocabulary import ParticipantId
from tests.support.matching import SERVE, TILL, Matching, good, match_tag
from tests.support.region import Region

JONAS = "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0001"
SPOKEN = {"given_how": "spoken"}


@pytest.fixture
def matching(region: Region) -> Matching:
    return Matching(region)


async def test_from_proposal_to_the_last_day(matching: Matching) -> None:
    jonas, hanna = await matching.region.as_("jonas"), await matching.region.as_("hanna")
    amal, internship = await matching.participant(skills=(SERVE, TILL)), await matching.opportunity()
    proposed = await matching.proposal(amal, internship)
    assert (proposed["participant"], proposed["state"]) == (amal, "proposed")

    accepted = good(await matching.answer(hanna, proposed["id"]))
    assert (accepted["state"], accepted["participant"], accepted["accepted_by"]) == ("proposed", None, ["employer"])
    confirmed = good(await matching.answer(jonas, proposed["id"], SPOKEN))
    assert confirmed["state"] == "confirmed"
    told = {answer["side"]: answer for answer in confirmed["answers"]}
    assert (told["participant"]["how"], told["participant"]["by"]) == ("spoken", JONAS)

    known = await hanna.get("matching", f"/v1/placements/{proposed['id']}")
    assert known.json()["participant"] == amal
    assert known.json()["answers"] == []
    await matching.region.settled()
    assert good(await hanna.get("intake", f"/v1/participants/{amal}"))["identity"] is not None

    path = f"/v1/placements/{proposed['id']}"
    today = matching.region.box.runtimes["matching"].clock.business().date()
    ahead = await hanna.post("matching", f"{path}/start", {"on": str(today + timedelta(days=2))}, **match_tag(known))
    assert (ahead.status_code, ahead.json()["errors"][0]["field"]) == (422, "on")
    started = await hanna.post("matching", f"{path}/start", {"on": str(today)}, **match_tag(known))
    assert good(started)["started_on"] == str(today)
    full = good(await hanna.get("matching", f"/v1/opportunities/{internship}"))
    assert (full["state"], full["places_left"]) == ("filled", 0)
    done = {"on": "2099-01-31", "outcome": "completed"}
    refused = await hanna.post("matching", f"{path}/end", done, **match_tag(started))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "on")
    done["on"] = str(today)
    ended = await jonas.post("matching", f"{path}/end", done, **match_tag(started))
    assert good(ended)["state"] == "ended"
    assert good(await hanna.get("matching", f"/v1/opportunities/{internship}"))["state"] == "open"


async def test_the_company_is_blind_until_both_have_accepted(matching: Matching) -> None:
    hanna = await matching.region.as_("hanna")
    amal, internship = await matching.participant(), await matching.opportunity()
    proposed = await matching.proposal(amal, internship)
    await matching.region.settled()

    seen = await hanna.get("matching", f"/v1/placements/{proposed['id']}")
    listed = await hanna.get("matching", "/v1/placements?limit=200")
    assert good(seen)["matched"] == {
        "must_skills": [{"concept": SERVE, "level": "basic"}],
        "can_skills": [],
        "languages": [{"language": "de", "level": "A2"}],
    }
    row = next(item for item in listed.json()["items"] if item["id"] == proposed["id"])
    assert row == seen.json()
    for answer in (seen, listed):
        told = f"{answer.text} {answer.headers}"
        assert amal not in told
        assert amal.replace("-", "") not in told
        assert JONAS not in told
    assert [name for name, value in seen.json().items() if value in (None, [])] == [
        "accepted_by", "participant", "started_on", "ended_on", "outcome", "agency", "proposed_by", "proposed_at",
        "answers",
    ]  # fmt: skip
    assert UUID(proposed["id"]).version == 4, "a time-ordered id would tell when, and so who"

    asked = good(await hanna.get("matching", f"/v1/placements?participant={amal}"))
    assert asked["items"] == [], "asking for a participant must not tell who is proposed"
    assert (await hanna.get("intake", f"/v1/participants/{amal}")).status_code == 404
    assert (await hanna.get("matching", f"/v1/participants/{amal}/suggestions")).status_code == 404
    theirs = await hanna.post("matching", "/v1/placements", {"participant": amal, "opportunity": internship})
    assert theirs.status_code == 404


async def test_a_declined_candidate_stays_unknown(matching: Matching) -> None:
    hanna, jonas = await matching.region.as_("hanna"), await matching.region.as_("jonas")
    amal, internship = await matching.participant(), await matching.opportunity()
    proposed = await matching.proposal(amal, internship)
    body = {"reason": "too-far", **SPOKEN}
    declined = good(await matching.answer(jonas, proposed["id"], body, how="decline"))
    assert declined["answers"][0]["reason"] == "too-far"
    seen = await hanna.get("matching", f"/v1/placements/{proposed['id']}")
    assert seen.json()["state"] == "declined"
    assert "too-far" not in seen.text
    assert SERVE not in seen.text


async def test_how_the_participant_answered_has_to_be_said(matching: Matching) -> None:
    jonas = await matching.region.as_("jonas")
    proposed = await matching.proposal(await matching.participant(), await matching.opportunity())
    refused = await matching.answer(jonas, proposed["id"])
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "given_how"


async def test_the_participant_answers_with_an_own_log_in(matching: Matching) -> None:
    jonas, hanna = await matching.region.as_("jonas"), await matching.region.as_("hanna")
    person, internship = await matching.participant(), await matching.opportunity()
    proposed = await matching.proposal(person, internship)
    login = good(await jonas.post("intake", f"/v1/participants/{person}/login-code"), 201)
    amal = await matching.region.as_(login["reference"], login["code"])
    mine = good(await amal.get("matching", "/v1/placements"))["items"]
    assert [one["id"] for one in mine] == [proposed["id"]]
    assert good(await amal.get("matching", f"/v1/opportunities/{internship}"))["title"] == "Internship in service"
    good(await matching.answer(hanna, proposed["id"]))
    confirmed = good(await matching.answer(amal, proposed["id"]))
    assert confirmed["state"] == "confirmed"
    assert confirmed["answers"][1]["how"] == "online"


async def test_two_yes_for_the_last_place_confirm_one(matching: Matching) -> None:
    """Several times over, with kinds that don't exclude each other: a race that is lost once in a while is lost."""
    jonas, hanna = await matching.region.as_("jonas"), await matching.region.as_("hanna")
    people = [await matching.participant() for _ in range(2)]
    for kind in ("internship", "job", "volunteering", "mentor"):
        place = await matching.opportunity(kind=kind, capacity=1)
        proposals = [(await matching.proposal(one, place))["id"] for one in people]
        seen = [good(await matching.answer(hanna, proposal)) for proposal in proposals]
        answers = await asyncio.gather(
            *(jonas.post("matching", f"/v1/placements/{one['id']}/accept", SPOKEN, **match_tag(one)) for one in seen)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        [full] = [answer.json() for answer in answers if answer.status_code == 409]
        assert full["type"] == "urn:lotse:problem:no-place-left"
        assert full["way_out"]
        states = [good(await jonas.get("matching", f"/v1/placements/{one}")) for one in proposals]
        assert sorted(one["state"] for one in states) == ["confirmed", "proposed"]
        [left] = [one for one in states if one["state"] == "proposed"]
        assert left["accepted_by"] == ["employer"], "the refused answer must not be recorded"


async def test_never_two_active_placements_of_one_kind(matching: Matching) -> None:
    jonas, hanna = await matching.region.as_("jonas"), await matching.region.as_("hanna")
    amal = await matching.participant()
    await matching.confirmed(amal, await matching.opportunity())
    second = await matching.proposal(amal, await matching.opportunity())
    good(await matching.answer(jonas, second["id"], SPOKEN))
    refused = await matching.answer(hanna, second["id"])
    assert refused.status_code == 409
    assert "placement" not in refused.json()["detail"], "what the company hears tells nothing of the person"
    job = await matching.proposal(amal, await matching.opportunity(kind="job"))
    good(await matching.answer(hanna, job["id"]))
    assert good(await matching.answer(jonas, job["id"], SPOKEN))["state"] == "confirmed", "another kind may be active"


async def test_linked_records_are_one_person(matching: Matching) -> None:
    mira, hanna = await matching.region.as_("mira"), await matching.region.as_("hanna")
    here, there = await matching.participant(), await matching.participant(of="mira")
    a, b = ParticipantId(UUID(here)), ParticipantId(UUID(there))
    link = facts.SamePersonLinked(
        link=uuid4(), a=a, b=b, canonical=a, agencies=("job-centre", "migration-advice"), at=datetime.now(UTC)
    )
    await matching.said_by_intake(link)
    await matching.confirmed(here, await matching.opportunity())
    other = await matching.proposal(there, await matching.opportunity(), by="mira")
    good(await matching.answer(hanna, other["id"]))
    refused = await matching.answer(mira, other["id"], SPOKEN)
    assert refused.status_code == 409
    assert "kind" in refused.json()["detail"]


async def test_the_end_of_the_grant_ends_proposals_but_not_placements(matching: Matching) -> None:
    jonas, hanna = await matching.region.as_("jonas"), await matching.region.as_("hanna")
    amal = await matching.participant(granted=False)
    grant = await matching.grant(amal)
    await matching.region.settled()
    placement = await matching.confirmed(amal, await matching.opportunity())
    proposal = await matching.proposal(amal, await matching.opportunity(kind="job"))
    good(await jonas.post("intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"}))
    await matching.region.settled()
    over = good(await jonas.get("matching", f"/v1/placements/{proposal['id']}"))
    assert (over["state"], over["answers"][0]["reason"]) == ("declined", "grant-ended")
    assert good(await jonas.get("matching", f"/v1/placements/{placement}"))["state"] == "confirmed"
    assert (await matching.answer(hanna, proposal["id"])).status_code == 409
    again = {"participant": amal, "opportunity": over["opportunity"]}
    refused = await jonas.post("matching", "/v1/placements", again)
    assert refused.status_code == 403
    assert "regional-matching" in refused.json()["way_out"]


async def test_other_agencies_know_nothing(matching: Matching) -> None:
    ken, cora = await matching.region.as_("ken"), await matching.region.as_("cora")
    amal = await matching.participant()
    proposal = await matching.proposal(amal, await matching.opportunity())
    for other in (ken, cora):
        path = f"/v1/placements/{proposal['id']}"
        assert (await other.get("matching", path)).status_code == 404
        answer = await other.post("matching", f"{path}/accept", SPOKEN, **match_tag(proposal))
        assert answer.status_code == 404
    assert good(await ken.get("matching", f"/v1/placements?participant={amal}"))["items"] == []
    body = {"participant": amal, "opportunity": proposal["opportunity"]}
    assert (await ken.post("matching", "/v1/placements", body)).status_code == 404


async def test_an_answer_to_something_older_is_refused(matching: Matching) -> None:
    jonas, hanna = await matching.region.as_("jonas"), await matching.region.as_("hanna")
    proposal = await matching.proposal(await matching.participant(), await matching.opportunity())
    good(await matching.answer(hanna, proposal["id"]))
    path = f"/v1/placements/{proposal['id']}/accept"
    assert (await jonas.post("matching", path, SPOKEN, **match_tag(proposal))).status_code == 412
    assert (await jonas.post("matching", path, SPOKEN)).status_code == 428


async def test_a_repeat_acts_once(matching: Matching) -> None:
    jonas = await matching.region.as_("jonas")
    amal, internship = await matching.participant(), await matching.opportunity()
    body, same = {"participant": amal, "opportunity": internship}, {"headers": {"Idempotency-Key": str(uuid4())}}
    first = await jonas.post("matching", "/v1/placements", body, **same)
    again = await jonas.post("matching", "/v1/placements", body, **same)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert len(good(await jonas.get("matching", f"/v1/placements?participant={amal}"))["items"]) == 1
    assert (await jonas.post("matching", "/v1/placements", body)).status_code == 409, "a second proposal is another one"


async def test_erasure_frees_the_place_and_forgets(matching: Matching) -> None:
    jonas, hanna = await matching.region.as_("jonas"), await matching.region.as_("hanna")
    amal, internship = await matching.participant(), await matching.opportunity()
    placement = await matching.confirmed(amal, internship)
    await matching.said_by_intake(facts.ParticipantErased(participant=ParticipantId(UUID(amal)), at=datetime.now(UTC)))
    for person in (jonas, hanna):
        assert (await person.get("matching", f"/v1/placements/{placement}")).status_code == 404
    assert good(await hanna.get("matching", f"/v1/opportunities/{internship}"))["state"] == "open"
