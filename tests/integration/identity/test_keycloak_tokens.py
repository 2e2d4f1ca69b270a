"""Tokens of a real Keycloak: what they say, who gets one, and which ones our verifier takes."""

import base64
import hmac
import json
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from contracts.refusal import Unavailable
from contracts.vocabulary import Role
from infra.chassis.clock import system_now
from infra.chassis.identity.embedded.issuer import challenge_of
from infra.chassis.identity.login import REDIRECT_URI
from infra.chassis.identity.oidc import TokenVerifier, Unauthenticated
from infra.chassis.identity.principal import Kind
from tests.integration.identity.keycloak import Listening, Realm
from tests.support.left_out import needs

pytestmark = needs("java", "mvn")

ASKED = {
    "response_type": "code",
    "client_id": "lotse-cli",
    "redirect_uri": REDIRECT_URI,
    "scope": "openid",
    "state": "a-state",
    "code_challenge": challenge_of("a-verifier-that-is-long-enough-for-the-rfc-0123456789"),
    "code_challenge_method": "S256",
}


def said(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


async def test_staff_log_in_with_code_and_pkce(realm: Realm) -> None:
    tokens = await realm.log_in("jonas")
    jonas = await realm.principal(tokens)
    assert (jonas.kind, jonas.roles, jonas.agency) == (Kind.STAFF, frozenset({Role.CASEWORKER}), "job-centre")
    assert (jonas.client, bool(jonas.session)) == ("lotse-cli", True)
    assert str(jonas.subject) == "6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0001"
    assert (jonas.expires_at - jonas.issued_at).total_seconds() == 300


async def test_an_access_token_carries_no_name_and_no_address(realm: Realm) -> None:
    """It travels with every request and may be logged by somebody; the greeting is in the ID token."""
    tokens = await realm.log_in("jonas")
    claims = said(tokens.access_token)
    assert set(claims) == {
        *("iss", "aud", "sub", "azp", "typ", "iat", "exp", "jti", "sid", "scope"),
        *("realm_access", "agency"),
    }
    assert (claims["aud"], claims["agency"]) == ("lotse", ["job-centre"])
    assert jwt.get_unverified_header(tokens.access_token)["alg"] == "RS256"
    assert said(tokens.id_token or "")["name"] == "Jonas Berger"


async def test_two_people_on_one_client_are_not_mixed_up(realm: Realm) -> None:
    """Keycloak would let the second one in with the cookie of the first."""
    jonas, mira = await realm.principal(await realm.log_in("jonas")), await realm.principal(await realm.log_in("mira"))
    assert (jonas.agency, mira.agency) == ("job-centre", "migration-advice")


async def test_an_agencys_system_has_an_account_of_its_own(realm: Realm) -> None:
    tokens = await realm.log_in_system("job-centre-system")
    system = await realm.principal(tokens)
    assert (system.kind, system.agency, system.client) == (Kind.SYSTEM, "job-centre", "job-centre-system")
    assert system.roles == {Role.CASEWORKER}
    assert tokens.refresh_token is None
    with pytest.raises(Unauthenticated):
        await realm.log_in_system("job-centre-system", "guessed-secret")


async def test_a_wrong_password_is_refused_and_five_start_a_pause(realm: Realm) -> None:
    agency, _ = await realm.new_agency()
    person = await realm.new_person(agency, Role.COACH)
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await realm.log_in(person.username, "a-wrong-password")
    with pytest.raises(Unauthenticated):
        await realm.log_in(person.username)


async def test_a_session_goes_on_with_a_refresh_token_that_is_good_once(realm: Realm) -> None:
    tokens = await realm.log_in("vera")
    session = realm.session(tokens)
    assert (await realm.verifier.verify(await session.token())).agency == "adult-education"
    with pytest.raises(Unauthenticated):
        await realm.session(tokens).token()


async def test_logging_out_ends_the_session(realm: Realm) -> None:
    tokens = await realm.log_in("vera")
    await realm.session(tokens).end()
    with pytest.raises(Unauthenticated):
        await realm.session(tokens).token()


@pytest.mark.parametrize(
    "other",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"response_type": "token", "nonce": "a-nonce"},
    ],
    ids=["no PKCE", "plain PKCE", "implicit flow"],
)
async def test_only_the_code_flow_with_s256_is_offered(realm: Realm, other: dict[str, str | None]) -> None:
    asked = {name: value for name, value in (ASKED | other).items() if value is not None}
    answer = await realm.http.get(f"{realm.issuer}/protocol/openid-connect/auth", params=asked)
    back = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(REDIRECT_URI)
    assert "error" in parse_qs(back.query or back.fragment)


async def test_nobody_is_sent_to_an_unregistered_address(realm: Realm) -> None:
    for client, address in (("lotse-cli", "https://evil.example/callback"), ("lotse-desk", REDIRECT_URI)):
        asked = ASKED | {"client_id": client, "redirect_uri": address}
        answer = await realm.http.get(f"{realm.issuer}/protocol/openid-connect/auth", params=asked)
        assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("client", ["lotse-cli", "admin-cli"])
async def test_no_program_may_ask_people_for_their_password(realm: Realm, client: str) -> None:
    form = {"grant_type": "password", "client_id": client, "username": "jonas", "password": "harbour-lights-demo"}
    answer = await realm.post("token", **form)
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()


async def test_a_token_that_is_not_for_lotse_is_refused(realm: Realm) -> None:
    """Our own services' tokens are for Keycloak; and a client that somebody added without the scope gets nowhere."""
    stray = {"clientId": "stray", "serviceAccountsEnabled": True, "defaultClientScopes": ["administration"]}
    made = await realm.operator.a_create_client(stray, skip_exists=True)
    secret = (await realm.operator.a_get_client_secrets(made))["value"]
    for client, known in (("intake-service", None), ("notifications-service", None), ("stray", secret)):
        tokens = await realm.log_in_system(client, known)
        with pytest.raises(Unauthenticated, match="not one of this issuer's for this system"):
            await realm.principal(tokens)


async def test_a_token_of_another_kind_or_for_another_audience_is_refused(realm: Realm) -> None:
    tokens = await realm.log_in("jonas")
    for other in (tokens.id_token, tokens.refresh_token):
        with pytest.raises(Unauthenticated):
            await realm.verifier.verify(other or "")
    elsewhere = TokenVerifier(realm.issuer, "another-system", http=realm.http, clock=system_now)
    with pytest.raises(Unauthenticated):
        await elsewhere.verify(tokens.access_token)


async def test_a_token_that_was_signed_anew_is_refused(realm: Realm) -> None:
    """With the public key as a secret, with no signature at all, and with one claim changed."""
    tokens = await realm.log_in("jonas")
    header = jwt.get_unverified_header(tokens.access_token)
    claims = said(tokens.access_token) | {"agency": ["migration-advice"]}
    keys = (await realm.http.get(f"{realm.issuer}/protocol/openid-connect/certs")).json()["keys"]
    public = next(key["n"] for key in keys if key["kid"] == header["kid"])
    unsigned = f"{part(header | {'alg': 'HS256'})}.{part(claims)}"
    forged = unsigned + "." + encoded(hmac.new(public.encode(), unsigned.encode(), sha256).digest())
    _, _, signature = tokens.access_token.split(".")
    changed = f"{part(header)}.{part(claims)}.{signature}"
    nothing = f"{part(header | {'alg': 'none'})}.{part(claims)}."
    for token in (forged, changed, nothing):
        with pytest.raises(Unauthenticated):
            await realm.verifier.verify(token)


def part(content: dict[str, Any]) -> str:
    return encoded(json.dumps(content).encode())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


async def test_a_removed_role_is_gone_with_the_next_token(realm: Realm) -> None:
    agency, _ = await realm.new_agency()
    person = await realm.new_person(agency, Role.COACH, Role.SUPERVISOR)
    tokens = await realm.log_in(person.username)
    assert (await realm.principal(tokens)).roles == {Role.COACH, Role.SUPERVISOR}
    user = await realm.operator.a_get_user_id(person.username)
    assert user is not None
    role = await realm.operator.a_get_realm_role(Role.SUPERVISOR)
    await realm.operator.a_delete_realm_roles_of_user(user, [role])
    assert (await realm.verifier.verify(await realm.session(tokens).token())).roles == {Role.COACH}


async def test_a_realm_may_be_reached_at_another_address_than_its_public_one(realm: Realm) -> None:
    """As in a deployment, where the browser's way to Keycloak is not the services' way."""
    tokens = await realm.log_in("jonas")
    inside, listening = realm.issuer.replace("127.0.0.1", "localhost"), Listening()
    async with httpx.AsyncClient(transport=listening, timeout=20) as http:
        verifier = TokenVerifier(realm.issuer, at=inside, http=http, clock=system_now)
        assert (await verifier.verify(tokens.access_token)).agency == "job-centre"
    assert {asked.partition("/")[0] for asked in listening.asked} == {inside.split("/")[2]}
    nowhere = TokenVerifier(realm.issuer, at="http://127.0.0.1:9/realms/lotse", http=realm.http, clock=system_now)
    with pytest.raises(Unavailable):
        await nowhere.verify(tokens.access_token)
