"""Fills in a log-in page as a browser without scripts does: one form with a name and a password, cookies of its own.

Works on any issuer's page that is such a form, the embedded issuer's and Keycloak's. Knows no tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

_TYPED = ("text", "email")


@dataclass(frozen=True, slots=True)
class Form:
    """A form that asks for a name and a password."""

    action: str
    name_field: str
    password_field: str
    hidden: Mapping[str, str] = field(repr=False)

    def filled_in(self, name: str, password: str) -> dict[str, str]:
        """What the browser would send."""
        return {**self.hidden, self.name_field: name, self.password_field: password}


def form_on(page: httpx.Response) -> Form | None:
    """The first form of the page that takes a password; None if there is none."""
    reader = _Forms()
    reader.feed(page.text)
    for action, inputs in reader.found:
        typed = [name for name, kind, _ in inputs if kind in _TYPED]
        secret = [name for name, kind, _ in inputs if kind == "password"]
        if typed and secret:
            hidden = {name: value for name, kind, value in inputs if kind == "hidden"}
            return Form(urljoin(str(page.url), action), typed[0], secret[0], hidden)
    return None


class _Forms(HTMLParser):
    """Every form with (name, type, value) of its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((named.get("action", ""), []))
        elif tag == "input" and self.found and named.get("name"):
            self.found[-1][1].append((named["name"], named.get("type", "text"), named.get("value", "")))


class Browser:
    """Sends requests of one log-in. Its cookies are its own: a client that several people share mixes nobody up.

    Like a browser it gives `Secure` cookies back to this machine over plain HTTP too, which `httpx` would not.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._cookies: dict[tuple[str, int | None], dict[str, str]] = {}

    async def send(self, method: str, url: str, **more: Any) -> httpx.Response:
        """The answer itself: a redirect is read, not followed. Raises `httpx.HTTPError`."""
        request = self._http.build_request(method, url, **more)
        kept = self._cookies.setdefault((request.url.host, request.url.port), {})
        request.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
        answer = await self._http.send(request, follow_redirects=False)
        for header in answer.headers.get_list("set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            kept[name.strip()] = value.strip()
        self._http.cookies.clear()  # the shared client's own
        return answer
