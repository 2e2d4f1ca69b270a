"""The people of the story: each acts with an own log-in, over HTTP, as the agencies' systems and browsers do."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
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
    pause: float = 0.05
    """Seconds between two looks; each look costs the services something, too."""
    ahead: timedelta = timedelta(0)
    """How far business time is ahead of the machine's before anybody moves it; negative where it begins in the past."""

    async def as_(self, username: str, secret: str | None = None) -> Person:
        """Somebody of the demo by user name, or a participant by reference code and log-in code."""
        if username not in self.people or secret is not None:
            known = load_people(PEOPLE)
            tokens = await log_in(self.box.issuer, username, secret or known.password, http=self.http)
            session = Session(tokens, self.box.issuer, http=self.http)
            self.people[username] = Person(username, self.box, self.http, session)
        return self.people[username]

    async def settled(self) -> None:
        """Wait until all facts are published and dealt with. Raises `TimeoutError` with what is still behind.

        Heartbeats never end, so "nothing waits" is seldom true everywhere at once. It is enough that each service had
        nothing before it at some moment after the last fact was stated and published.
        """
        deadline = asyncio.get_running_loop().time() + self.patience
        stated: dict[str, int] = {}
        through: set[str] = set()
        while through != set(self.box.addresses):
            now = {name: await self._lag(name) for name in self.box.addresses}
            before, stated = stated, {name: lag["stated"] for name, lag in now.items()}
            if stated != before or any(lag["unpublished"] or lag["lanes"] or lag["stale"] for lag in now.values()):
                through = set()
            else:
                through |= {name for name, lag in now.items() if not any(lag["behind"].values())}
            if len(through) < len(now) and asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"not settled within {self.patience} s: {now}")
            await asyncio.sleep(self.pause)

    async def _lag(self, service: str) -> dict[str, Any]:
        """What is not dealt with yet; parked lanes wait for an operator and don't count."""
        operator = await self.as_("opal")
        lag = (await operator.get(service, "/v1/operations/lag")).raise_for_status().json()
        lanes = (await operator.get(service, "/v1/operations/lanes")).raise_for_status().json()
        return {**lag, "lanes": [lane for lane in lanes if lane["state"] != "parked"]}
