"""The identity provider, as the desk's client sees it: where people log in, and tokens for a code or a refresh token.

One code path for the embedded issuer and Keycloak. No session and no page is known here.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import jwt

from contracts.refusal import Unavailable
from infra.chassis.identity.oidc import TokenVerifier, Unauthenticated
from services.desk.session.sessions import LoggedIn, Who
from services.desk.settings import DeskSettings

_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "end_session_endpoint")


class Issuer:
    """One issuer, and this desk as its client."""

    def __init__(self, settings: DeskSettings, *, http: httpx.AsyncClient, clock: Callable[[], datetime]) -> None:
        self._issuer = settings.issuer.rstrip("/")
        self._at = (settings.issuer_inside or self._issuer).rstrip("/")
        self._client = (settings.client_id, settings.client_secret.get_secret_value())
        self._back = f"{settings.origin}/callback"
        self._http, self._clock = http, clock
        self._verifier = TokenVerifier(
            settings.issuer, settings.audience, at=settings.issuer_inside, http=http, clock=clock
        )
        self._endpoints: dict[str, str] = {}
        self._asking = asyncio.Lock()

    async def log_in_address(self, *, state: str, nonce: str, verifier: str, language: str) -> str:
        """Where to send a browser that wants to log in. Raises `Unavailable`."""
        asked = {
            "response_type": "code",
            "client_id": self._client[0],
            "redirect_uri": self._back,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        return f"{await self._endpoint('authorization_endpoint')}?{urlencode(asked)}"

    async def redeem(self, code: str, *, nonce: str, verifier: str) -> LoggedIn:
        """Who has logged in. Raises `Unauthenticated` if the code is not good, `Unavailable`."""
        given = await self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._back,
                "code_verifier": verifier,
            }
        )
        # Straight from the issuer: the signature needs no check (OpenID Connect Core 3.1.3.7, point 6), the rest does.
        claims = jwt.decode(given.get("id_token") or "", options={"verify_signature": False})
        expected = {"nonce": nonce, "aud": self._client[0], "iss": self._issuer}
        if any(claims.get(name) != value for name, value in expected.items()):
            raise Unauthenticated("The log-in's answer belongs to another log-in.", way_out="Log in again.")
        name = str(claims.get("name") or claims.get("preferred_username") or "")
        return await self._logged_in(given, name)

    async def refresh(self, logged_in: LoggedIn) -> LoggedIn:
        """The same with new tokens, and with the roles of now. Raises `Unauthenticated`, `Unavailable`."""
        given = await self._tokens({"grant_type": "refresh_token", "refresh_token": logged_in.refresh_token})
        renewed = await self._logged_in({"refresh_token": logged_in.refresh_token, **given}, logged_in.who.name)
        if renewed.who.subject != logged_in.who.subject:
            raise Unauthenticated("The log-in's answer belongs to another log-in.", way_out="Log in again.")
        return renewed

    async def end(self, logged_in: LoggedIn) -> bool:
        """End the session at the issuer, by the back channel: an ID token in an address would tell a name.

        Whether the issuer could be told.
        """
        try:
            endpoint = self._inside(await self._endpoint("end_session_endpoint"))
            form = {"refresh_token": logged_in.refresh_token}
            return (await self._send("POST", endpoint, data=form | self._secret)).is_success
        except Unavailable:
            return False

    async def _logged_in(self, given: dict[str, Any], name: str) -> LoggedIn:
        principal = await self._verifier.verify(given["access_token"])
        who = Who(principal.subject, name, principal.roles, principal.agency, principal.participant)
        until = self._clock() + timedelta(seconds=float(given["expires_in"]))
        return LoggedIn(who, given["access_token"], given["refresh_token"], until)

    @property
    def _secret(self) -> dict[str, str]:
        return {"client_id": self._client[0], "client_secret": self._client[1]}

    async def _tokens(self, form: dict[str, str]) -> dict[str, Any]:
        answer = await self._send(
            "POST", self._inside(await self._endpoint("token_endpoint")), data=form | self._secret
        )
        if not answer.is_success:
            raise Unauthenticated("The log-in service gave no token.", way_out="Log in again.")
        given: dict[str, Any] = answer.json()
        return given

    async def _endpoint(self, name: str) -> str:
        """By the issuer's own discovery document, read once."""
        async with self._asking:
            if not self._endpoints:
                answer = await self._send("GET", f"{self._at}/.well-known/openid-configuration")
                told = answer.json() if answer.is_success else {}
                if told.get("issuer") != self._issuer:
                    raise _unavailable()
                self._endpoints = {each: str(told[each]) for each in _ENDPOINTS}
        return self._endpoints[name]

    def _inside(self, address: str) -> str:
        """Keycloak names its public address even to those who ask inside."""
        return address.replace(self._issuer, self._at, 1)

    async def _send(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, url, follow_redirects=False, **more)
        except httpx.HTTPError as error:
            raise _unavailable() from error
        if answer.status_code >= 500:
            raise _unavailable()
        return answer


def _unavailable() -> Unavailable:
    return Unavailable("The log-in service can't be reached.", way_out="Try again in a few seconds.")
