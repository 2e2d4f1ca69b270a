"""The people of the story: each acts with an own log-in, over HTTP, as the agencies' systems and browsers do."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.login import Session, log_in
from infra.onebox.layout import PEOPLE, Box


@dataclass
class Person:
    """Somebody who is logged in."""

    name: str
    box: Box
    http: httpx.AsyncClient
    session: Session

    async def call(self, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        """One request with this person's own token; a POST gets an Idempotency-Key of its own unless one is given."""
        headers = {"Authorization": f"Bearer {await self.session.token()}", **more.pop("headers", {})}
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid4()))
        return await self.http.request(method, self.box.addresses[service] + path, headers=headers, **more)

    async def get(self, service: str, path: str, **more: Any) -> httpx.Response:
        return await self.call("GET", service, path, **more)

    async def post(self, service: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return await self.call("POST", service, path, json=json, **more)

    async def put(self, service: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return await self.call("PUT", service, path, json=json, **more)

    async def patch(self, service: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return await self.call("PATCH", service, path, json=json, **more)


@dataclass
class Region:
    """A running region, and who is logged in to it."""

    box: Box
    http: httpx.AsyncClient
    people: dict[str, Person] = field(default_factory=dict)
    patience: float = 15.0
    """Seconds within which every event must have been dealt with."""

    async def as_(self, username: str, secret: str | None = None) -> Person:
        """Somebody of the demo by user name, or a participant by reference code and log-in code."""
        if username not in self.people or secret is not None:
            known = load_people(PEOPLE)
            tokens = await log_in(self.box.issuer, username, secret or known.password, http=self.http)
            session = Session(tokens, self.box.issuer, http=self.http)
            self.people[username] = Person(username, self.box, self.http, session)
        return self.people[username]

    async def settled(self) -> None:
        """Wait until all facts are published and dealt with, twice in a row. Raises with what is still behind."""
        deadline = asyncio.get_running_loop().time() + self.patience
        calm = 0
        while calm < 2:
            behind = await self._behind()
            calm = 0 if behind else calm + 1
            if behind and asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"not settled within {self.patience} s: {behind}")
            await asyncio.sleep(0.05)

    async def _behind(self) -> dict[str, Any]:
        """Per service what is not dealt with yet; parked lanes wait for an operator and don't count."""
        operator = await self.as_("opal")
        behind: dict[str, Any] = {}
        for name in self.box.addresses:
            lag = (await operator.get(name, "/v1/operations/lag")).raise_for_status().json()
            lanes = (await operator.get(name, "/v1/operations/lanes")).raise_for_status().json()
            left = lag["unpublished"] + sum(lag["behind"].values())
            waiting = [lane for lane in lanes if lane["state"] != "parked"]
            if left or waiting or lag["stale"]:
                behind[name] = {"events": left, "lanes": waiting, "stale": lag["stale"]}
        return behind
