"""Finds the region that runs on this machine, and logs a person in to it."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from contracts.refusal import NotAllowed, Refused, Unavailable
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.login import Session, log_in
from infra.onebox.layout import PEOPLE, WHERE

FOLDER: Final = Path(os.environ.get("LOTSE_HOME", ".lotse"))


class CommandLine:
    """A logged-in person at the command line."""

    def __init__(self, addresses: dict[str, str], session: Session, http: httpx.AsyncClient) -> None:
        self.addresses = addresses
        self._session, self._http = session, http

    async def call(self, method: str, service: str, path: str, **more: Any) -> Any:
        """The body of the answer. Raises `Refused` with the service's own words."""
        if service not in self.addresses:
            raise NotAllowed(f"There is no service {service!r}.", way_out=f"Name one of: {', '.join(self.addresses)}.")
        headers = {"Authorization": f"Bearer {await self._session.token()}"}
        answer = await self._http.request(method, self.addresses[service] + path, headers=headers, **more)
        if answer.is_error:
            problem = answer.json()
            raise Refused(problem["detail"], way_out=problem["way_out"])
        return answer.json() if answer.content else None


def own_region() -> httpx.URL | None:
    """The address of the issuer of the region in our folder, if it answers; None if no region runs there."""
    where = FOLDER / WHERE
    if not where.exists():
        return None
    issuer = httpx.URL(json.loads(where.read_text())["issuer"])
    try:
        found = httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=3)
    except httpx.HTTPError:
        return None
    return issuer if found.is_success and found.json().get("issuer") == str(issuer) else None


def found_region() -> dict[str, Any]:
    """What `region.json` says: `issuer`, `identity` (Keycloak's if it says nothing), `addresses`.

    Raises `Unavailable` if no region runs here.
    """
    where = FOLDER / WHERE
    if not where.exists():
        raise Unavailable(
            "No region runs here.", way_out="Start one with `make demo`, or set LOTSE_HOME to its folder."
        )
    found: dict[str, Any] = json.loads(where.read_text())
    return found


@asynccontextmanager
async def logged_in(username: str, password: str | None = None) -> AsyncIterator[CommandLine]:
    """Log in to the running region; on a demo the demo's password is used unless one is given."""
    found = found_region()
    secret = password or os.environ.get("LOTSE_PASSWORD") or load_people(PEOPLE).password
    async with httpx.AsyncClient(timeout=20) as http:
        tokens = await log_in(found["issuer"], username, secret, http=http)
        yield CommandLine(found["addresses"], Session(tokens, found["issuer"], http=http), http)
