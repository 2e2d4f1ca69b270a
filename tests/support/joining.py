"""What a test of journeys over HTTP begins with: somebody who fits the fast-track, a cohort, a place, a placement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from contracts.envelope import Fact
from contracts.events import matching
from contracts.vocabulary import OpportunityId, OpportunityKind, ParticipantId, PlacementId, Side
from tests.support.arrivals import registered
from tests.support.region import Person, Region

BINDINGS: Final = {
    "selects": "job-centre",
    "teaches": "adult-education",
    "coaches": "adult-education",
    "mentors-in-company": "harbour-hotel",
}
FAR: Final = "2028-06-30T00:00:00Z"


@dataclass
class Amal:
    """A participant of Jonas's on a journey that Vera leads."""

    id: str
    reference: str
    journey: str = ""
    cohort: str = ""
    person: Person | None = None

    def path(self, rest: str = "") -> str:
        return f"/v1/journeys/{self.journey}{rest}"


async def body(answer: Any, status: int = 200) -> Any:
    """The body of an answer that must have this status."""
    response = await answer
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    return response.json()


async def amal_arrives(
    region: Region, categories: Sequence[str] = ("profile", "journey"), *, fits: bool = True
) -> Amal:
    """Registered with Jonas, who granted Adult Education these categories; she fits the fast-track, or is too young."""
    jonas = await region.as_("jonas")
    year = today(region).year - (30 if fits else 12)
    person = await registered(jonas, birth={"year": year, "month": 3, "day": 2})
    profile = {
        "skills": [],
        "languages": [{"language": "de", "listening": "B1", "reading": "B1", "spoken": "B1", "written": "B1"}],
        "occupations": [],
        "available_from": None,
    }
    await body(jonas.put("intake", f"/v1/participants/{person}/profile", profile, headers={"If-Match": '"0"'}))
    status = {"country": "DE", "status": "recognised-refugee", "since": "2024-05-01", "valid_until": "2032-04-30"}
    await body(jonas.put("intake", f"/v1/participants/{person}/residence", status, headers={"If-Match": '"0"'}))
    grant = {
        "recipient": "adult-education",
        "categories": list(categories),
        "purpose": "a course",
        "valid_until": FAR,
        "language": "ar",
    }
    await body(jonas.post("intake", f"/v1/participants/{person}/grants", grant), 201)
    handed = await body(jonas.post("intake", f"/v1/participants/{person}/login-code"), 201)
    await region.settled()
    amal = Amal(str(person), handed["reference"])
    amal.person = await region.as_(handed["reference"], handed["code"])
    return amal


async def a_cohort(region: Region, **more: Any) -> str:
    """The id of a cohort that Vera opens."""
    vera = await region.as_("vera")
    cohort = {"programme": "talents-fast-track@1", "name": "Talents, winter", "starts_on": str(today(region))}
    opened = await body(vera.post("referrals", "/v1/cohorts", {**cohort, "bindings": BINDINGS, **more}), 201)
    return str(opened["id"])


async def enrol(region: Region, amal: Amal) -> dict[str, Any]:
    """Jonas asks for a place for her; the enrolment once intake has answered."""
    jonas = await region.as_("jonas")
    amal.cohort = amal.cohort or await a_cohort(region)
    path = f"/v1/cohorts/{amal.cohort}/enrolments"
    asked = await body(jonas.post("referrals", path, {"participant": amal.id}), 201)
    await region.settled()
    found: dict[str, Any] = await body(jonas.get("referrals", f"/v1/enrolments/{asked['id']}"))
    amal.journey = found["journey"] or ""
    return found


async def amal_joins(region: Region) -> Amal:
    """She is on her journey, in its first stage."""
    amal = await amal_arrives(region)
    enrolment = await enrol(region, amal)
    assert enrolment["state"] == "enrolled", enrolment
    return amal


async def works_at_the_hotel(region: Region, amal: Amal, *, since: int = 0) -> str:
    """The id of an internship with Hanna that started so many days ago, as matching tells it."""
    placement = PlacementId(uuid4())
    about = {
        "placement": placement,
        "participant": ParticipantId(UUID(amal.id)),
        "kind": OpportunityKind.INTERNSHIP,
        "employer": "harbour-hotel",
        "at": region.box.runtimes["matching"].clock.business(),
    }
    first = today(region) - timedelta(days=since)
    confirmed = matching.PlacementConfirmed.model_validate({**about, "opportunity": uuid4()})
    await matching_says(region, confirmed, matching.PlacementStarted.model_validate({**about, "started_on": first}))
    return str(placement)


async def agrees_to_the_hotel(region: Region, amal: Amal) -> None:
    """Both sides accepted: from now on Hanna may see name and contact."""
    fact = matching.MatchAccepted(
        placement=PlacementId(uuid4()),
        participant=ParticipantId(UUID(amal.id)),
        opportunity=OpportunityId(uuid4()),
        kind=OpportunityKind.INTERNSHIP,
        employer="harbour-hotel",
        side=Side.PARTICIPANT,
        both=True,
        at=region.box.runtimes["matching"].clock.business(),
    )
    await matching_says(region, fact)


async def leaves_the_hotel(
    region: Region, amal: Amal, placement: str, outcome: matching.PlacementOutcome = "completed"
) -> None:
    """The internship ended yesterday."""
    fact = matching.PlacementEnded(
        placement=PlacementId(UUID(placement)),
        participant=ParticipantId(UUID(amal.id)),
        kind=OpportunityKind.INTERNSHIP,
        employer="harbour-hotel",
        ended_on=today(region) - timedelta(days=1),
        outcome=outcome,
        at=region.box.runtimes["matching"].clock.business(),
    )
    await matching_says(region, fact)


async def matching_says(region: Region, *facts: Fact) -> None:
    """Facts of matching, as its own use cases would state them."""
    runtime = region.box.runtimes["matching"]
    async with runtime.db.transaction() as tx:
        await runtime.outbox.append(tx, facts)
    await region.settled()


async def withdraw(region: Region, amal: Amal, *, recipient: str = "adult-education") -> None:
    """Amal takes back her consent to Adult Education, or to somebody else."""
    assert amal.person is not None
    grants = await body(amal.person.get("intake", f"/v1/participants/{amal.id}/grants"))
    [grant] = [one["id"] for one in grants if one["recipient"] == recipient]
    await body(amal.person.post("intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"}))
    await region.settled()


def today(region: Region) -> date:
    """Business date."""
    return region.box.runtimes["referrals"].clock.business().date()
