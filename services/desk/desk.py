"""Everything that the process of the desk needs: made once, passed down, closed in the end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

import httpx
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from infra.chassis import telemetry
from infra.chassis.clock import system_now
from services.desk.calls.client import Client
from services.desk.login.issuer import Issuer
from services.desk.look.pages import Pages
from services.desk.session.cookies import LOG_IN_LASTS, Cookies
from services.desk.session.secrecy import Secrecy, drawn
from services.desk.session.sessions import Sessions
from services.desk.settings import DeskSettings
from services.desk.words.languages import languages

LOG_IN: Final = "log-in"
_LONGEST_WAY_BACK: Final = 1000


class Desk:
    """Built by `opened`."""

    def __init__(self, settings: DeskSettings) -> None:
        self.settings = settings
        self.clock = system_now
        self.telemetry = telemetry.set_up("desk", settings.otlp_url)
        self.client = Client(self.telemetry)
        self.http = httpx.AsyncClient(timeout=settings.call_seconds)
        self.telemetry.watch_client(self.http)
        self.secrecy = Secrecy(settings.master_key.get_secret_value())
        self.issuer = Issuer(settings, http=self.http, clock=self.clock)
        self.sessions = Sessions(
            settings.database_url.get_secret_value(),
            self.secrecy,
            pool_size=settings.pool_size,
            clock=self.clock,
            idle=timedelta(minutes=settings.idle_minutes),
            longest=timedelta(hours=settings.session_hours),
            refresh=self.issuer.refresh,
        )
        self.cookies = Cookies(settings.tls)
        self.languages = languages(settings.time_zone)
        self.pages = Pages(self.languages)

    async def to_log_in(self, request: Request, language: str) -> Response:
        """To the issuer. What the way back must fit to goes along in a sealed cookie, and so does the page that was
        asked for: it is never read from an address, so nobody else can say where a log-in leads.

        Raises `Unavailable`.
        """
        state, nonce, verifier = drawn(), drawn(), drawn()
        address = await self.issuer.log_in_address(state=state, nonce=nonce, verifier=verifier, language=language)
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        kept = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "target": target if len(target) <= _LONGEST_WAY_BACK else "/",
            "until": (self.clock() + timedelta(seconds=LOG_IN_LASTS)).timestamp(),
        }
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        self.cookies.give(response, self.cookies.log_in, self.secrecy.seal_text(LOG_IN, kept), seconds=LOG_IN_LASTS)
        return response


@asynccontextmanager
async def opened(settings: DeskSettings) -> AsyncIterator[Desk]:
    """A desk that is closed in the end."""
    desk = Desk(settings)
    async with AsyncExitStack() as stack:
        stack.callback(desk.telemetry.close)
        stack.push_async_callback(desk.http.aclose)
        stack.push_async_callback(desk.client.close)
        await desk.sessions.open()
        stack.push_async_callback(desk.sessions.close)
        yield desk
