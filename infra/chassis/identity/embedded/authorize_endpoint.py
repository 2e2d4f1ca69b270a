"""`/authorize`: the log-in page and its answer (code flow, PKCE required).

An address that isn't registered for the client is never redirected to, whatever else is right or wrong.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import jwt
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from infra.chassis.identity.embedded.issuer import Issuer, NotLoggedIn
from infra.chassis.identity.embedded.pages import log_in_page, message_page
from infra.chassis.identity.embedded.people import Client

FORM_LIFE: Final = timedelta(minutes=10)
_CHALLENGE_LENGTH: Final = 43
"""Characters of a SHA-256 in base64url without padding."""
_SAID: Final = {
    NotLoggedIn.WRONG: ("The name or the secret is not right. Please check both and try again.", 401),
    NotLoggedIn.PAUSED: ("Too many tries. Please wait 15 minutes, then try again, or ask your caseworker.", 429),
}


def authorize_routes(issuer: Issuer) -> APIRouter:
    """The two routes of the log-in page."""
    routes = APIRouter()

    @routes.get("/authorize")
    async def ask(request: Request) -> Response:
        """Show the log-in page to whoever a client sends here."""
        asked = request.query_params
        client = _client(issuer, asked)
        if client is None:
            return _not_registered()
        if wrong := _wrong(asked):
            return _back(issuer, asked, error=wrong[0], error_description=wrong[1])
        return log_in_page(issuer.people, _form_token(issuer, asked))

    @routes.post("/authorize")
    async def answer(request: Request) -> Response:
        """Check the secret; with the right one send the person back with a code."""
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return message_page("Not accepted", "This form was sent from another site.", status=403)
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        asked = _read_form_token(issuer, form.get("request", ""))
        if asked is None:
            return message_page("Too late", "This page is too old. Go back to where you started.", status=400)
        client = _client(issuer, asked)
        if client is None:
            return _not_registered()
        holder = await issuer.log_in(form.get("username", ""), form.get("secret", ""))
        if isinstance(holder, NotLoggedIn):
            said, status = _SAID[holder]
            return log_in_page(issuer.people, _form_token(issuer, asked), error=said, status=status)
        code = await issuer.open_session(
            holder,
            client,
            redirect_uri=asked["redirect_uri"],
            challenge=asked["code_challenge"],
            nonce=asked.get("nonce"),
        )
        return _back(issuer, asked, code=code)

    return routes


def _client(issuer: Issuer, asked: Mapping[str, str]) -> Client | None:
    client = issuer.people.client(asked.get("client_id", ""))
    return client if client is not None and client.may_redirect_to(asked.get("redirect_uri", "")) else None


def _wrong(asked: Mapping[str, str]) -> tuple[str, str] | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type", "Only the code flow is offered."
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope", "The scope must contain openid."
    if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != _CHALLENGE_LENGTH:
        return "invalid_request", "PKCE with S256 is required."
    if not asked.get("state") or not asked.get("nonce"):
        return "invalid_request", "state and nonce are required."
    if not asked["nonce"].isprintable():
        return "invalid_request", "nonce is printable text."
    return None


def _back(issuer: Issuer, asked: Mapping[str, str], **said: str) -> RedirectResponse:
    said |= {"state": asked["state"]} if asked.get("state") else {}
    # `iss` says who answers (RFC 9207): a client of two issuers can't be led to mix them up.
    address = f"{asked['redirect_uri']}?{urlencode(said | {'iss': issuer.url})}"
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def _form_token(issuer: Issuer, asked: Mapping[str, str]) -> str:
    """What was asked, signed and short-lived: the form can't be made or altered by another site."""
    kept = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
    payload: dict[str, Any] = {name: asked[name] for name in kept}
    payload["until"] = (issuer.clock() + FORM_LIFE).timestamp()
    return jwt.encode(payload, issuer.form_secret, algorithm="HS256")


def _read_form_token(issuer: Issuer, token: str) -> dict[str, Any] | None:
    try:
        asked = jwt.decode(token, issuer.form_secret, algorithms=["HS256"])
    except jwt.PyJWTError:
        return None
    return asked if asked.pop("until") > issuer.clock().timestamp() else None


def _not_registered() -> Response:
    return message_page(
        "Unknown address", "The program that sent you here is not registered with this address.", status=400
    )
