"""What can go wrong, or be tried, between the log-in page and the token."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from infra.chassis.identity.embedded.issuer import challenge_of
from tests.integration.identity.conftest import CODE, REFERENCE, Region
from tests.support.identity import ISSUER

BACK = "http://127.0.0.1:5000/callback"
VERIFIER = "a-verifier-that-is-long-enough-for-the-rfc-0123456789"
ASKED = {
    "response_type": "code",
    "client_id": "lotse-cli",
    "redirect_uri": BACK,
    "scope": "openid",
    "state": "a-state",
    "nonce": "a-nonce",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


async def page(region: Region, **other: str | None) -> httpx.Response:
    asked = {name: value for name, value in (ASKED | other).items() if value is not None}
    return await region.http.get(f"{ISSUER}/authorize", params=asked)


def request_token(shown: httpx.Response) -> str:
    found = re.search(r'name="request" value="([^"]+)"', shown.text)
    assert found is not None
    return found[1]


async def answer(region: Region, request: str, secret: str | None = None, **headers: str) -> httpx.Response:
    form = {"request": request, "username": "jonas", "secret": secret or region.people.password}
    return await region.http.post(f"{ISSUER}/authorize", data=form, headers=headers)


async def code(region: Region, **other: str | None) -> str:
    sent = await answer(region, request_token(await page(region, **other)))
    assert sent.status_code == 303
    return parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]


async def redeem(region: Region, given: str, **other: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": "lotse-cli",
        "redirect_uri": BACK,
        "code": given,
        "code_verifier": VERIFIER,
    }
    return await region.http.post(f"{ISSUER}/token", data=form | other)


async def refresh(region: Region, token: str, **other: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": "lotse-cli", "refresh_token": token}
    return await region.http.post(f"{ISSUER}/token", data=form | other)


async def test_the_way_back_carries_state_and_issuer(region: Region) -> None:
    sent = await answer(region, request_token(await page(region)))
    back = urlsplit(sent.headers["location"])
    said = parse_qs(back.query)
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    assert (said["state"], said["iss"]) == (["a-state"], [ISSUER])
    given = (await redeem(region, said["code"][0])).json()
    assert jwt.decode(given["id_token"], options={"verify_signature": False})["nonce"] == "a-nonce"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/callback",
        "http://127.0.0.1:5000/other",
        "http://127.0.0.1:5000@evil.example/callback",
        None,
    ],
)
async def test_nobody_is_sent_to_an_unregistered_address(region: Region, elsewhere: str | None) -> None:
    for other in ({}, {"response_type": "token"}, {"code_challenge": None}):
        shown = await page(region, redirect_uri=elsewhere, **other)
        assert shown.status_code == 400
        assert "location" not in shown.headers
    assert (await page(region, client_id="<script>")).status_code == 400


@pytest.mark.parametrize(
    ("missing", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
    ],
    ids=str,
)
async def test_an_incomplete_request_goes_back_with_an_error(
    region: Region, missing: dict[str, str | None], error: str
) -> None:
    shown = await page(region, **missing)
    assert shown.status_code == 303
    assert shown.headers["location"].startswith(f"{BACK}?")
    assert parse_qs(urlsplit(shown.headers["location"]).query)["error"] == [error]


async def test_a_wrong_verifier_gets_nothing_and_burns_the_code(region: Region) -> None:
    given = await code(region)
    refused = await redeem(region, given, code_verifier=VERIFIER + "x")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await redeem(region, given)).json()["error"] == "invalid_grant"
    assert (await redeem(region, await code(region), code_verifier="")).json()["error"] == "invalid_grant"


async def test_a_code_used_twice_ends_the_session_it_opened(region: Region) -> None:
    given = await code(region)
    tokens = (await redeem(region, given)).json()
    assert (await redeem(region, given)).json()["error"] == "invalid_grant"
    assert (await refresh(region, tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_lives_a_minute(region: Region) -> None:
    given = await code(region)
    region.clock.move(seconds=60)
    assert (await redeem(region, given)).json()["error"] == "invalid_grant"


async def test_a_code_belongs_to_its_client_and_address(region: Region) -> None:
    desk = {"client_id": "lotse-desk", "client_secret": region.secret_of("lotse-desk")}
    assert (await redeem(region, await code(region), **desk)).json()["error"] == "invalid_grant"
    other_port = {"redirect_uri": "http://127.0.0.1:5001/callback"}
    assert (await redeem(region, await code(region), **other_port)).json()["error"] == "invalid_grant"
    for_desk = await code(region, client_id="lotse-desk")
    without_secret = await redeem(region, for_desk, client_id="lotse-desk")
    assert (without_secret.status_code, without_secret.json()["error"]) == (401, "invalid_client")
    assert (await redeem(region, for_desk, **desk)).status_code == 200


async def test_a_refresh_token_is_good_once_and_a_second_use_ends_the_session(region: Region) -> None:
    first = (await redeem(region, await code(region))).json()["refresh_token"]
    second = (await refresh(region, first)).json()["refresh_token"]
    third = (await refresh(region, second)).json()["refresh_token"]
    assert len({first, second, third}) == 3
    assert (await refresh(region, first)).json()["error"] == "invalid_grant"
    assert (await refresh(region, third)).json()["error"] == "invalid_grant", "somebody has a stolen copy"


async def test_a_refresh_token_belongs_to_its_client(region: Region) -> None:
    token = (await redeem(region, await code(region))).json()["refresh_token"]
    desk = {"client_id": "lotse-desk", "client_secret": region.secret_of("lotse-desk")}
    assert (await refresh(region, token, **desk)).json()["error"] == "invalid_grant"
    assert (await refresh(region, token)).status_code == 200


async def test_the_form_is_signed_short_lived_and_from_this_site(region: Region) -> None:
    token = request_token(await page(region))
    assert (await answer(region, token + "x")).status_code == 400
    assert (await answer(region, "")).status_code == 400
    made_up = jwt.encode(ASKED | {"until": 4_000_000_000}, "x" * 32, algorithm="HS256")
    assert (await answer(region, made_up)).status_code == 400
    assert (await answer(region, token, **{"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await answer(region, token, **{"Sec-Fetch-Site": "same-origin"})).status_code == 303
    region.clock.move(minutes=10)
    assert (await answer(region, token)).status_code == 400


async def test_logging_out_ends_the_session_and_leads_to_registered_addresses_only(region: Region) -> None:
    desk = {"client_id": "lotse-desk", "client_secret": region.secret_of("lotse-desk")}
    tokens = (await redeem(region, await code(region, client_id="lotse-desk"), **desk)).json()
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://evil.example/"}
    shown = await region.http.get(f"{ISSUER}/logout", params=asked)
    assert (shown.status_code, "location" in shown.headers) == (200, False)
    assert (await refresh(region, tokens["refresh_token"], **desk)).json()["error"] == "invalid_grant"
    asked["post_logout_redirect_uri"] = "http://127.0.0.1:7000/"
    assert (await region.http.get(f"{ISSUER}/logout", params=asked)).headers["location"] == "http://127.0.0.1:7000/"
    asked["id_token_hint"] = tokens["access_token"]
    assert (await region.http.get(f"{ISSUER}/logout", params=asked)).status_code == 400


async def test_a_wrong_secret_shows_the_page_again_with_the_error_first(region: Region) -> None:
    shown = await answer(region, request_token(await page(region)), secret="wrong")
    assert shown.status_code == 401
    assert "<title>Error: " in shown.text
    assert 'role="alert"' in shown.text
    assert (await answer(region, request_token(shown))).status_code == 303


async def test_the_page_is_readable_by_everybody_and_runs_nothing(region: Region) -> None:
    await region.enrol_amal()
    shown = await page(region, state='"><script>alert(1)</script>')
    assert "<script" not in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert '<html lang="en">' in shown.text
    assert "Job Centre" in shown.text
    assert "Jonas Berger" in shown.text
    assert REFERENCE not in shown.text
    assert CODE not in shown.text
    fields = Fields()
    fields.feed(shown.text)
    assert fields.seen >= {"username", "secret"}
    assert fields.unlabelled == []


class Fields(HTMLParser):
    """Which inputs people see, and which of them no label says what to put in."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.unlabelled: list[str] = []
        self._in_label = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._in_label = self._in_label or tag == "label"
        if tag == "input" and named.get("type") != "hidden":
            self.seen.add(named["name"] or "")
            if not self._in_label:
                self.unlabelled.append(str(named))

    def handle_endtag(self, tag: str) -> None:
        self._in_label = self._in_label and tag != "label"
