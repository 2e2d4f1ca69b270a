"""Webhooks and rights: an agency's systems hear what their agency may know at the moment of sending, and no more."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlmodel import col

from contracts.events import intake, matching
from contracts.vocabulary import OpportunityId, OpportunityKind, ParticipantId, PlacementId, Side, StaffId
from infra.chassis.audit import AuditRow
from infra.chassis.identity.oidc import TokenVerifier
from tests.support.hooked import JOURNEY, STAGE, receiver, subscribed, system
from tests.support.notified import a_journey, known_to, state
from tests.support.referring import FAMILY, offer, refer
from tests.support.region import Person, Region
from tests.support.waiting import until

COURSE = ("profile", "journey")
REFERRALS = tuple(f"lotse.referrals.referral-{name}" for name in ("requested", "accepted", "cancelled"))
MATCHES = tuple(f"lotse.matching.{name}" for name in ("match-proposed", "match-accepted", "placement-confirmed"))


async def test_what_was_queued_before_a_withdrawal_does_not_leave_after_it(region: Region) -> None:
    jonas, school = await region.as_("jonas"), await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    kept = await known_to(region, "adult-education", COURSE)
    async with receiver() as there, subscribed(school, there.url, STAGE) as hook:
        await hook.does("pause")
        await a_journey(region, person).enters("before")
        await region.settled()
        await withdraw(jonas, person)
        await region.settled()
        await a_journey(region, person).enters("after")
        await a_journey(region, kept).enters("before")
        await region.settled()
        assert (await hook.seen())["waiting"] == 2, "after the withdrawal nothing is queued any more"
        await hook.does("resume")
        await there.has(1)
        await hook.stands("delivered", "withheld")
        assert [event["subject"] for event in (one.event for one in there.got)] == [kept]
        await hook.does("replay", {"since": "2026-01-01T00:00:00Z"})
        await there.has(2)
        await hook.stands("delivered", "withheld")
        assert there.events(person) == [], "a replay is no way around it"


async def test_what_failed_before_a_withdrawal_is_not_tried_after_it(region: Region) -> None:
    jonas, school = await region.as_("jonas"), await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver(500) as there, subscribed(school, there.url, STAGE) as hook:
        await a_journey(region, person).enters("one")
        await there.asked(1)
        await withdraw(jonas, person)
        await region.settled()
        tries = len(there.got)
        await hook.stands("withheld")
        assert len(there.got) - tries <= 1, "one that was under way when the withdrawal came"


async def test_other_agencies_hear_nothing_of_a_person(region: Region) -> None:
    person = await known_to(region, "adult-education", COURSE)
    school, advice = await system(region, "adult-education"), await system(region, "family-advice")
    async with (
        receiver() as there,
        receiver() as elsewhere,
        subscribed(school, there.url, JOURNEY),
        subscribed(advice, elsewhere.url, JOURNEY) as strange,
    ):
        await a_journey(region, person).began()
        await there.has(1)
        assert await strange.deliveries() == [], "it is not even queued"
        assert elsewhere.got == []


async def test_both_sides_of_a_referral_hear_of_it_and_of_whom_while_they_may_know(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    paul, advice = await region.as_("paul"), await system(region, "family-advice")
    person = await known_to(region, "family-advice", FAMILY)
    async with (
        receiver() as at_jonas,
        receiver() as at_ken,
        subscribed(paul, at_jonas.url, *REFERRALS),
        subscribed(advice, at_ken.url, *REFERRALS),
    ):
        sent = await refer(jonas, person, receiver="family-advice", service=await offer(ken))
        await at_ken.has(1)
        await at_jonas.has(1)
        [asked] = [one.event for one in at_ken.taken]
        assert asked["data"].keys() == {
            "at", "referral", "sender", "receiver", "urgency", "due_at", "participant",
        }  # fmt: skip
        assert (asked["subject"], asked["data"]["referral"]) == (person, sent["id"])
        assert b"family" not in at_ken.taken[0].body.replace(b"family-advice", b""), "not what it is about"
        await withdraw(jonas, person)
        await at_ken.has(2)
        await at_jonas.has(2)
        mine, theirs = at_jonas.taken[1].event, at_ken.taken[1].event
        assert mine["type"] == theirs["type"] == REFERRALS[2]
        assert mine["data"]["participant"] == person
        assert "participant" not in theirs["data"], "its own referral, and no longer whose"
        assert theirs["subject"] == theirs["data"]["referral"] == sent["id"]
        assert person.encode() not in at_ken.taken[1].body


async def test_whose_grant_ends_is_told_which_one_and_not_why_nor_whose(region: Region) -> None:
    jonas, school = await region.as_("jonas"), await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver() as there, subscribed(school, there.url, "lotse.intake.grant-ended"):
        grant = await withdraw(jonas, person)
        await there.has(1)
        event = there.taken[0].event
        assert event["data"].keys() == {"at", "grant", "recipient", "categories"}
        assert event["subject"] == event["data"]["grant"] == grant
        assert person.encode() not in there.taken[0].body


async def test_a_company_hears_of_a_proposal_and_of_whom_when_both_have_accepted(region: Region) -> None:
    hotel = await system(region, "harbour-hotel")
    person = await known_to(region, "harbour-hotel", ("identity", "contact"))
    common = {
        "at": datetime.now(UTC),
        "placement": PlacementId(uuid4()),
        "participant": ParticipantId(UUID(person)),
        "opportunity": OpportunityId(uuid4()),
        "kind": OpportunityKind.INTERNSHIP,
        "employer": "harbour-hotel",
    }
    async with receiver() as there, subscribed(hotel, there.url, *MATCHES):
        proposed = {**common, "agency": "job-centre", "proposed_by": StaffId(uuid4())}
        await state(region, "matching", matching.MatchProposed.model_validate(proposed))
        for side, both in ((Side.PARTICIPANT, False), (Side.EMPLOYER, True)):
            accepted = {**common, "side": side, "both": both}
            await state(region, "matching", matching.MatchAccepted.model_validate(accepted))
        await state(region, "matching", matching.PlacementConfirmed.model_validate(common))
        await there.has(4)
        assert [one.event["data"].get("participant") for one in there.taken] == [None, None, person, person]
        assert not [one for one in there.taken[:2] if person.encode() in one.body]


async def test_when_the_access_of_who_answers_for_it_ends_nothing_leaves_until_somebody_else_does(
    region: Region,
) -> None:
    advice = await system(region, "family-advice")
    person = await known_to(region, "family-advice", COURSE)
    async with receiver() as there, subscribed(advice, there.url, STAGE) as hook:
        await a_journey(region, person).enters("before")
        await there.has(1)
        account = await subject(region, advice)
        now = datetime.now(UTC) + timedelta(seconds=1)  # a token of the same second would be refused, too
        await state(region, "intake", intake.StaffAccessEnded(at=now, staff=StaffId(account), not_before=now))

        async def out() -> bool:
            return (await advice.get("notifications", "/v1/webhooks")).status_code == 401

        await until(out, "its tokens are refused")
        await a_journey(region, person).enters("after")
        await region.settled()
        await asyncio.sleep(max(0.0, (now - datetime.now(UTC)).total_seconds()) + 1)
        other = await system(region, "family-advice")
        seen = (await other.get("notifications", f"/v1/webhooks/{hook.id}")).json()
        assert (seen["state"], seen["why"], seen["waiting"]) == ("stopped", "access-ended", 1)
        assert len(there.got) == 1
        object.__setattr__(hook, "who", other)
        await hook.does("resume")
        await there.has(2)


async def test_nothing_about_an_erased_person_leaves(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver() as there, subscribed(school, there.url, STAGE) as hook:
        await hook.does("pause")
        await a_journey(region, person).enters("one")
        await region.settled()
        assert (await hook.seen())["waiting"] == 1
        gone = intake.ParticipantErased(at=datetime.now(UTC), participant=ParticipantId(UUID(person)))
        await state(region, "intake", gone)
        await region.settled()
        assert await hook.deliveries() == []
        await a_journey(region, person).enters("two")
        await region.settled()
        await hook.does("resume")
        assert (await hook.deliveries(), there.got) == ([], [])


async def test_who_was_named_to_another_agencys_system_stands_in_the_audit_trail(region: Region) -> None:
    school = await system(region, "adult-education")
    person = await known_to(region, "adult-education", COURSE)
    async with receiver() as there, subscribed(school, there.url, STAGE) as hook:
        await a_journey(region, person).enters("one")
        await there.has(1)
        await hook.stands("delivered")
        async with region.box.runtimes["notifications"].db.transaction() as tx:
            looks = select(col(AuditRow.agency), col(AuditRow.own), col(AuditRow.action))
            about = (col(AuditRow.participant) == UUID(person), col(AuditRow.subject) == f"webhook/{hook.id}")
            rows = [tuple(row) for row in await tx.rows(looks.where(*about))]
        assert rows == [("adult-education", False, "webhook:deliver")]


async def test_a_withdrawal_closes_the_way_within_two_seconds(region: Region) -> None:
    """While events of the person keep coming, how long after the withdrawal was accepted did the last one arrive?"""
    jonas, school = await region.as_("jonas"), await system(region, "adult-education")
    people = [await known_to(region, "adult-education", COURSE) for _ in range(8)]
    late: list[float] = []
    async with receiver() as there, subscribed(school, there.url, STAGE):
        for person in people:
            journey = a_journey(region, person)
            await journey.enters("before")

            async def heard(person: str = person) -> bool:
                return bool(there.events(person))

            await until(heard, "the first one came")
            await withdraw(jonas, person)
            ended = asyncio.get_running_loop().time()
            for number in range(12):
                await journey.enters(f"after-{number}")
                await asyncio.sleep(0.1)
            times = [one.at for one in there.got if one.event["data"].get("participant") == person]
            late.append(max(0.0, max(times) - ended))
    print(f"last arrival after the withdrawal, s: {sorted(round(one, 3) for one in late)}")
    assert max(late) <= 2


async def withdraw(who: Person, person: str) -> str:
    """End the person's one grant; its id."""
    [grant] = (await who.get("intake", f"/v1/participants/{person}/grants")).json()
    ended = await who.post("intake", f"/v1/grants/{grant['id']}/end", {"why": "withdrawn"})
    assert ended.status_code == 200, ended.text
    return str(grant["id"])


async def subject(region: Region, who: Person) -> UUID:
    """Under which id an account acts."""
    clock = region.box.runtimes["intake"].clock.system
    verifier = TokenVerifier(region.box.issuer, http=region.http, clock=clock)
    return (await verifier.verify(await who.session.token())).subject
