"""The way in and out: the first page, the way back from the issuer, and log-out. Nobody needs a session here."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from contracts.refusal import Unavailable
from infra.chassis.identity.oidc import Unauthenticated
from services.desk.desk import LOG_IN, Desk
from services.desk.door import Door, Visit, Visiting, found, simple
from services.desk.words.languages import SPOKEN

open_router = APIRouter(include_in_schema=False)
router = APIRouter(route_class=Door, include_in_schema=False)
HOME: Final = "/inbox"


@open_router.get("/")
async def welcome(request: Request) -> Response:
    """For whoever is logged in: the inbox. For everybody else what this is, and the way in."""
    desk: Desk = request.app.state.desk
    if await found(desk, request) is not None:
        return RedirectResponse(HOME, 303, {"Cache-Control": "no-store"})
    return simple(desk, request, "login/welcome.html", 200)


@open_router.get("/callback")
async def back(request: Request) -> Response:
    """Back from the issuer: only to the browser that set out, once, within ten minutes."""
    desk: Desk = request.app.state.desk
    told, cookies = request.query_params, desk.cookies
    kept = desk.secrecy.unseal_text(LOG_IN, cookies.read(request, cookies.log_in) or "")
    fits = kept is not None and kept["state"] == told.get("state") and kept["until"] > desk.clock().timestamp()
    if kept is None or not fits or told.get("iss", desk.settings.issuer) != desk.settings.issuer:
        return _failed(desk, request)
    try:
        logged_in = await desk.issuer.redeem(told.get("code", ""), nonce=kept["nonce"], verifier=kept["verifier"])
    except Unauthenticated:
        return _failed(desk, request)
    except Unavailable:
        return simple(desk, request, "look/no_log_in.html", 503)
    earlier = await found(desk, request, noting=False)
    if earlier is not None:
        await desk.sessions.end(earlier)
    session = await desk.sessions.begin(logged_in, earlier.language if earlier else None)
    target = kept["target"] if kept["target"] != "/" else HOME
    response = RedirectResponse(f"{desk.settings.origin}{target}", 303, {"Cache-Control": "no-store"})
    cookies.give(response, cookies.session, session.secret)
    cookies.take_back(response, cookies.log_in)
    return response


@router.post("/log-out")
async def log_out(request: Request, visit: Visit = Visiting) -> Response:
    """Ends the session here and at the issuer."""
    desk = visit.desk
    await desk.sessions.end(visit.session)
    everywhere = await desk.issuer.end(visit.session.logged_in)
    response = desk.pages.render(visit.language, "login/logged_out.html", path="/log-out", everywhere=everywhere)
    desk.cookies.take_back(response, desk.cookies.session)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/language")
async def choose_language(visit: Visit = Visiting) -> Response:
    """From now on in another language, on the page where one was."""
    if visit.form["language"] in SPOKEN:
        await visit.desk.sessions.speak(visit.session, visit.form["language"])
    return visit.go(_own(visit.form["page"]))


def _own(path: str) -> str:
    """A path of ours, or home: `//evil.example` and `/\\evil.example` would be read as another host."""
    return path if path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() else HOME


def _failed(desk: Desk, request: Request) -> Response:
    response = simple(desk, request, "login/failed.html", 400)
    desk.cookies.take_back(response, desk.cookies.log_in)
    return response
