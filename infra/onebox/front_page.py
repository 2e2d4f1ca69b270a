"""The first page of a region on one machine: where everything is. Plain HTML, works without JavaScript and offline."""

from collections.abc import Awaitable, Callable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from infra.onebox.layout import Box

Page = Callable[[Request], Awaitable[HTMLResponse]]


def front_page(made: Box) -> Page:
    """A list of addresses; names nobody."""
    places = [
        ("the desk: begin here", f"{made.desk}/"),
        *((f"{name}: OpenAPI", f"{address}/openapi.json") for name, address in made.addresses.items()),
        ("traces, newest first", f"{made.traces}/api/traces"),
        ("mails that were caught", f"{made.origin}/mail/"),
        ("identity provider", f"{made.issuer}/.well-known/openid-configuration"),
    ]

    async def page(_: Request) -> HTMLResponse:
        links = "".join(f'<li><a href="{escape(url)}">{escape(name)}</a></li>' for name, url in places)
        return HTMLResponse(
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            "<title>Lotse on this machine</title><h1>Lotse on this machine</h1>"
            f"<p>A region with four services. Everything here is for this machine only.</p><ul>{links}</ul></html>"
        )

    return page
