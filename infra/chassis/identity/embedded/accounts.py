"""Accounts, suspensions and the staff directory over the embedded issuer's HTTP administration.

Each service comes with its own confidential client. Log-in codes pass through here and are kept nowhere.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx

from contracts.refusal import Conflict, Unavailable
from contracts.vocabulary import ParticipantId, Role, StaffId
from infra.chassis.identity.base import StaffMember
from infra.chassis.identity.login import Tokens, log_in_system
from infra.chassis.identity.oidc import Unauthenticated

_SPARE: Final = timedelta(seconds=30)
"""A token is renewed this long before its end, so that none expires on its way."""


@dataclass
class IssuerAdmin:
    """A service's way into the issuer's administration: one token for all its calls, renewed by one of them."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    http: httpx.AsyncClient
    clock: Callable[[], datetime]
    _tokens: Tokens | None = field(default=None, init=False, repr=False)
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """An answer below 500. Raises `Unavailable` when the issuer can't be reached or doesn't take our client."""
        try:
            token = await self._token(refused=None)
            answer = await self._send(method, path, token, **more)
            if answer.status_code == 401:  # it lost its keys: a fresh demo, say
                answer = await self._send(method, path, await self._token(refused=token), **more)
        except (httpx.HTTPError, Unauthenticated) as error:
            raise _unavailable() from error
        if answer.status_code >= 500 or answer.status_code in (401, 403):
            raise _unavailable()
        return answer

    async def _send(self, method: str, path: str, token: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return await self.http.request(method, f"{self.issuer}/admin{path}", headers=headers, **more)

    async def _token(self, *, refused: str | None) -> str:
        async with self._renewing:
            known = self._tokens
            if known and known.access_token != refused and known.expires_at - _SPARE > self.clock():
                return known.access_token
            self._tokens = await log_in_system(
                self.issuer, self.client_id, self.secret, resource=self.issuer, http=self.http, clock=self.clock
            )
            return self._tokens.access_token


class EmbeddedParticipantAccounts:
    """`base.ParticipantAccounts` over the embedded issuer."""

    def __init__(self, admin: IssuerAdmin) -> None:
        self._admin = admin

    async def enrol(self, participant: ParticipantId, reference: str, code: str) -> None:
        enrolment = {"reference": reference, "code": code}
        answer = await self._admin.call("PUT", f"/participants/{participant}", json=enrolment)
        if answer.status_code == 409:
            raise Conflict(
                "This reference code already has an account of somebody else.",
                way_out="Draw a new reference code and enrol again.",
                field="reference",
            )
        answer.raise_for_status()

    async def remove(self, participant: ParticipantId) -> None:
        (await self._admin.call("DELETE", f"/participants/{participant}")).raise_for_status()


class EmbeddedStaffAccounts:
    """`base.StaffAccounts` over the embedded issuer."""

    def __init__(self, admin: IssuerAdmin) -> None:
        self._admin = admin

    async def agency_of(self, account: StaffId) -> str | None:
        answer = await self._admin.call("GET", f"/staff/{account}")
        agency: str | None = None if answer.status_code == 404 else answer.raise_for_status().json()["agency"]
        return agency

    async def suspend(self, account: StaffId) -> None:
        (await self._admin.call("PUT", f"/staff/{account}/suspension")).raise_for_status()


class EmbeddedStaffDirectory:
    """`base.StaffDirectory` over the embedded issuer. Asks each time: put `RememberedDirectory` in front."""

    def __init__(self, admin: IssuerAdmin) -> None:
        self._admin = admin

    async def of_agency(self, agency: str) -> list[StaffMember]:
        answer = (await self._admin.call("GET", "/staff", params={"agency": agency})).raise_for_status()
        return [_member(entry) for entry in answer.json()]

    async def member(self, staff: StaffId) -> StaffMember | None:
        answer = await self._admin.call("GET", f"/staff/{staff}")
        if answer.status_code == 404:
            return None
        entry = answer.raise_for_status().json()
        return None if entry["suspended"] else _member(entry)


def _member(entry: dict[str, Any]) -> StaffMember:
    return StaffMember(
        id=StaffId(UUID(entry["id"])),
        name=entry["name"],
        email=entry["email"],
        agency=entry["agency"],
        roles=frozenset(Role(role) for role in entry["roles"]),
        language=entry["language"],
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        "The log-in service can't be reached.",
        way_out="Try again in a few seconds. If it stays like this, tell the operator.",
    )
