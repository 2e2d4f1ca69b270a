"""Builders for stories about matching: people who may be matched, and places of the Harbour Hotel."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from contracts.envelope import Fact
from tests.support.region import Person, Region

SERVE = "http://data.europa.eu/esco/skill/serve-food"
TILL = "http://data.europa.eu/esco/skill/operate-till"
CLEAN = "http://data.europa.eu/esco/skill/clean-rooms"
WAITER = "http://data.europa.eu/esco/occupation/waiter"
SOON = (datetime.now(UTC) + timedelta(days=14)).date().isoformat()


def match_tag(found: httpx.Response | dict[str, Any]) -> dict[str, Any]:
    """The header that says: I build on this version."""
    tag = found.headers["etag"] if isinstance(found, httpx.Response) else f'"{found["version"]}"'
    return {"headers": {"If-Match": tag}}


def good(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that had to succeed."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


@dataclass
class Matching:
    """What people do in a story about matching, each with their own log-in."""

    region: Region
    names: list[str] = field(default_factory=list)

    async def participant(
        self, *, of: str = "jonas", granted: bool = True, skills: tuple[str, ...] = (SERVE,), german: str = "B1"
    ) -> str:
        """Somebody with a profile and full work rights, registered by a caseworker."""
        caseworker = await self.region.as_(of)
        name = f"Amal{uuid4().hex[:8]}"
        identity = {"given_name": name, "family_name": "Haddad", "birth": {"year": 1994}}
        participant: str = good(await caseworker.post("intake", "/v1/participants", {"identity": identity}), 201)["id"]
        first = {"headers": {"If-Match": '"0"'}}
        profile = {
            "skills": [{"concept": one, "level": "independent", "evidence": "demonstrated"} for one in skills],
            "languages": [
                {"language": "de", "listening": german, "reading": german, "spoken": german, "written": german}
            ],
            "occupations": [WAITER],
        }
        good(await caseworker.put("intake", f"/v1/participants/{participant}/profile", profile, **first))
        residence = {"country": "DE", "status": "german-citizen", "since": "2020-01-01"}
        good(await caseworker.put("intake", f"/v1/participants/{participant}/residence", residence, **first))
        if granted:
            await self.grant(participant, of=of)
        await self.region.settled()
        return participant

    async def grant(self, participant: str, *, of: str = "jonas", recipient: str = "regional-matching") -> str:
        """The participant agrees to be matched."""
        grant = {
            "recipient": recipient,
            "categories": ["profile"],
            "purpose": "finding a place",
            "valid_until": (datetime.now(UTC) + timedelta(days=365)).isoformat(),
            "language": "ar",
        }
        caseworker = await self.region.as_(of)
        given = good(await caseworker.post("intake", f"/v1/participants/{participant}/grants", grant), 201)
        return str(given["id"])

    async def opportunity(self, **other: Any) -> str:
        """An open place at the Harbour Hotel."""
        hanna = await self.region.as_("hanna")
        opportunity: str = good(await hanna.post("matching", "/v1/opportunities", offer(**other)), 201)["id"]
        good(await hanna.post("matching", f"/v1/opportunities/{opportunity}/publish"))
        return opportunity

    async def proposal(self, participant: str, opportunity: str, *, by: str = "jonas") -> dict[str, Any]:
        """A caseworker proposes."""
        caseworker = await self.region.as_(by)
        body = {"participant": participant, "opportunity": opportunity}
        return good(await caseworker.post("matching", "/v1/placements", body), 201)

    async def answer(self, who: Person, placement: str, body: Any = None, *, how: str = "accept") -> httpx.Response:
        """Read, then answer what was read."""
        seen = await who.get("matching", f"/v1/placements/{placement}")
        return await who.post("matching", f"/v1/placements/{placement}/{how}", body, **match_tag(seen))

    async def confirmed(self, participant: str, opportunity: str) -> str:
        """Both sides have accepted."""
        placement: str = (await self.proposal(participant, opportunity))["id"]
        hanna, jonas = await self.region.as_("hanna"), await self.region.as_("jonas")
        good(await self.answer(hanna, placement))
        assert good(await self.answer(jonas, placement, {"given_how": "spoken"}))["state"] == "confirmed"
        return placement

    async def said_by_intake(self, *facts: Fact) -> None:
        """Facts for which intake has no route in this story."""
        runtime = self.region.box.runtimes["intake"]
        async with runtime.db.transaction() as tx:
            await runtime.outbox.append(tx, facts)
        await self.region.settled()


def offer(**other: Any) -> dict[str, Any]:
    """An internship in service: serving is a must, the till a wish, German at A2 a must."""
    return {
        "kind": "internship",
        "title": "Internship in service",
        "occupation": WAITER,
        "region": "Harbour Region",
        "capacity": 1,
        "starts_on": SOON,
        "must_skills": [{"concept": SERVE, "level": "basic"}],
        "can_skills": [{"concept": TILL, "level": "basic", "weight": 2}],
        "language_needs": [{"language": "de", "level": "A2"}],
        "description": "Breakfast and lunch.",
        **other,
    }
