"""Every page goes through the door: nobody without a session, no form from elsewhere, the same headers everywhere."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import ValidationError

from infra.chassis.described import routes_of
from infra.chassis.identity.embedded.people import load_people
from infra.onebox.layout import PEOPLE
from services.desk.app import HEADERS, create_app
from services.desk.desk import opened
from services.desk.door import Door
from services.desk.login.views import open_router
from services.desk.settings import DeskSettings
from tests.support.desk import Visitor, at_the_desk
from tests.support.region import Region

OPEN = {"/healthz", "/readyz", "/metrics", "/look/{content}/{name}", "/", "/callback"}
"""What answers nobody in particular: whether the desk is well, its files, the way in."""


def settings_of(region: Region, **more: str) -> DeskSettings:
    """The region's desk, or one that differs from it."""
    lines = (region.box.folder / "desk.env").read_text().splitlines()
    values = {name.removeprefix("DESK_").lower(): value for name, _, value in (line.partition("=") for line in lines)}
    return DeskSettings.model_validate(values | more)


@asynccontextmanager
async def a_desk(region: Region, **more: str) -> AsyncIterator[FastAPI]:
    async with opened(settings_of(region, **more)) as desk:
        yield create_app(desk)


def pages(app: FastAPI, method: str) -> list[str]:
    """Paths behind the door, filled in."""
    return sorted(
        re.sub(r"\{[^}]+\}", str(UUID(int=7)), path)
        for path, route in routes_of(app.routes)
        if isinstance(route, APIRoute) and method in (route.methods or ()) and path not in OPEN
    )


async def test_every_page_is_behind_the_door(region: Region) -> None:
    async with a_desk(region) as app:
        found = {path: route for path, route in routes_of(app.routes) if isinstance(route, APIRoute)}

    assert {path for path, route in found.items() if not isinstance(route, Door)} == OPEN
    assert len(found) > len(OPEN) + 4, "the search sees the pages"
    assert {route.path for route in open_router.routes if isinstance(route, APIRoute)} <= OPEN


async def test_without_a_session_a_page_leads_to_the_log_in_and_a_form_is_refused(region: Region) -> None:
    async with a_desk(region) as app:
        gets, posts = pages(app, "GET"), pages(app, "POST")
    for path in gets:
        answer = await region.http.get(region.box.desk + path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith(f"{region.box.issuer}/authorize?"), path
    for path in posts:
        answer = await region.http.post(region.box.desk + path, headers={"Origin": region.box.desk})
        assert answer.status_code == 401, path
    region.http.cookies.clear()


async def test_a_form_from_elsewhere_does_nothing(region: Region) -> None:
    """Both are needed: the origin that the browser states, and the token of this very session."""
    jonas, mira = await at_the_desk(region, "jonas"), await at_the_desk(region, "mira")
    own = (await jonas.open("/inbox")).form("/log-out").fields["form_token"]
    foreign = (await mira.open("/inbox")).form("/log-out").fields["form_token"]
    here = {"Origin": region.box.desk}
    async with a_desk(region) as app:
        posts = pages(app, "POST")
    assert len(posts) > 2
    for path in posts:
        for token, headers in (
            ("", here),
            (foreign, here),
            (own[:-1] + ("0" if own[-1] != "0" else "1"), here),
            (own, {}),
            (own, {"Origin": "null"}),
            (own, {"Origin": "https://evil.example"}),
            (own, {"Origin": f"{region.box.desk}.evil.example"}),
        ):
            answer = await jonas.once("POST", region.box.desk + path, data={"form_token": token}, headers=headers)
            assert answer.status_code == 403, (path, token, headers)
    assert (await jonas.open("/inbox")).status == 200, "not even logged out"


async def test_all_answers_carry_the_headers_and_no_page_has_anything_inline(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    for path in ("/", "/inbox", "/inbox/list", "/nowhere", "/callback", "/healthz"):
        page = await jonas.open(path)
        for name, value in HEADERS.items():
            assert page.answer.headers[name] == value, (path, name)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page.html), path
    assert "'unsafe" not in HEADERS["Content-Security-Policy"]


async def test_files_may_be_kept_for_good_and_pages_not_at_all(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    page = await jonas.open("/inbox")
    [style] = re.findall(r'href="(/look/[^"]+\.css)"', page.html)

    assert "immutable" in (await jonas.open(style)).answer.headers["cache-control"]
    assert page.answer.headers["cache-control"] == "no-store"
    assert (await jonas.open("/look/000000000000/desk.css")).status == 404
    assert (await jonas.open("/look/..%2F/settings.py")).status == 404


async def test_on_this_machine_without_tls_cookies_have_plain_names(region: Region) -> None:
    given = await cookies_of_a_log_in(region, region.box.desk, region.http)

    assert set(given) == {"lotse-session", "lotse-log-in"}
    for attributes in given.values():
        assert {"httponly", "samesite=lax", "path=/"} <= attributes
        assert "secure" not in attributes


async def test_over_tls_cookies_are_bound_to_this_host(region: Region) -> None:
    async with a_desk(region, url="https://127.0.0.1:8443") as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://127.0.0.1:8443") as http:
            asked = await http.get("/inbox")
            name, _, rest = asked.headers["set-cookie"].partition("=")
            health = await http.get("/healthz")

    assert name == "__Host-lotse-log-in"
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
    assert not any(each.startswith("domain") for each in attributes)
    assert health.headers["strict-transport-security"].startswith("max-age=31536000")
    assert app.state.desk.cookies.session == "__Host-lotse-session"


@pytest.mark.parametrize(
    ("url", "environment"),
    [("http://desk.example", "demo"), ("http://127.0.0.1:8001", "production"), ("https://desk.example/path", "demo")],
)
async def test_no_desk_without_tls_but_a_demo_on_this_machine(region: Region, url: str, environment: str) -> None:
    with pytest.raises(ValidationError, match="https://"):
        settings_of(region, url=url, environment=environment)


async def test_a_foreign_name_for_this_machine_gets_nothing(region: Region) -> None:
    answer = await region.http.get(region.box.desk + "/", headers={"Host": "evil.example"})

    assert answer.status_code == 400


async def test_a_service_that_is_down_is_a_named_gap_and_not_the_end_of_the_page(region: Region) -> None:
    async with a_desk(region, notifications_url="http://127.0.0.1:1") as app:
        jonas = await at_the_desk(region, "jonas")
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=region.box.desk) as http:
            page = await http.get("/inbox", headers={"Cookie": f"lotse-session={jonas.own['lotse-session']}"})

    assert page.status_code == 200
    assert "“Messages” does not answer at the moment." in page.text
    assert "Jonas Berger" in page.text


async def cookies_of_a_log_in(region: Region, desk: str, http: httpx.AsyncClient) -> dict[str, set[str]]:
    """Name -> attributes of each cookie that the desk gives on the way through a log-in."""
    given: dict[str, set[str]] = {}

    async def note(answer: httpx.Response) -> None:
        if str(answer.url).startswith(desk):
            for header in answer.headers.get_list("set-cookie"):
                name, _, rest = header.partition("=")
                if "max-age=0" not in header.lower():
                    given[name] = {part.strip().lower() for part in rest.split(";")[1:]}

    async with httpx.AsyncClient(event_hooks={"response": [note]}) as noting:
        await Visitor(desk, noting).log_in("jonas", load_people(PEOPLE).password)
    return given
