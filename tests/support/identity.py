"""Builders for tests of identity: an issuer that signs whatever it is told, and a clock that can be set."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt

from infra.chassis.identity.embedded.store import SigningKey
from infra.chassis.identity.embedded.tokens import jwks, new_signing_key

ISSUER = "http://127.0.0.1:8300"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """System time that stands still until the test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class AnyIssuer:
    """Publishes `keys` over HTTP, counts who asks, and signs any claims with any of its keys."""

    clock: SetClock
    keys: list[SigningKey] = field(default_factory=lambda: [new_signing_key()])
    readings: int = 0
    up: bool = True

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def rotate(self) -> None:
        self.keys.insert(0, new_signing_key())

    def claims(self, **other: Any) -> dict[str, Any]:
        """A caseworker's good access token; `name=None` leaves a claim out."""
        now = int(self.clock().timestamp())
        good: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "lotse",
            "sub": str(uuid4()),
            "azp": "lotse-desk",
            "typ": "Bearer",
            "iat": now,
            "exp": now + 300,
            "realm_access": {"roles": ["caseworker", "offline_access"]},
            "agency": "job-centre",
            "sid": "a-session",
        }
        return {name: value for name, value in (good | other).items() if value is not None}

    def token(self, *, key: SigningKey | None = None, **other: Any) -> str:
        key = key or self.keys[0]
        return jwt.encode(self.claims(**other), key.private_pem, algorithm="RS256", headers={"kid": key.kid})

    def token_of(self, subject: UUID) -> str:
        return self.token(sub=str(subject))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if not self.up:
            return httpx.Response(503)
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"})
        self.readings += 1
        return httpx.Response(200, json=jwks(self.keys))
