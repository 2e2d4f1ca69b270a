"""The door of the desk: what every page goes through, in this order.

session -> (a form: from our own page?) -> a token that is good -> the view -> headers. Views see only a `Visit`; none
of them can forget the rest. Without a session a page leads to the log-in and back, a form says that it was too late.
"""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, Final

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile

from contracts.refusal import Unavailable
from infra.chassis.ids import RandomIds
from services.desk.calls.api import Away, LoggedOut, SaidNo
from services.desk.calls.calls import Calls, calling
from services.desk.desk import Desk
from services.desk.look.navigation import navigation
from services.desk.session.sessions import Session, Who
from services.desk.words.languages import Language, wanted

LONGEST_FIELD: Final = 20_000
_IDS: Final = RandomIds()


class Form(Mapping[str, str]):
    """What a form sent: texts, trimmed. A field that is missing is empty."""

    def __init__(self, sent: FormData) -> None:
        self._sent = sent

    def __getitem__(self, name: str) -> str:
        given = self._sent.get(name, "")
        return given.strip()[:LONGEST_FIELD].replace("\0", "") if isinstance(given, str) else ""

    def __iter__(self) -> Iterator[str]:
        return iter(self._sent)

    def __len__(self) -> int:
        return len(self._sent)

    def whole(self, name: str) -> str:
        """As it was sent, however long."""
        given = self._sent.get(name, "")
        return given if isinstance(given, str) else ""

    def file(self, name: str) -> UploadFile | None:
        """What was chosen in a field for a file."""
        given = self._sent.get(name)
        return given if isinstance(given, UploadFile) and given.filename else None

    @property
    def version(self) -> int:
        """The version that was read; 0, which no record that was changed has, if the form was tampered with."""
        return int(self["version"]) if self["version"].isdecimal() and len(self["version"]) < 10 else 0

    def many(self, name: str) -> list[str]:
        """All values of a group of boxes."""
        return [given for given in self._sent.getlist(name) if isinstance(given, str)]


@dataclass
class Visit:
    """One person looking at one page."""

    desk: Desk
    session: Session
    calls: Calls
    path: str
    form: Form = field(default_factory=lambda: Form(FormData()))
    language: str = "en"

    @property
    def who(self) -> Who:
        return self.session.who

    @property
    def words(self) -> Language:
        return self.desk.languages[self.language]

    @property
    def now(self) -> datetime:
        """By the reader's clock."""
        return self.desk.clock().astimezone(self.words.zone)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page with everything that all pages show."""
        return self.desk.pages.render(
            self.language,
            template,
            status,
            who=self.who,
            path=self.path,
            form_token=self.desk.secrecy.form_token(self.session.secret),
            navigation=navigation(self.who, self.path),
            once=_once,
            **values,
        )

    def go(self, path: str) -> RedirectResponse:
        """On to a page of ours, after a form was dealt with."""
        return RedirectResponse(path, 303)


class Door(APIRoute):
    """The route class of every page that is somebody's: `APIRouter(route_class=Door)`."""

    async def sent(self, request: Request) -> FormData:
        """What the form holds."""
        return await request.form()

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            started = perf_counter()
            desk: Desk = request.app.state.desk
            session = await found(desk, request, noting=by_hand(request))
            if session is None:
                return await turned_away(desk, request)
            form = Form(FormData())
            if request.method == "POST":
                form = Form(await self.sent(request))
                if not of_our_own_page(desk, request, session, form):
                    return simple(desk, request, "look/foreign_form.html", 403)
            fresh = await desk.sessions.fresh(session)
            if fresh is None:
                return await turned_away(desk, request)
            visit = visiting(desk, request, fresh, form)
            request.state.visit = visit
            response = await answered(visit, inner, request)
            response.headers.setdefault("Cache-Control", "no-store")
            tally, spent = visit.calls.tally, perf_counter() - started
            response.headers["Server-Timing"] = f'page;dur={spent * 1000:.1f}, api;desc="{tally.calls} calls"'
            return response

        return handle


def by_hand(request: Request) -> bool:
    """Whether somebody opens a page or sends a form, not the script of a page that lies open."""
    return request.headers.get("sec-fetch-mode", "navigate") == "navigate"


async def found(desk: Desk, request: Request, *, noting: bool = True) -> Session | None:
    """The session that the browser holds, if it is not over."""
    secret = desk.cookies.read(request, desk.cookies.session)
    return await desk.sessions.find(secret, noting=noting) if secret else None


def of_our_own_page(desk: Desk, request: Request, session: Session, form: Form) -> bool:
    """Both: the browser says that the form was on a page of ours, and the form holds this session's token."""
    origin = request.headers.get("origin")
    return origin == desk.settings.origin and desk.secrecy.is_form_token(session.secret, form["form_token"])


def visiting(desk: Desk, request: Request, session: Session, form: Form) -> Visit:
    """A visit; the calls it makes carry the session's token."""
    settings, token = desk.settings, session.logged_in.access_token
    calls = calling(settings.addresses, desk.client, token, settings.call_seconds, traces=settings.traces_url or "")
    language = session.language or wanted(request.headers.get("accept-language", ""))
    return Visit(desk, session, calls, request.url.path, form, language)


async def answered(
    visit: Visit, inner: Callable[[Request], Coroutine[Any, Any, Response]], request: Request
) -> Response:
    """The view's answer, or a page that says why there is none."""
    try:
        return await inner(request)
    except LoggedOut:
        await visit.desk.sessions.end(visit.session)
        return await turned_away(visit.desk, request)
    except SaidNo as no:
        template = {403: "look/not_yours.html", 404: "look/not_found.html", 503: "look/stale.html"}.get(
            no.status, "look/said_no.html"
        )
        return visit.page(template, no.status, no=no)
    except Away as away:
        return visit.page("look/away.html", 503, service=away.service)


async def turned_away(desk: Desk, request: Request) -> Response:
    """To the log-in and back to this page; a form can't come back, so it is said what happened to it."""
    if request.method != "GET" or not by_hand(request):
        return simple(desk, request, "look/too_late.html", 401)
    try:
        return await desk.to_log_in(request, wanted(request.headers.get("accept-language", "")))
    except Unavailable:
        return simple(desk, request, "look/no_log_in.html", 503)


def simple(desk: Desk, request: Request, template: str, status: int, **values: Any) -> HTMLResponse:
    """A page for nobody in particular."""
    response = desk.pages.render(
        wanted(request.headers.get("accept-language", "")), template, status, path=request.url.path, **values
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _once() -> str:
    """A key for one form: sent twice, it acts once."""
    return str(_IDS.random())


async def _visit(request: Request) -> Visit:
    visit: Visit = request.state.visit
    return visit


Visiting: Any = Depends(_visit)
"""Default of a view's parameter `visit: Visit`."""
