"""What leaves intake: the facts that other services build on, and nothing that was said in words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from contracts.events import referrals
from contracts.vocabulary import CohortId, EnrolmentId, ParticipantId, StaffId
from services.intake.residence import use_cases as residence
from tests.support.arrivals import registered
from tests.support.region import Region

PRE_SELECTION = {"knows-branch": True, "wants-branch": 4, "whole-time": "with-help"}
CRITERIA = ("motivation", "competences", "support")
FIRST = {"If-Match": '"0"'}
REFUGEE = {"country": "DE", "status": "recognised-refugee", "since": "2026-03-01", "valid_until": "2029-02-28"}


async def said(region: Region, participant: UUID, kind: str) -> list[Any]:
    """The data of the facts of this kind about this participant, oldest first."""
    async with region.box.runtimes["intake"].db.transaction() as tx:
        query = text(
            "select convert_from(value, 'utf8')::jsonb as fact from chassis.outbox where key = :key order by id"
        )
        facts = [row.fact for row in await tx.execute(query, {"key": participant})]
    return [fact["data"] for fact in facts if fact["type"] == f"lotse.intake.{kind}"]


async def asked_for_a_place(region: Region, participant: UUID) -> UUID:
    """Referrals asks intake, as it does when a coach puts somebody on the list of a cohort."""
    fact = referrals.EnrolmentRequested(
        enrolment=EnrolmentId(uuid4()),
        participant=ParticipantId(participant),
        cohort=CohortId(uuid4()),
        programme="talents-fast-track@1",
        requested_by=StaffId(uuid4()),
        agency="job-centre",
        on=date(2026, 12, 1),
        at=datetime.now(UTC),
    )
    runtime = region.box.runtimes["referrals"]
    async with runtime.db.transaction() as tx:
        await runtime.outbox.append(tx, [fact])
    await region.settled()
    return fact.enrolment


async def test_an_interview_is_told_in_codes(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}"
    profile = {
        "skills": [
            {
                "concept": "http://data.europa.eu/esco/skill/x",
                "label": "kibbeh",
                "level": "expert",
                "evidence": "tested",
            }
        ],
        "languages": [{"language": "de", "listening": "B1", "written": "A2"}],
        "expectations": "near the school",
    }
    await jonas.put("intake", f"{path}/profile", profile, headers=FIRST)
    await jonas.put("intake", f"{path}/residence", REFUGEE, headers=FIRST)
    await jonas.post("intake", f"{path}/barriers", {"domain": "family", "severity": "high", "note": "no nursery"})
    [updated] = await said(region, participant, "profile-updated")
    assert updated["languages"] == [{"language": "de", "level": "A2"}]
    [rights] = await said(region, participant, "work-rights-changed")
    assert (rights["work"], rights["since"], rights["until"]) == ("yes", "2026-03-01", "2029-02-28")
    [barriers] = await said(region, participant, "barriers-updated")
    assert [(one["domain"], one["severity"], one["open"]) for one in barriers["barriers"]] == [("family", "high", True)]
    everything = str([updated, rights, barriers])
    assert not any(word in everything for word in ("kibbeh", "school", "nursery", "refugee"))


async def test_facts_that_change_no_right_are_not_told_again(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}/residence"
    await jonas.put("intake", path, REFUGEE, headers=FIRST)
    await jonas.put("intake", path, {**REFUGEE, "in_reception_centre": False}, headers={"If-Match": '"1"'})
    assert len(await said(region, participant, "work-rights-changed")) == 1
    await jonas.put("intake", path, {**REFUGEE, "valid_until": "2031-01-01"}, headers={"If-Match": '"2"'})
    *_, last = await said(region, participant, "work-rights-changed")
    assert last["until"] == "2031-01-01"


async def due(region: Region, participant: UUID) -> date | None:
    """When the work rights of this participant are looked at again."""
    async with region.box.runtimes["intake"].db.transaction() as tx:
        query = text("select due_at from chassis.deadline where kind = :kind and about = :about")
        row = (await tx.execute(query, {"kind": residence.CHANGES, "about": participant})).one_or_none()
    return row.due_at.date() if row else None


async def looked_again(region: Region, participant: UUID, day: date) -> None:
    """What the timer does when that day has come."""
    async with region.box.runtimes["intake"].db.transaction() as tx:
        tx.now = datetime(day.year, day.month, day.day, tzinfo=UTC)
        await residence.look_again(tx, participant, {})


async def test_a_change_ahead_is_told_when_its_day_comes(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    await jonas.put("intake", f"/v1/participants/{participant}/residence", REFUGEE, headers=FIRST)
    end_of_course_claim, end_of_document = date(2027, 3, 2), date(2029, 3, 1)
    for end, announced in ((end_of_course_claim, 1), (end_of_document, 2)):
        ahead = end - timedelta(weeks=6)
        assert await due(region, participant) == ahead
        await looked_again(region, participant, ahead)
        assert len(await said(region, participant, "work-rights-changing")) == announced
        assert await due(region, participant) == end
        assert len(await said(region, participant, "work-rights-changed")) == 1, "a course claim is no work right"
        await looked_again(region, participant, end)
    *_, last = await said(region, participant, "work-rights-changed")
    assert (last["work"], last["since"], last["until"]) == ("unknown", "2029-03-01", None)
    assert await due(region, participant) is None
    assert (await jonas.get("intake", f"/v1/participants/{participant}/residence")).headers["ETag"] == '"1"'


async def test_who_meets_the_programmes_conditions_is_eligible(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}"
    profile = {"languages": [{"language": "de", "listening": "A2"}]}
    await jonas.put("intake", f"{path}/profile", profile, headers=FIRST)
    await jonas.put("intake", f"{path}/residence", REFUGEE, headers=FIRST)
    enrolment = await asked_for_a_place(region, participant)
    [decided] = await said(region, participant, "eligibility-decided")
    assert (decided["enrolment"], decided["eligible"], decided["reasons"]) == (str(enrolment), True, [])


async def test_who_does_not_is_told_why_in_codes(region: Region) -> None:
    participant = await registered(await region.as_("jonas"), birth={"year": 2015})
    await asked_for_a_place(region, participant)
    [decided] = await said(region, participant, "eligibility-decided")
    assert not decided["eligible"]
    assert decided["reasons"] == ["too-young", "work-right-unknown", "language-unknown"]


async def test_a_selection_is_told_in_codes(region: Region) -> None:
    jonas = await region.as_("jonas")
    participant = await registered(jonas)
    path = f"/v1/participants/{participant}"
    form = {"procedure": "talents-fast-track@1", "step": "pre-selection", "answers": dict(PRE_SELECTION)}
    assert (await jonas.post("intake", f"{path}/assessments", form)).status_code == 201
    judged = [{"criterion": name, "verdict": "partly", "reason": "no child care"} for name in CRITERIA]
    decided = {"procedure": "talents-fast-track@1", "outcome": "later", "judgements": judged, "reason": "in spring"}
    assert (await jonas.post("intake", f"{path}/selections", decided)).status_code == 201
    told = await said(region, participant, "assessment-completed")
    assert [(one["step"], one["outcome"]) for one in told] == [("pre-selection", None), ("selection", "later")]
    assert set(told[0]) == {"at", "participant", "assessment", "procedure", "step", "outcome"}
