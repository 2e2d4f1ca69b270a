"""Logging in as a program: the code flow with PKCE played over HTTP, and client credentials.

For the CLI, the demo's story and the tests; where everything is, the issuer's discovery document says. Verifying
tokens is `oidc.py`.
"""

import asyncio
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt

from contracts.refusal import Unavailable
from infra.chassis.clock import system_now
from infra.chassis.identity.log_in_page import Browser, form_on
from infra.chassis.identity.oidc import Unauthenticated

REDIRECT_URI: Final = "http://127.0.0.1:8399/callback"
"""Registered for `lotse-cli`. Nothing listens there: the redirect is read, not followed."""
_SPARE: Final = timedelta(seconds=30)
"""A token is refreshed this long before its end, so that none expires on its way."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a log-in gave. `expires_at` is the access token's, in system time."""

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)


async def log_in(
    issuer: str,
    username: str,
    secret: str,
    *,
    client_id: str = "lotse-cli",
    http: httpx.AsyncClient,
    clock: Callable[[], datetime] = system_now,
) -> Tokens:
    """Log in as staff (user name, password) or as a participant (reference code, log-in code).

    Raises `Unauthenticated` when the issuer says no, `Unavailable` when it can't be reached.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    browser = Browser(http)
    page = await _send(browser, "GET", await _endpoint(http, issuer, "authorization_endpoint"), params=asked)
    form = form_on(page)
    if page.status_code != 200 or form is None:
        raise Unauthenticated("The log-in page did not open.", way_out="Check the issuer's address and the client.")
    answer = await _send(browser, "POST", form.action, data=form.filled_in(username, secret))
    code = _code(answer, issuer, state)
    redeem = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    tokens = await _tokens(http, issuer, clock, redeem | {"code_verifier": verifier, "client_id": client_id})
    # Straight from the issuer: the signature needs no check (OpenID Connect Core 3.1.3.7, point 6), the nonce does.
    claims = jwt.decode(tokens.id_token or "", options={"verify_signature": False})
    if claims.get("nonce") != nonce or claims.get("aud") != client_id:
        raise Unauthenticated("The log-in's answer belongs to another log-in.", way_out="Log in again.")
    return tokens


async def log_in_system(
    issuer: str,
    client_id: str,
    secret: str,
    *,
    resource: str | None = None,
    http: httpx.AsyncClient,
    clock: Callable[[], datetime] = system_now,
) -> Tokens:
    """Tokens of a system's own account (client credentials); `resource` asks for another audience than Lotse.

    Raises `Unauthenticated` and `Unavailable` like `log_in`.
    """
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return await _tokens(http, issuer, clock, form | ({"resource": resource} if resource else {}))


class Session:
    """Somebody who is logged in: keeps the tokens and refreshes them before they expire."""

    def __init__(
        self,
        tokens: Tokens,
        issuer: str,
        *,
        client_id: str = "lotse-cli",
        http: httpx.AsyncClient,
        clock: Callable[[], datetime] = system_now,
    ) -> None:
        self._tokens = tokens
        self._issuer = issuer
        self._client_id = client_id
        self._http = http
        self._clock = clock
        self._refreshing = asyncio.Lock()

    async def token(self) -> str:
        """An access token that is good for a while. Raises `Unauthenticated` when the session is over."""
        async with self._refreshing:
            if self._tokens.expires_at - _SPARE <= self._clock():
                form = {"grant_type": "refresh_token", "refresh_token": self._tokens.refresh_token or ""}
                form |= {"client_id": self._client_id}
                self._tokens = await _tokens(self._http, self._issuer, self._clock, form)
            return self._tokens.access_token

    async def end(self) -> None:
        """Log out: the refresh token dies at once, the access token within five minutes."""
        form = {"refresh_token": self._tokens.refresh_token or "", "client_id": self._client_id}
        endpoint = await _endpoint(self._http, self._issuer, "end_session_endpoint")
        await _send(Browser(self._http), "POST", endpoint, data=form)


async def _tokens(http: httpx.AsyncClient, issuer: str, clock: Callable[[], datetime], form: dict[str, str]) -> Tokens:
    asked_at = clock()
    answer = await _send(Browser(http), "POST", await _endpoint(http, issuer, "token_endpoint"), data=form)
    if answer.status_code != 200:
        raise Unauthenticated("The log-in service gave no token.", way_out="Log in again.")
    given = answer.json()
    return Tokens(
        access_token=given["access_token"],
        expires_at=asked_at + timedelta(seconds=given["expires_in"]),
        refresh_token=given.get("refresh_token"),
        id_token=given.get("id_token"),
    )


def _code(answer: httpx.Response, issuer: str, state: str) -> str:
    if answer.status_code == 429:
        raise Unauthenticated("There were too many failed log-ins.", way_out="Wait 15 minutes, then try again.")
    back = answer.headers.get("location", "")
    if back and not back.startswith(REDIRECT_URI):
        raise Unauthenticated(
            "The log-in service wants something first: a new password, say.",
            way_out="Log in once in a browser, then try again.",
        )
    said = parse_qs(urlsplit(back).query)
    if "code" not in said:
        raise Unauthenticated("The name or the secret is not right.", way_out="Check both and log in again.")
    if said.get("state") != [state] or said.get("iss") != [issuer]:
        raise Unauthenticated("The log-in's answer belongs to another log-in.", way_out="Log in again.")
    code: str = said["code"][0]
    return code


async def _endpoint(http: httpx.AsyncClient, issuer: str, name: str) -> str:
    """Where the issuer does this, by its own discovery document."""
    answer = await _send(Browser(http), "GET", f"{issuer}/.well-known/openid-configuration")
    told = answer.json() if answer.status_code == 200 else {}
    if told.get("issuer") != issuer or name not in told:
        raise Unavailable(f"There is no log-in service at {issuer}.", way_out="Check the issuer's address.")
    endpoint: str = told[name]
    return endpoint


async def _send(browser: Browser, method: str, url: str, **more: Any) -> httpx.Response:
    try:
        answer = await browser.send(method, url, **more)
    except httpx.HTTPError as error:
        raise Unavailable(
            "The log-in service can't be reached.", way_out="Try again in a few seconds; is it started?"
        ) from error
    if answer.status_code >= 500:
        raise Unavailable("The log-in service has a problem.", way_out="Try again in a few seconds.")
    return answer
