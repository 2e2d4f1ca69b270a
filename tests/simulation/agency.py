"""Asks the services over HTTP, as agencies' systems do: again with the same key when no answer came.

What was accepted goes into the ledger: it must be found in the end, exactly once.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.simulation.turns import Crashed
from tests.simulation.world import API, World

Deed = tuple[str, str]
"""(short name of a fact, id of what it is about)"""


@dataclass
class Ledger:
    """The facts that accepted requests must have led to, and those of which nobody can tell."""

    stated: Counter[Deed] = field(default_factory=Counter)
    unsure: Counter[Deed] = field(default_factory=Counter)
    """Sent without a key, and the first answer was lost."""

    def add(self, fact: str, about: object) -> None:
        self.stated[fact, str(about)] += 1


@dataclass
class Agency:
    """Everybody who sends requests in this run."""

    world: World
    ledger: Ledger = field(default_factory=Ledger)

    async def ask(
        self, who: str, method: str, service: str, path: str, body: Any = None, *, version: int | None = None
    ) -> httpx.Response:
        """The answer; asks until there is one. Notes as violation what no request may get."""
        world = self.world
        headers = {"Authorization": f"Bearer {who}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if method == "POST":
            headers["Idempotency-Key"] = str(world.runtime(service).ids.random())
        answer, lost = None, 0
        while answer is None:
            answer = await self._once(service, method, path, headers, body)
            lost += answer is None
        shown = path.partition("?")[0].replace("/v1/", "")
        world.trail.note(f"{who.partition(':')[0]} {method} {service} {shown}: {answer.status_code}")
        answer.extensions["lost"] = lost
        if answer.status_code >= 500:
            world.violations.append(f"{method} {service} {path} was answered with {answer.status_code}")
        if method == "POST" and answer.is_success and world.chance.random() < 0.1:
            await self._repeat(service, path, headers, body, answer)
        return answer

    async def _once(
        self, service: str, method: str, path: str, headers: Mapping[str, str], body: Any
    ) -> httpx.Response | None:
        """None if the process died over it."""
        turns = self.world.turns
        await turns.next(f"{method} {service}")
        actor = turns.acting()
        if actor is None:
            raise LookupError("only an actor can ask")
        actor.process = f"{service}/{API}"
        try:
            return await self.world.places[service].client.request(method, path, headers=headers, json=body)
        except Crashed:
            return None
        except Exception as error:
            self.world.violations.append(f"{method} {service} {path} failed: {type(error).__name__}: {error}")
            return httpx.Response(500)
        finally:
            actor.process = None
            actor.inside = 0

    async def _repeat(self, service: str, path: str, headers: Mapping[str, str], body: Any, first: Any) -> None:
        """The same once more: the same answer, and nothing has happened a second time."""
        again = None
        while again is None:
            again = await self._once(service, "POST", path, headers, body)
        blanked = again.status_code == 409 and "answer-blanked" in again.text
        if not blanked and (again.status_code, again.content) != (first.status_code, first.content):
            self.world.violations.append(f"POST {service} {path} repeated: {again.status_code} instead of the answer")

    async def rest(self, turns: int) -> None:
        """Let others go on."""
        for _ in range(turns):
            await self.world.turns.next("rest")


def found(answer: httpx.Response) -> Any:
    """The body of an answer."""
    return json.loads(answer.content)
