"""The desk as an app: its pages, its files, whether it is well, and the headers that every answer carries."""

from collections.abc import Mapping
from typing import Final

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.chassis.metrics import CONTENT_TYPE
from services.desk.desk import Desk
from services.desk.door import simple
from services.desk.login import views as login
from services.desk.look.pages import FILES
from services.desk.pages.audit import views as audit
from services.desk.pages.case_file import appointments, documents, letters
from services.desk.pages.case_file import views as case_file
from services.desk.pages.consents import views as consents
from services.desk.pages.imports import views as imports
from services.desk.pages.inbox import views as inbox
from services.desk.pages.interview import two_languages
from services.desk.pages.interview import views as interview
from services.desk.pages.journey import deeds as on_journey
from services.desk.pages.journey import views as journey
from services.desk.pages.mine import views as mine
from services.desk.pages.needs import views as needs
from services.desk.pages.operations import views as operations
from services.desk.pages.participant import deeds
from services.desk.pages.participant import views as participant
from services.desk.pages.participants import views as participants
from services.desk.pages.placements import views as placements
from services.desk.pages.referrals import views as referrals
from services.desk.pages.registration import views as registration
from services.desk.pages.rights import views as rights
from services.desk.pages.traces import views as traces
from services.desk.pages.work_rights import views as work_rights

log = structlog.get_logger()

LARGEST_FORM: Final = 200_000
"""Bytes; a file comes by a door of its own (`pages/imports`)."""
HEADERS: Final = {
    # No inline script, no inline style, nothing from elsewhere, no frame, no form to elsewhere.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Same-origin, so that a form tells its origin; pages elsewhere learn nothing of ours.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TLS_ONLY: Final = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

ROUTERS: Final = (
    login.router,
    inbox.router,
    participants.router,
    imports.router,
    registration.router,  # before the page of somebody: "new" is nobody's id
    participant.router,
    deeds.router,
    case_file.router,
    documents.file_router,
    documents.router,
    appointments.router,
    letters.router,
    consents.router,
    needs.router,
    interview.router,
    two_languages.router,
    referrals.router,
    journey.router,
    on_journey.router,
    placements.router,
    work_rights.router,
    rights.router,
    mine.router,
    audit.router,
    operations.router,
    traces.router,
)
"""Behind the door: somebody's pages."""
health = APIRouter(include_in_schema=False)
files = APIRouter(include_in_schema=False)


class Headed:
    """Puts the headers on every answer, streams included."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    given.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, headed)


def create_app(desk: Desk) -> FastAPI:
    """The app over an opened desk."""
    app = FastAPI(
        title="Lotse desk",
        openapi_url=None,
        telemetry=desk.telemetry.for_fastapi(),
        redirect_slashes=False,
        max_body_size=LARGEST_FORM,
    )
    app.state.desk = desk
    for router in (health, files, login.open_router, *ROUTERS):
        app.include_router(router)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(Exception, _unexpected)

    app.add_middleware(Headed, headers=HEADERS | ({TLS_ONLY[0]: TLS_ONLY[1]} if desk.settings.tls else {}))
    # A foreign name that resolves to this machine (DNS rebinding) gets nothing.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[desk.settings.host_name, "127.0.0.1", "localhost"])
    return app


@health.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "alive"}


@health.get("/readyz")
async def readyz(request: Request, response: Response) -> dict[str, str]:
    """Ready while its own database answers; a service that is down is a gap on a page, not the desk's end."""
    found = await _look(request.app.state.desk)
    response.status_code = 200 if found == "ok" else 503
    return {"database": found}


@health.get("/metrics")
async def metrics(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    desk.telemetry.metrics.dependency_up.labels("database").set(await _look(desk) == "ok")
    return Response(desk.telemetry.metrics.render(), media_type=CONTENT_TYPE)


@files.get("/look/{content}/{name}")
async def file(content: str, name: str, request: Request) -> Response:
    """A file that browsers may keep for good: its address changes with it."""
    desk: Desk = request.app.state.desk
    if name not in FILES or desk.pages.address(name) != f"/look/{content}/{name}":
        raise HTTPException(404)
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(desk.pages.files[name], 200, kept, FILES[name])


async def _look(desk: Desk) -> str:
    try:
        await desk.sessions.answer()
    except Exception as error:
        return type(error).__name__
    return "ok"


async def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return simple(request.app.state.desk, request, "look/not_found.html", status)


async def _unexpected(request: Request, error: Exception) -> Response:
    route = getattr(request.scope.get("route"), "path", "unknown")
    log.error("unexpected failure", route=route, error=type(error).__name__)
    response = simple(request.app.state.desk, request, "look/unexpected.html", 500)
    response.headers.update(HEADERS)  # made outside of all that is wrapped around the app
    return response
