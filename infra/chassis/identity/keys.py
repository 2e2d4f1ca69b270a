"""The issuer's public keys: found by OpenID discovery, read again when a token names a key we don't know.

Nothing about tokens or people belongs here, only which key has which name.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import httpx
import jwt

from contracts.refusal import Unavailable

log = logging.getLogger(__name__)

BETWEEN_REFRESHES: Final = timedelta(seconds=10)
"""At most one reading in this time, however many tokens with invented key names arrive."""
BEFORE_FIRST_SUCCESS: Final = timedelta(seconds=1)
MAX_AGE: Final = timedelta(minutes=10)
"""Read again after this time even if every key is known, so that a withdrawn key dies."""


class IssuerKeys:
    """RS256 keys of one issuer by `kid`. `at` is where it is reached, if not at its public address."""

    def __init__(
        self, issuer: str, *, at: str | None = None, http: httpx.AsyncClient, clock: Callable[[], datetime]
    ) -> None:
        self._issuer = issuer
        self._at = (at or issuer).rstrip("/")
        self._http = http
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._tried_at: datetime | None = None
        self._last_try_failed = False
        self._refreshing = asyncio.Lock()

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """The key of this name, or None if the issuer has none.

        Raises `Unavailable` when the issuer can't be asked and the key isn't known.
        """
        if kid not in self._keys or self._older_than(MAX_AGE):
            async with self._refreshing:
                # Whoever waited for the lock finds that the keys have just been read.
                if self._may_refresh():
                    await self._refresh()
        found = self._keys.get(kid)
        if found is None and (self._last_try_failed or not self._keys):
            raise Unavailable(
                "The log-in service can't be reached, so the access token can't be checked.",
                way_out="Try again in a few seconds. If it stays like this, tell the operator.",
            )
        return found

    def knows(self, kid: str) -> bool:
        """Whether the last reading had this key."""
        return kid in self._keys

    def _older_than(self, age: timedelta) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= age

    def _may_refresh(self) -> bool:
        return self._older_than(BETWEEN_REFRESHES if self._keys else BEFORE_FIRST_SUCCESS)

    async def _refresh(self) -> None:
        self._tried_at = self._clock()
        try:
            self._keys = await self._read()
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
            self._last_try_failed = True
            log.warning("keys of the issuer could not be read: %s", type(error).__name__)
        else:
            self._last_try_failed = False

    async def _read(self) -> dict[str, jwt.PyJWK]:
        answer = await self._http.get(f"{self._at}/.well-known/openid-configuration")
        discovery = answer.raise_for_status().json()
        if discovery["issuer"] != self._issuer:
            raise ValueError("the discovery document is another issuer's")
        # Keycloak names its public address even to those who ask inside.
        answer = await self._http.get(discovery["jwks_uri"].replace(self._issuer, self._at, 1))
        return {
            entry["kid"]: jwt.PyJWK(entry, algorithm="RS256")
            for entry in answer.raise_for_status().json()["keys"]
            # Keycloak publishes its encryption key in the same list.
            if entry.get("kty") == "RSA" and entry.get("use", "sig") == "sig" and entry.get("alg", "RS256") == "RS256"
        }
