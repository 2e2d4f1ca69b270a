"""A stream of journeys: people arrive, share what they want to share, are referred, helped, and join a programme.

Each request is answered in the end, whatever dies meanwhile; what was accepted goes into the ledger.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

from infra.story.cast import Person, Region
from tests.simulation.agency import Ledger

UNTIL: Final = "2028-06-30T00:00:00Z"
GRANTS: Final = {
    "family-advice": ["identity", "contact", "barriers.family"],
    "adult-education": ["profile", "journey"],
    "regional-matching": ["profile"],
}
PROFILE: Final = {
    "skills": [
        {"concept": "http://data.europa.eu/esco/skill/serve-food", "level": "independent", "evidence": "demonstrated"}
    ],
    "languages": [{"language": "de", "listening": "B1", "reading": "B1", "spoken": "B1", "written": "B1"}],
    "occupations": ["http://data.europa.eu/esco/occupation/waiter"],
}
RESIDENCE: Final = {"country": "DE", "status": "recognised-refugee", "since": "2024-05-01", "valid_until": "2032-04-30"}
AT_ONCE: Final = 6
"""Journeys under way together."""
GRANT: Final = "Record a disclosure grant"
"""The way out of a 409 that a grant leads to which was recorded already and has not arrived."""
LOOK_AGAIN: Final = 0.3
ARRIVES_WITHIN: Final = 150.0
"""Seconds in which what one service has said is known in another, with everything dying in between."""


class Workload:
    """`run` it once; `ledger` is what was accepted."""

    def __init__(self, region: Region, journeys: int, seed: int, done: Callable[[int], None] = lambda _: None) -> None:
        self._region, self._journeys, self._done = region, journeys, done
        self._chance = random.Random(seed)
        self._cohort = ""
        self.ledger = Ledger()
        self.finished = 0

    async def run(self) -> None:
        """Raises AssertionError when a request is refused that must not be."""
        vera, *_ = [await self._region.as_(name) for name in ("vera", "jonas", "ken")]  # once each, before all else
        bindings = {
            "selects": "job-centre",
            "teaches": "adult-education",
            "coaches": "adult-education",
            "mentors-in-company": "harbour-hotel",
        }
        cohort = {"programme": "talents-fast-track@1", "name": "Under fire", "starts_on": "2026-12-01"}
        opened = await vera.post("referrals", "/v1/cohorts", cohort | {"bindings": bindings})
        self._cohort = _accepted(opened)["id"]
        waiting = iter(range(self._journeys))

        async def one_after_another() -> None:
            for _ in waiting:
                await self._journey()
                self.finished += 1
                self._done(self.finished)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(one_after_another())

    async def _journey(self) -> None:
        jonas, ken = await self._region.as_("jonas"), await self._region.as_("ken")
        identity = {
            "given_name": a_name(self._chance),
            "family_name": a_name(self._chance),
            "birth": {"year": 1994},
        }
        person = await self._states(
            "participant-registered", jonas, "intake", "/v1/participants", {"identity": identity, "language": "ar"}
        )
        for recipient, categories in GRANTS.items():
            body = {"recipient": recipient, "categories": categories, "basis": "consent", "purpose": "a course"}
            body |= {"valid_until": UNTIL, "recorded_how": "signed-form", "language": "ar"}
            await self._states("grant-given", jonas, "intake", f"/v1/participants/{person}/grants", body)
        await self._puts("profile-updated", jonas, person, "profile", PROFILE)
        await self._puts("work-rights-changed", jonas, person, "residence", RESIDENCE)
        barrier = {"domain": "family", "severity": "high"}
        _accepted(await jonas.post("intake", f"/v1/participants/{person}/barriers", barrier))
        self.ledger.add("barriers-updated", person)
        await self._is_helped(jonas, ken, person)
        await self._joins(jonas, person)

    async def _is_helped(self, jonas: Person, ken: Person, person: str) -> None:
        body = {"participant": person, "need": "family", "receiver": "family-advice", "urgency": "routine"}
        referral = await self._states("referral-requested", jonas, "referrals", "/v1/referrals", body)
        for action, more, fact in (
            ("accept", {"contact_name": "Ken"}, "referral-accepted"),
            ("start", {}, "referral-started"),
            ("complete", {"outcome": "got-help"}, "referral-completed"),
        ):
            seen = await self._arrived(lambda: ken.get("referrals", f"/v1/referrals/{referral}"))
            match = {"If-Match": seen.headers["ETag"]}
            _accepted(await ken.post("referrals", f"/v1/referrals/{referral}/{action}", more, headers=match))
            self.ledger.add(fact, referral)

    async def _joins(self, jonas: Person, person: str) -> None:
        path = f"/v1/cohorts/{self._cohort}/enrolments"
        enrolment = await self._states("enrolment-requested", jonas, "referrals", path, {"participant": person})
        async with asyncio.timeout(ARRIVES_WITHIN):
            while True:
                found = _accepted(await jonas.get("referrals", f"/v1/enrolments/{enrolment}"))
                assert found["state"] != "refused", found
                if found["state"] == "enrolled":
                    return
                await asyncio.sleep(LOOK_AGAIN)

    async def _states(self, fact: str, who: Person, service: str, path: str, body: Any) -> str:
        """The id of what was made; the fact is due from now on. Asks anew while what it builds on has not arrived."""
        answer = await self._arrived(lambda: who.post(service, path, body))
        made: str = answer.json()["id"]
        self.ledger.add(fact, made)
        return made

    async def _puts(self, fact: str, who: Person, person: str, part: str, body: Any) -> None:
        path = f"/v1/participants/{person}/{part}"
        answer = await who.put("intake", path, body, headers={"If-Match": '"0"'})
        if answer.status_code == 412 and answer.extensions["lost"]:  # a PUT has no key: the one without answer acted
            answer = await who.get("intake", path)
        _accepted(answer)
        self.ledger.add(fact, person)

    async def _arrived(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """The answer once the participant and the grants are known there."""
        async with asyncio.timeout(ARRIVES_WITHIN):
            answer = await ask()
            while answer.status_code in (403, 404) or (answer.status_code == 409 and GRANT in answer.text):
                await asyncio.sleep(LOOK_AGAIN)
                answer = await ask()
        _accepted(answer)
        return answer


def a_name(chance: random.Random) -> str:
    """Nobody else's: no possible match with somebody of another journey is told."""
    syllables = (chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(7))
    return "".join(syllables).title()


def _accepted(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
