"""D1: a page of the desk, from request to last byte with all its API calls, p95 against the bound of 100 ms.

On the demo region, made first; then desk, services and workers run as their own processes. People of each kind follow
the links of their pages, one request at a time, so every page that somebody can reach is measured; one that nobody
reached is a fault of this benchmark.
"""

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx
from fastapi.routing import APIRoute

from benchmarks.result import Result
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.log_in_page import Browser, form_on
from infra.demo.build import build
from infra.demo.scene import YEAR
from infra.demo.size import FULL, Size
from infra.onebox.box import box
from infra.onebox.layout import PEOPLE, Box
from infra.onebox.ports import free_port
from infra.story.cast import Region
from services.desk.app import ROUTERS

BOUND: Final = 100.0
"""Milliseconds."""
ROUNDS: Final = 12
OF_ONE_KIND: Final = 8
"""Different records that each person looks at on each kind of page."""
STAFF: Final = ("jonas", "ken", "vera", "hanna", "opal")
STREAMS: Final = frozenset({"/inbox/live"})
"""Never end, so they have no last byte."""
UNLINKED: Final = ("/inbox/list",)
"""What the script of a page asks for."""


async def measure(size: Size = FULL) -> list[Result]:
    """A line per page, the slowest first."""
    folder, port = Path(tempfile.mkdtemp(prefix="lotse-bench-")) / "box", free_port()
    async with (
        box(folder, port=port, behind=timedelta(days=YEAR)) as made,
        httpx.AsyncClient(timeout=30) as http,
    ):
        region = Region(made, http, patience=60, pause=0.15)
        began = made.runtimes["intake"].clock.business()
        await build(region, folder, size, began)
    async with box(folder, port=port, apart=True, keep=False) as made, httpx.AsyncClient(timeout=30) as http:
        seen = await looked_at(made, http)
    return results(seen)


@dataclass
class Seen:
    """A kind of page: what looking at it took."""

    milliseconds: list[float] = field(default_factory=list)
    calls: set[int] = field(default_factory=set)


def results(seen: dict[str, Seen]) -> list[Result]:
    """Raises AssertionError if a page of the desk was not among them."""
    if missing := {page.path for page in _pages()} - STREAMS - seen.keys():
        raise AssertionError(f"nobody reached {', '.join(sorted(missing))}")
    lines = [
        Result("D1", f"{page}, {_range(one.calls)}, p95", p95(one.milliseconds), BOUND, "ms", 1.0, at_most=True)
        for page, one in seen.items()
    ]
    return sorted(lines, key=lambda line: -line.ours)


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def _range(calls: set[int]) -> str:
    low, high = min(calls), max(calls)
    return f"{low} calls" if low == high else f"{low}-{high} calls"


async def looked_at(made: Box, http: httpx.AsyncClient) -> dict[str, Seen]:
    """Kind of page -> what it took."""
    seen: dict[str, Seen] = defaultdict(Seen)
    people = [(name, load_people(PEOPLE).password) for name in STAFF]
    jonas = await Region(made, http).as_("jonas")
    mine = await _told(jonas.get("intake", "/v1/participants", params={"mine": True}))
    codes = await _told(jonas.post("intake", f"/v1/participants/{mine['items'][0]['id']}/login-code"))
    for name, secret in [*people, (codes["reference"], codes["code"])]:
        browser = Browser(http)
        await log_in(browser, made.desk, name, secret)
        found = await followed(browser, made.desk)
        for _ in range(ROUNDS):
            for page, addresses in found.items():
                for address in addresses:
                    started = perf_counter()
                    answer = await browser.send("GET", address)
                    spent = perf_counter() - started
                    seen[page].milliseconds.append(spent * 1000)
                    seen[page].calls.add(calls_of(answer))
    return seen


async def log_in(browser: Browser, desk: str, name: str, secret: str) -> None:
    """From the desk to the issuer and back."""
    asked = await _through(browser, "GET", f"{desk}/inbox")
    form = form_on(asked)
    assert form is not None, asked.text
    page = await _through(browser, "POST", form.action, data=form.filled_in(name, secret))
    assert page.status_code == 200, page.text


async def followed(browser: Browser, desk: str) -> dict[str, list[str]]:
    """Kind of page -> addresses, by the links of the pages themselves. Refusals are left out: they are no pages."""
    found: dict[str, list[str]] = defaultdict(list)
    waiting, known = [f"{desk}/inbox", f"{desk}/mine", *(f"{desk}{path}" for path in UNLINKED)], set[str]()
    while waiting:
        address = waiting.pop(0)
        page = kind_of(urlsplit(address).path)
        if page is None or address in known or page in STREAMS or len(found[page]) == OF_ONE_KIND:
            continue
        known.add(address)
        answer = await browser.send("GET", address)
        if answer.status_code == 200:
            found[page].append(address)
            waiting += [urljoin(address, link) for link in links(answer.text)]
    return {page: addresses for page, addresses in found.items() if addresses}


def links(html: str) -> Iterator[str]:
    """Of this site; each once."""
    yield from (unescape(link) for link in dict.fromkeys(re.findall(r'<a [^>]*href="(/[^"]*)"', html)))


def kind_of(path: str) -> str | None:
    """The page's route, or None for what is no page of the desk."""
    return next((page.path for page in _pages() if page.path_regex.match(path)), None)


def calls_of(answer: httpx.Response) -> int:
    """How many API calls it took, as the desk says itself."""
    assert answer.status_code == 200, answer.text
    told = re.search(r'desc="(\d+) calls"', answer.headers.get("server-timing", ""))
    assert told is not None, answer.headers
    return int(told[1])


def _pages() -> list[APIRoute]:
    """In the order in which the desk looks for them."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return [route for route in routes if "GET" in (route.methods or ())]


async def _through(browser: Browser, method: str, url: str, **more: Any) -> httpx.Response:
    """Redirects followed to the end."""
    answer = await browser.send(method, url, **more)
    while answer.is_redirect:
        url = urljoin(url, answer.headers["location"])
        answer = await browser.send("GET", url)
    return answer


async def _told(asked: Any) -> Any:
    answer = (await asked).raise_for_status()
    return answer.json()
