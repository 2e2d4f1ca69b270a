"""Somebody at the desk with a browser without scripts: opens pages, fills in forms, follows redirects."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.log_in_page import form_on
from infra.onebox.layout import PEOPLE
from tests.support.region import Region

VOID: Final = frozenset({"input", "link", "meta", "br", "hr", "img"})


@dataclass
class Form:
    """A form of a page: where it goes, and what it would send as it stands."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Text and forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._open = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(named.get("method", "get"), named.get("action", "")))
            self._open = True
        if not self._open:
            return
        form = self.forms[-1]
        name, value = named.get("name", ""), named.get("value", "")
        if tag == "input" and name and (named.get("type") not in ("radio", "checkbox") or "checked" in named):
            form.fields[name] = value
        elif tag == "button":
            form.buttons.append(value)
        elif tag == "textarea" and name:
            form.fields.setdefault(name, "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in named or self._select not in form.fields):
            form.fields[self._select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(" ".join(data.split()))


@dataclass
class Page:
    """What was answered."""

    answer: httpx.Response
    forms: list[Form]
    text: str
    """All words of the page, without its tags."""

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def html(self) -> str:
        return self.answer.text

    @property
    def path(self) -> str:
        return urlsplit(str(self.answer.url)).path

    def form(self, action: str, **having: str) -> Form:
        """The form that goes there and stands so."""
        for each in self.forms:
            if each.action == action and having.items() <= each.fields.items():
                return each
        raise AssertionError(f"no form to {action} on {self.path}: {[each.action for each in self.forms]}\n{self.text}")

    def has_form(self, action: str) -> bool:
        return any(each.action == action for each in self.forms)


@dataclass
class Visitor:
    """One browser. Like a browser it gives `Secure` cookies back to this machine over plain HTTP, too."""

    desk: str
    http: httpx.AsyncClient
    language: str = "en"
    cookies: dict[tuple[str, int | None], dict[str, str]] = field(default_factory=dict)

    async def open(self, path: str, **more: Any) -> Page:
        """A page, redirects followed."""
        return await self.through("GET", urljoin(self.desk, path), **more)

    async def send(self, page: Page, action: str, having: dict[str, str] | None = None, **fields: str) -> Page:
        """A form of the page, filled in, as its button would send it."""
        form = page.form(action, **(having or {}))
        return await self.through(
            "POST", urljoin(self.desk, action), data={**form.fields, **fields}, headers={"Origin": self.desk}
        )

    async def through(self, method: str, url: str, **more: Any) -> Page:
        """Follow redirects to the end."""
        answer = await self.once(method, url, **more)
        for _ in range(10):
            if not answer.is_redirect:
                break
            answer = await self.once("GET", urljoin(url, answer.headers["location"]))
            url = str(answer.url)
        return page_of(answer)

    async def once(self, method: str, url: str, **more: Any) -> httpx.Response:
        """One request and its answer, a redirect included."""
        request = self.http.build_request(method, url, **more)
        kept = self.cookies.setdefault((request.url.host, request.url.port), {})
        request.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
        request.headers.setdefault("accept-language", self.language)
        answer = await self.http.send(request, follow_redirects=False)
        for header in answer.headers.get_list("set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            kept[name.strip()] = value.strip().strip('"')
            if not kept[name.strip()]:
                del kept[name.strip()]
        self.http.cookies.clear()
        return answer

    @property
    def own(self) -> dict[str, str]:
        """The desk's cookies."""
        parts = urlsplit(self.desk)
        return self.cookies.setdefault((parts.hostname or "", parts.port), {})

    async def log_in(self, username: str, secret: str, at: str = "/inbox") -> Page:
        """Open a page, fill in the issuer's form, come back to the page."""
        asked = await self.open(at)
        form = form_on(asked.answer)
        assert form is not None, asked.text
        return await self.through("POST", form.action, data=form.filled_in(username, secret))


def page_of(answer: httpx.Response) -> Page:
    reader = _Reader()
    reader.feed(answer.text)
    return Page(answer, reader.forms, " ".join(reader.words))


async def at_the_desk(region: Region, username: str, secret: str | None = None, *, language: str = "en") -> Visitor:
    """Somebody of the demo, or a participant with both codes, who has logged in at the desk."""
    visitor = Visitor(region.box.desk, region.http, language)
    page = await visitor.log_in(username, secret or load_people(PEOPLE).password)
    assert page.path == "/inbox", page.text
    assert page.status == 200, page.text
    return visitor
