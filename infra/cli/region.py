"""Finds the region: the one that runs on this machine, or the one whose container this is. Logs a person in to it."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.refusal import NotAllowed, Refused, Unavailable
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.login import Session, log_in
from infra.chassis.settings import FROM_OUTSIDE
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


class Around(BaseSettings):
    """Where everything is, as docker-compose.yml tells the operators' container."""

    model_config = SettingsConfigDict(**{**FROM_OUTSIDE, "env_prefix": "LOTSE_"})

    issuer: str | None = None
    issuer_inside: str | None = None
    addresses: dict[str, str] = Field(default_factory=dict)


def found_region() -> dict[str, Any]:
    """What `region.json` or the environment says: `issuer`, `identity` (Keycloak's if it says nothing), `addresses`,
    and `issuer_inside`, where the issuer is reached from here if not at its public address.

    Raises `Unavailable` if no region runs here.
    """
    where, around = FOLDER / WHERE, Around()
    if where.exists():
        found: dict[str, Any] = json.loads(where.read_text())
        return found
    if around.issuer is None:
        raise Unavailable(
            "No region runs here.", way_out="Start one with `make demo`, or set LOTSE_HOME to its folder."
        )
    return around.model_dump(exclude_none=True)


class Inside(httpx.AsyncHTTPTransport):
    """The way to the issuer for who does not reach its public address, which is what its own pages name."""

    def __init__(self, found: dict[str, Any]) -> None:
        super().__init__()
        self._public: str = found["issuer"]
        self._inside: str = found.get("issuer_inside") or self._public

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if url.startswith(self._public):
            there = httpx.URL(self._inside + url.removeprefix(self._public))
            headers = request.headers.copy()
            headers["Host"] = there.netloc.decode()
            request = httpx.Request(
                request.method, there, headers=headers, stream=request.stream, extensions=request.extensions
            )
        return await super().handle_async_request(request)


@asynccontextmanager
async def logged_in(username: str, password: str | None = None) -> AsyncIterator[CommandLine]:
    """Log in to the running region; on a demo the demo's password is used unless one is given."""
    found = found_region()
    secret = password or os.environ.get("LOTSE_PASSWORD") or load_people(PEOPLE).password
    async with httpx.AsyncClient(timeout=20, transport=Inside(found)) as http:
        tokens = await log_in(found["issuer"], username, secret, http=http)
        yield CommandLine(found["addresses"], Session(tokens, found["issuer"], http=http), http)
