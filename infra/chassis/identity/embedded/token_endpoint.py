"""`/token`, `/logout` and `/userinfo`. Answers and errors are those of OAuth 2.0 and OpenID Connect."""

from base64 import b64decode
from typing import Any, Final
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from infra.chassis.identity.embedded.codes import same
from infra.chassis.identity.embedded.issuer import GrantRefused, Issuer
from infra.chassis.identity.embedded.pages import message_page
from infra.chassis.identity.embedded.people import Client
from infra.chassis.identity.embedded.tokens import AUDIENCE

_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}

Form = dict[str, str]


def token_routes(issuer: Issuer) -> APIRouter:
    """Routes for clients, not for people."""
    routes = APIRouter()

    @routes.post("/token")
    async def token(request: Request) -> Response:
        """Exchange a code, a refresh token or the client's secret for tokens."""
        form = await _form(request)
        try:
            given = await _grant(issuer, _client(issuer, request, form), form)
        except GrantRefused as refused:
            return _refusal(refused)
        return JSONResponse(given, headers=_NO_STORE)

    @routes.get("/userinfo")
    async def userinfo(request: Request) -> Response:
        """Who the bearer of an access token is."""
        claims = (await issuer.mint()).read(bearer(request), issuer.clock(), typ="Bearer", audience=AUDIENCE)
        if claims is None:
            return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        told = {name: claims[name] for name in ("sub", "preferred_username", "agency") if name in claims}
        person = issuer.people.by_username(claims["preferred_username"])
        if person is not None:
            told |= {"name": person.name, "email": person.email, "locale": person.language}
        return JSONResponse(told, headers=_NO_STORE)

    @routes.get("/logout")
    async def log_out(request: Request) -> Response:
        """End the session that an ID token names (OpenID Connect RP-Initiated Logout)."""
        return await _log_out(issuer, dict(request.query_params))

    @routes.post("/logout")
    async def log_out_by_form(request: Request) -> Response:
        """The same by form, or with `refresh_token` for programs that kept no ID token."""
        form = await _form(request)
        if "refresh_token" not in form:
            return await _log_out(issuer, form)
        try:
            client = _client(issuer, request, form)
        except GrantRefused as refused:
            return _refusal(refused)
        sid = await issuer.store.session_of_refresh_token(form["refresh_token"])
        session = await issuer.store.session(sid, issuer.clock()) if sid else None
        if session is not None and session.client_id == client.client_id:
            await issuer.store.end_session(session.sid)
        return Response(status_code=204)

    return routes


def bearer(request: Request) -> str:
    """The bearer token of a request, or nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def _grant(issuer: Issuer, client: Client, form: Form) -> dict[str, Any]:
    match form.get("grant_type"):
        case "authorization_code":
            redirect_uri, verifier = form.get("redirect_uri", ""), form.get("code_verifier", "")
            return await issuer.redeem_code(client, form.get("code", ""), redirect_uri, verifier)
        case "refresh_token":
            return await issuer.refresh(client, form.get("refresh_token", ""))
        case "client_credentials":
            return await issuer.client_token(client, form.get("resource"))
    raise GrantRefused("unsupported_grant_type", "Offered: authorization_code, refresh_token, client_credentials.")


async def _log_out(issuer: Issuer, asked: Form) -> Response:
    mint = await issuer.mint()
    claims = mint.read(asked.get("id_token_hint", ""), issuer.clock(), typ="ID", audience=None, expired_too=True)
    if claims is None:
        return message_page("Not logged out", "The program didn't say whose session ends. Log out there.", status=400)
    await issuer.store.end_session(claims["sid"])
    client = issuer.people.client(claims["azp"])
    back = asked.get("post_logout_redirect_uri", "")
    if client is not None and client.may_redirect_after_logout(back):
        return RedirectResponse(back, status_code=303)
    return message_page("Logged out", "You are logged out. You can close this page.")


def _client(issuer: Issuer, request: Request, form: Form) -> Client:
    """The client that asks, proved by its secret if it has one (client_secret_basic or client_secret_post)."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given_id, _, given_secret = b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            raise GrantRefused("invalid_client", "The Authorization header can't be read.") from None
        client_id, secret = unquote_plus(given_id), unquote_plus(given_secret)
    client = issuer.people.client(client_id)
    if client is None or (client.secret is not None and not same(secret, client.secret)):
        raise GrantRefused("invalid_client", "The client is unknown or its secret is wrong.")
    return client


async def _form(request: Request) -> Form:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _refusal(refused: GrantRefused) -> JSONResponse:
    status = 401 if refused.error == "invalid_client" else 400
    headers = _NO_STORE | ({"WWW-Authenticate": 'Basic realm="lotse"'} if status == 401 else {})
    return JSONResponse({"error": refused.error, "error_description": refused.description}, status, headers)
