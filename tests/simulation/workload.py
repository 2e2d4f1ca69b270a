"""What people do in a simulated region: several participants' ways at once, each step when its turn comes.

A step may be refused, because something has not arrived or somebody else was faster: then the way goes on without it.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from tests.simulation.agency import Agency, found
from tests.simulation.scene import GRANTS, Person, Scene
from tests.simulation.ways_of_help import is_called_for, is_referred
from tests.simulation.ways_to_work import is_placed, joins

SERVE: Final = "http://data.europa.eu/esco/skill/serve-food"
WAITER: Final = "http://data.europa.eu/esco/occupation/waiter"
PROGRAMME: Final = "talents-fast-track@1"
HOME: Final = {"jonas": "job-centre", "mira": "migration-advice"}
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


class Workload(Scene):
    """All ways of one run. `enter` puts them on the stage."""

    def __init__(self, agency: Agency, people: int) -> None:
        super().__init__(agency)
        self.people = [Person(number, self.chance.choice(tuple(HOME))) for number in range(people)]

    def enter(self) -> None:
        self.world.turns.enter("hanna's places", self.places_are_published)
        self.world.turns.enter("vera's cohort", self.cohort_is_opened)
        for person in self.people:
            self._begin(person, "arrives", self.arrives)

    def _begin(self, person: Person, what: str, way: Callable[[Person], Awaitable[None]]) -> None:
        async def walk() -> None:
            await way(person)

        self.world.turns.enter(f"person {person.number} {what}", walk)

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

    async def arrives(self, person: Person) -> None:
        """Registered, with status, profile and grants; then everything else begins at once."""
        person.name = self.new_name()
        person.id = await self.register(person.by, person.name)
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
            ("is referred", partial(is_referred, self), 0.9),
            ("is called for", partial(is_called_for, self), 0.3),
            ("is placed", partial(is_placed, self), 0.9),
            ("joins", partial(joins, self), 0.9),
            ("withdraws", self.withdraws, 0.6),
            ("has needs", self.has_needs, 0.5),
            ("is known twice", self.is_known_twice, 0.3),
            ("is looked at", self.is_looked_at, 0.8),
        )

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
        twin = await self.register(other, person.name)
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
