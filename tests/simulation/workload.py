"""What people do in a simulated region: several participants' ways at once, each step when its turn comes.

A step may be refused, because something has not arrived or somebody else was faster: then the way goes on without it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from tests.simulation.agency import Agency, found

SERVE: Final = "http://data.europa.eu/esco/skill/serve-food"
WAITER: Final = "http://data.europa.eu/esco/occupation/waiter"
FAMILY: Final = ["identity", "contact", "barriers.family"]
PROGRAMME: Final = "talents-fast-track@1"
HOME: Final = {"jonas": "job-centre", "mira": "migration-advice"}


@dataclass
class Person:
    """One participant, as far as those who help know the ids."""

    number: int
    by: str
    """The caseworker."""
    name: str = ""
    id: str = ""
    grants: dict[str, str] = field(default_factory=dict)
    """recipient -> grant"""

    @property
    def token(self) -> str:
        return f"participant:{self.id}"


class Workload:
    """All ways of one run. `enter` puts them on the stage."""

    def __init__(self, agency: Agency, people: int) -> None:
        self.agency, self.world, self.chance = agency, agency.world, agency.world.chance
        self.people = [Person(number, self.chance.choice(tuple(HOME))) for number in range(people)]
        self.opportunities: list[str] = []
        self.cohort = ""
        self.links: list[str] = []

    def enter(self) -> None:
        self.world.turns.enter("hanna's places", self.places_are_published)
        self.world.turns.enter("vera's cohort", self.cohort_is_opened)
        for person in self.people:
            self._begin(person, "arrives", self.arrives)

    def _begin(self, person: Person, what: str, way: Callable[[Person], Awaitable[None]]) -> None:
        async def walk() -> None:
            await way(person)

        self.world.turns.enter(f"person {person.number} {what}", walk)

    # --- what there is for all -------------------------------------------------------------------------------------

    async def places_are_published(self) -> None:
        for kind in ("internship", "job"):
            offer = {
                "kind": kind,
                "title": "Service",
                "occupation": WAITER,
                "region": "Harbour Region",
                "capacity": 1,
                "starts_on": "2026-04-01",
                "must_skills": [{"concept": SERVE, "level": "basic"}],
            }
            drafted = await self.agency.ask("hanna", "POST", "matching", "/v1/opportunities", offer)
            place = found(drafted)["id"]
            published = await self.agency.ask("hanna", "POST", "matching", f"/v1/opportunities/{place}/publish")
            if published.is_success:
                self.agency.ledger.add("opportunity-published", place)
                self.opportunities.append(place)

    async def cohort_is_opened(self) -> None:
        bindings = {
            "selects": "job-centre",
            "teaches": "adult-education",
            "coaches": "adult-education",
            "mentors-in-company": "harbour-hotel",
        }
        today = self.world.time.now.date()
        body = {"programme": PROGRAMME, "name": "Talents", "starts_on": today.isoformat(), "bindings": bindings}
        self.cohort = found(await self.agency.ask("vera", "POST", "referrals", "/v1/cohorts", body))["id"]

    # --- one person ------------------------------------------------------------------------------------------------

    async def arrives(self, person: Person) -> None:
        """Registered, with status, profile and grants; then everything else begins at once."""
        person.name = self._new_name()
        person.id = await self._register(person.by, person.name)
        for part, body in (("profile", PROFILE), ("residence", RESIDENCE)):
            path = f"/v1/participants/{person.id}/{part}"
            answer = await self.agency.ask(person.by, "PUT", "intake", path, body, version=0)
            if answer.is_success or answer.extensions["lost"]:
                fact = {"profile": "profile-updated", "residence": "work-rights-changed"}[part]
                (self.agency.ledger.unsure if answer.extensions["lost"] else self.agency.ledger.stated)[
                    fact, person.id
                ] += 1
        for recipient, categories in GRANTS.items():
            if self.chance.random() < 0.9:
                await self.grant(person, recipient, categories)
        for what, way, likely in self.ways():
            if self.chance.random() < likely:
                self._begin(person, what, way)

    def ways(self) -> tuple[tuple[str, Callable[[Person], Awaitable[None]], float], ...]:
        return (
            ("is referred", self.is_referred, 0.9),
            ("is called for", self.is_called_for, 0.3),
            ("is placed", self.is_placed, 0.9),
            ("joins", self.joins, 0.7),
            ("withdraws", self.withdraws, 0.6),
            ("has needs", self.has_needs, 0.5),
            ("is known twice", self.is_known_twice, 0.3),
            ("is looked at", self.is_looked_at, 0.8),
        )

    def _new_name(self) -> str:
        return "".join(self.chance.choice("bdfgklmnprst") + self.chance.choice("aeiou") for _ in range(6))

    async def _register(self, by: str, name: str) -> str:
        identity = {"given_name": name.title(), "family_name": name[::-1].title(), "birth": {"year": 1994}}
        made = await self.agency.ask(by, "POST", "intake", "/v1/participants", {"identity": identity})
        self.agency.ledger.add("participant-registered", found(made)["id"])
        return str(found(made)["id"])

    async def grant(self, person: Person, recipient: str, categories: list[str]) -> None:
        days = self.chance.choice((3, 30, 400, 400))
        until = self.world.places["intake"].clock.business() + timedelta(days=days)
        body = {
            "recipient": recipient,
            "categories": categories,
            "purpose": "help",
            "valid_until": until.isoformat(),
            "language": "ar",
        }
        given = await self.agency.ask(person.by, "POST", "intake", f"/v1/participants/{person.id}/grants", body)
        if given.is_success:
            person.grants[recipient] = found(given)["id"]
            self.agency.ledger.add("grant-given", found(given)["id"])

    async def withdraws(self, person: Person) -> None:
        """Sooner or later, one grant; sometimes it is given again."""
        await self.agency.rest(self.chance.randrange(60))
        if not person.grants:
            return
        recipient = self.chance.choice(sorted(person.grants))
        grant = person.grants.pop(recipient)
        who = person.token if self.chance.random() < 0.5 else person.by
        ended = await self.agency.ask(who, "POST", "intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"})
        if ended.is_success:
            self.agency.ledger.add("grant-ended", grant)
        if self.chance.random() < 0.3:
            await self.grant(person, recipient, GRANTS[recipient])

    async def has_needs(self, person: Person) -> None:
        """Barriers are recorded and overcome."""
        for domain in self.chance.sample(("family", "housing", "health"), 2):
            body = {"domain": domain, "severity": self.chance.choice(("low", "high"))}
            path = f"/v1/participants/{person.id}/barriers"
            made = await self.agency.ask(person.by, "POST", "intake", path, body)
            if not made.is_success:
                continue
            self.agency.ledger.add("barriers-updated", person.id)
            await self.agency.rest(self.chance.randrange(10))
            closing = f"/v1/barriers/{found(made)['id']}"
            closed = await self.agency.ask(person.by, "PATCH", "intake", closing, {"open": False}, version=1)
            lost = closed.extensions["lost"]
            if closed.is_success or lost:
                (self.agency.ledger.unsure if lost else self.agency.ledger.stated)["barriers-updated", person.id] += 1

    async def is_known_twice(self, person: Person) -> None:
        """The other agency registers the same person; both confirm; sometimes the link was a mistake."""
        other = next(one for one in HOME if one != person.by)
        twin = await self._register(other, person.name)
        matches = await self.agency.ask(other, "GET", "intake", f"/v1/participants/{twin}/possible-matches")
        for match in found(matches) if matches.is_success else ():
            link = None
            for who in (other, person.by):
                path = f"/v1/possible-matches/{match['candidate']}/confirm"
                answer = await self.agency.ask(who, "POST", "intake", path)
                link = found(answer).get("link") if answer.is_success else None
            if link:
                self.agency.ledger.add("same-person-linked", link)
                if self.chance.random() < 0.4:
                    removed = await self.agency.ask(other, "POST", "intake", f"/v1/links/{link}/remove")
                    if removed.is_success:
                        self.agency.ledger.add("link-removed", link)

    # --- referrals -------------------------------------------------------------------------------------------------

    async def is_referred(self, person: Person) -> None:
        await self._refer(person, {"receiver": "family-advice"})

    async def is_called_for(self, person: Person) -> None:
        await self._refer(person, {})

    async def _refer(self, person: Person, to: dict[str, str]) -> None:
        body = {"participant": person.id, "need": "family", "note": "Two children.", **to}
        body["urgency"] = self.chance.choice(("routine", "urgent"))
        for _ in range(4):
            sent = await self.agency.ask(person.by, "POST", "referrals", "/v1/referrals", body)
            if sent.is_success:
                break
            await self.agency.rest(20)
        else:
            return
        referral = found(sent)["id"]
        self.agency.ledger.add("referral-requested", referral)
        for action, more in self._answers(claimed=not to):
            await self.agency.rest(self.chance.randrange(6))
            who = person.by if action == "cancel" and self.chance.random() < 0.5 else "ken"
            if not await self._act(who, referral, action, more):
                return

    def _answers(self, *, claimed: bool) -> list[tuple[str, dict[str, Any]]]:
        why = {"reason_code": "other", "reason_text": "for a reason"}
        answers: list[tuple[str, dict[str, Any]]] = [("claim", {})] if claimed else []
        end = self.chance.choice(("reject", "complete", "fail", "cancel", "wait", "wait"))
        if end == "reject":
            return [*answers, ("reject", why)]
        if end == "wait" and self.chance.random() < 0.5:
            return answers
        answers += [("accept", {}), ("start", {})]
        if self.chance.random() < 0.4:
            answers += [("hold", why), ("resume", {})]
        last: dict[str, list[tuple[str, dict[str, Any]]]] = {
            "complete": [("complete", {"outcome": "got-help"})],
            "fail": [("fail", why)],
            "cancel": [("cancel", why)],
        }
        return answers + last.get(end, [])

    async def _act(self, who: str, referral: str, action: str, body: dict[str, Any]) -> bool:
        for _ in range(3):
            seen = await self.agency.ask(who, "GET", "referrals", f"/v1/referrals/{referral}")
            if seen.is_success:
                path = f"/v1/referrals/{referral}/{action}"
                done = await self.agency.ask(who, "POST", "referrals", path, body, version=found(seen)["version"])
                if done.is_success:
                    self.agency.ledger.add(DONE[action], referral)
                    return True
                if done.status_code != 412:
                    return False
            await self.agency.rest(5)
        return False

    # --- placements ------------------------------------------------------------------------------------------------

    async def is_placed(self, person: Person) -> None:
        """Proposed for a place that others want, too; both sides answer; work begins and ends."""
        await self._until(lambda: bool(self.opportunities))
        if not self.opportunities:
            return
        place = self.opportunities[0] if self.chance.random() < 0.8 else self.chance.choice(self.opportunities)
        body = {"participant": person.id, "opportunity": place}
        for _ in range(6):
            made = await self.agency.ask(person.by, "POST", "matching", "/v1/placements", body)
            if made.is_success:
                break
            await self.agency.rest(20)
        else:
            return
        placement = found(made)["id"]
        self.agency.ledger.add("match-proposed", placement)
        sides = [("hanna", {}), (person.by, {"given_how": "spoken"})]
        self.chance.shuffle(sides)
        for who, how in sides:
            if self.chance.random() < 0.1:
                refused = {**how, "reason": "too-far"}
                await self._answer(who, placement, "decline", refused, "match-declined")
                return
            if not await self._answer(who, placement, "accept", how, "match-accepted"):
                return
        today = self.world.time.now.date().isoformat()
        if await self._answer("hanna", placement, "start", {"on": today}, "placement-started"):
            await self.agency.rest(self.chance.randrange(20))
            if self.chance.random() < 0.5:
                over = {"on": today, "outcome": "completed"}
                await self._answer("hanna", placement, "end", over, "placement-ended")

    async def _answer(self, who: str, placement: str, how: str, body: dict[str, Any], fact: str) -> bool:
        for _ in range(3):
            seen = await self.agency.ask(who, "GET", "matching", f"/v1/placements/{placement}")
            if seen.is_success:
                path = f"/v1/placements/{placement}/{how}"
                done = await self.agency.ask(who, "POST", "matching", path, body, version=found(seen)["version"])
                if done.is_success:
                    self.agency.ledger.add(fact, placement)
                    return True
            await self.agency.rest(5)
        return False

    # --- the way through a programme -------------------------------------------------------------------------------

    async def joins(self, person: Person) -> None:
        """A place in the cohort, attendance, a warning, and where the way leads."""
        await self._until(lambda: bool(self.cohort))
        path = f"/v1/cohorts/{self.cohort}/enrolments"
        for _ in range(4):
            asked = await self.agency.ask(person.by, "POST", "referrals", path, {"participant": person.id})
            if asked.is_success:
                break
            await self.agency.rest(20)
        else:
            return
        enrolment = found(asked)["id"]
        self.agency.ledger.add("enrolment-requested", enrolment)
        journey = None
        for _ in range(6):
            await self.agency.rest(20)
            seen = await self.agency.ask(person.by, "GET", "referrals", f"/v1/enrolments/{enrolment}")
            journey = found(seen).get("journey") if seen.is_success else None
            if journey:
                break
        else:
            return
        await self._goes_on(person, f"/v1/journeys/{journey}", str(journey))

    async def _goes_on(self, person: Person, path: str, journey: str) -> None:
        today = self.world.places["referrals"].clock.business().date()
        for days in range(2):
            day = {"on": (today + timedelta(days=days)).isoformat(), "present": False}
            seen = await self.agency.ask("vera", "POST", "referrals", f"{path}/attendance", day)
            if seen.status_code == 201:
                self.agency.ledger.add("attendance-recorded", journey)
        note = {"note": "Bus line was changed."}
        cleared = await self.agency.ask(
            person.by, "POST", "referrals", f"{path}/attention/repeated-absence/clear", note
        )
        if cleared.is_success:
            self.agency.ledger.add("attention-cleared", journey)
        stage = await self.agency.ask("vera", "POST", "referrals", f"{path}/stages/preparation/complete")
        if stage.is_success:
            self.agency.ledger.add("stage-completed", journey)
        if self.chance.random() < 0.7:
            end = {"destination": "other", "why": "dropped-out", "reason": "moved away"}
            ended = await self.agency.ask("vera", "POST", "referrals", f"{path}/transition", end)
            if ended.is_success:
                self.agency.ledger.add("transition-decided", journey)

    # --- those who look --------------------------------------------------------------------------------------------

    async def is_looked_at(self, person: Person) -> None:
        """Everybody looks at what they may see, and at what they may not."""
        for _ in range(3):
            await self.agency.rest(self.chance.randrange(20))
            for who, service, path in (
                ("ken", "intake", f"/v1/participants/{person.id}"),
                ("vera", "referrals", f"/v1/participants/{person.id}/timeline"),
                ("hanna", "intake", f"/v1/participants/{person.id}"),
            ):
                if self.chance.random() < 0.3:
                    await self.agency.ask(who, "GET", service, path)

    async def _until(self, true: Callable[[], bool]) -> None:
        for _ in range(200):
            if true():
                return
            await self.agency.rest(1)


GRANTS: Final = {
    "family-advice": FAMILY,
    "adult-education": ["profile", "journey", "attendance"],
    "regional-matching": ["profile"],
}
DONE: Final = {
    "claim": "referral-claimed",
    "accept": "referral-accepted",
    "start": "referral-started",
    "hold": "referral-on-hold",
    "resume": "referral-resumed",
    "reject": "referral-rejected",
    "complete": "referral-completed",
    "fail": "referral-failed",
    "cancel": "referral-cancelled",
}
PROFILE: Final = {
    "skills": [{"concept": SERVE, "level": "independent", "evidence": "demonstrated"}],
    "languages": [{"language": "de", "listening": "B1", "reading": "B1", "spoken": "B1", "written": "B1"}],
    "occupations": [WAITER],
}
RESIDENCE: Final = {
    "country": "DE",
    "status": "recognised-refugee",
    "since": "2024-05-01",
    "valid_until": "2032-04-30",
}
