"""The region's one origin, by the proxy itself with the file that compose mounts."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from infra.onebox.apart import ready, spawn, stop
from infra.onebox.box import listening
from infra.onebox.ports import free_port
from infra.realstack import compose
from tests.support.left_out import needs
from tests.support.source import ROOT

pytestmark = needs("caddy")

BEHIND = ("INTAKE", "MATCHING", "REFERRALS", "NOTIFICATIONS", "DESK", "KEYCLOAK", "JAEGER", "MAIL")


@dataclass(frozen=True)
class Proxy:
    origin: str
    operators: str


def named(name: str) -> Starlette:
    """Something behind the proxy that says who it is and what it was asked; `/stream` never ends."""

    async def answer(request: Request) -> JSONResponse:
        told = {"name": name, "path": request.url.path, "host": request.headers["host"]}
        own = {"Referrer-Policy": "same-origin"} if name == "DESK" else {}
        return JSONResponse(told, headers=own)

    async def stream(_: Request) -> StreamingResponse:
        async def forever() -> AsyncIterator[bytes]:
            yield b"data: first\n\n"
            await asyncio.sleep(3600)

        return StreamingResponse(forever(), media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/stream", stream), Route("/{path:path}", answer)])


@pytest.fixture(scope="module")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    ports = {name: free_port() for name in (*BEHIND, "ORIGIN", "OPERATORS_PORT", "HEALTH_PORT")}
    origin = f"http://127.0.0.1:{ports['ORIGIN']}"
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LOTSE_ORIGIN": origin,
        "LISTEN": "127.0.0.1",
        "OPERATORS_PORT": str(ports["OPERATORS_PORT"]),
        "HEALTH_PORT": str(ports["HEALTH_PORT"]),
        **{name: f"127.0.0.1:{ports[name]}" for name in BEHIND},
    }
    given = compose.read()["services"]["proxy"]["environment"]
    assert given.keys() == settings.keys() - {"PATH", "HOME"}, "compose gives the proxy what it needs, and no more"
    async with AsyncExitStack() as stack:
        for name in BEHIND:
            await stack.enter_async_context(listening(named(name), ports[name]))
        log = folder / "caddy.log"
        command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(ROOT / "infra/proxy/Caddyfile")]
        process = await spawn(command, settings, log)
        stack.push_async_callback(stop, [process])
        await ready(f"http://127.0.0.1:{ports['HEALTH_PORT']}/", process, log)
        yield Proxy(origin, f"http://127.0.0.1:{ports['OPERATORS_PORT']}")


async def got(url: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=10) as http:
        return await http.get(url)


@pytest.mark.parametrize("service", ["intake", "matching", "referrals", "notifications"])
async def test_a_service_is_found_under_its_name_and_does_not_see_it(proxy: Proxy, service: str) -> None:
    answer = (await got(f"{proxy.origin}/{service}/v1/things")).json()

    assert answer == {"name": service.upper(), "path": "/v1/things", "host": proxy.origin.removeprefix("http://")}


async def test_the_identity_provider_keeps_its_path(proxy: Proxy) -> None:
    answer = (await got(f"{proxy.origin}/identity/realms/lotse/.well-known/openid-configuration")).json()

    assert answer["name"] == "KEYCLOAK"
    assert answer["path"] == "/identity/realms/lotse/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "path",
    [
        "/intake/metrics",
        "/intake/readyz",
        "/notifications/healthz",
        "/identity/admin/",
        "/identity/admin/realms/lotse/users",
        "/identity/realms/master/account",
        "/Intake/metrics",
        "/intake/metrics/",
        "/intake/%6detrics",
        "/identity/admin;x/master/console/",
        "/identity/realms;x/master/account",
        "/identity/realms/master;x/account",
        "/identity/realms/lotse/%2e%2e/master/account",
        "/identity/realms/lotse/..%2f..%2fadmin/",
        "/identity/health/ready",
        "/mail/",
        "/api/traces",
    ],
)
async def test_what_is_for_operators_is_not_there_for_others(proxy: Proxy, path: str) -> None:
    """Nobody but the desk is asked, and the desk has no such page."""
    assert (await got(proxy.origin + path)).json()["name"] == "DESK"


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/metrics/", "/%6detrics", "/Metrics", "//metrics", "/x/../metrics"]
)
async def test_the_desks_health_and_figures_are_for_operators(proxy: Proxy, path: str) -> None:
    assert (await got(proxy.origin + path)).status_code == 404


@pytest.mark.parametrize("path", ["/", "/inbox", "/referrals", "/referrals/new", "/look/0/desk.css", "/callback"])
async def test_what_is_nobodys_api_is_a_page_of_the_desk(proxy: Proxy, path: str) -> None:
    answer = await got(proxy.origin + path)

    assert answer.json() == {"name": "DESK", "path": path, "host": proxy.origin.removeprefix("http://")}
    assert answer.headers["referrer-policy"] == "same-origin", "else a browser hides which page a form was on"


@pytest.mark.parametrize(
    "path", ["/intake/docs", "/intake/openapi.json", "/identity/resources/80l81/login/keycloak.v2/css/styles.css"]
)
async def test_what_is_for_everybody_is_there(proxy: Proxy, path: str) -> None:
    assert (await got(proxy.origin + path)).status_code == 200


async def test_operators_reach_traces_mails_and_administration_on_their_own_port(proxy: Proxy) -> None:
    for path, name in (("/api/traces", "JAEGER"), ("/mail/", "MAIL"), ("/identity/admin/", "KEYCLOAK")):
        assert (await got(proxy.operators + path)).json()["name"] == name


async def test_no_other_name_leads_to_what_is_for_operators(proxy: Proxy) -> None:
    async with httpx.AsyncClient(timeout=10) as http:
        for path in ("/api/traces", "/mail/", "/identity/admin/"):
            answer = await http.get(proxy.operators + path, headers={"Host": "elsewhere.example"})
            assert answer.text == ""


async def test_a_stream_arrives_as_it_is_sent(proxy: Proxy) -> None:
    async with (
        httpx.AsyncClient(timeout=10) as http,
        http.stream("GET", f"{proxy.origin}/notifications/v1/stream") as line,
    ):
        first = await anext(line.aiter_bytes())

    assert first == b"data: first\n\n"


async def test_another_host_name_is_nobody_here(proxy: Proxy) -> None:
    async with httpx.AsyncClient(timeout=10) as http:
        answer = await http.get(f"{proxy.origin}/intake/v1/things", headers={"Host": "elsewhere.example"})

    assert b"INTAKE" not in answer.content


async def test_answers_say_nothing_of_the_proxy_and_are_what_they_say(proxy: Proxy) -> None:
    headers = (await got(f"{proxy.origin}/intake/v1/things")).headers

    assert "server" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
