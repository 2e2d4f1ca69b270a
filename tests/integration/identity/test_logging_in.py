"""Each kind of caller logs in at the embedded issuer and is known to the services' verifier."""

import asyncio

import httpx
import jwt
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.refusal import Unavailable
from contracts.vocabulary import Role
from infra.chassis.identity.embedded.app import IssuerSettings, NotForProduction, issuer_app
from infra.chassis.identity.embedded.store import IssuerStore
from infra.chassis.identity.login import Session, log_in
from infra.chassis.identity.oidc import TokenVerifier, Unauthenticated
from infra.chassis.identity.principal import Kind
from tests.integration.identity.conftest import AMAL, CODE, REFERENCE, Region
from tests.support.identity import ISSUER
from tests.support.postgres import FreshDatabase


@pytest.mark.parametrize(
    ("username", "role", "agency"),
    [
        ("jonas", Role.CASEWORKER, "job-centre"),
        ("vera", Role.COACH, "adult-education"),
        ("hanna", Role.EMPLOYER, "harbour-hotel"),
        ("opal", Role.OPERATOR, "region"),
    ],
)
async def test_staff_log_in_with_their_password(region: Region, username: str, role: Role, agency: str) -> None:
    principal = await region.principal(await region.log_in(username))
    person = region.people.by_username(username)
    assert person is not None
    assert (principal.subject, principal.kind) == (person.id, Kind.STAFF)
    assert (principal.roles, principal.agency, principal.client) == (frozenset({role}), agency, "lotse-cli")
    assert principal.session


async def test_a_participant_logs_in_with_the_two_codes(region: Region) -> None:
    await region.enrol_amal()
    tokens = await region.log_in(f" {REFERENCE.lower()} ", CODE)
    principal = await region.principal(tokens)
    assert (principal.kind, principal.participant, principal.agency) == (Kind.PARTICIPANT, AMAL, None)
    assert principal.roles == {Role.PARTICIPANT}
    claims = jwt.decode(tokens.access_token, options={"verify_signature": False})
    assert claims["preferred_username"] == REFERENCE
    assert not {"name", "given_name", "family_name", "email"} & claims.keys()
    assert claims["sub"] != str(AMAL)


async def test_an_agencys_system_gets_a_token_for_itself(region: Region) -> None:
    tokens = await region.log_in_system("job-centre-system")
    principal = await region.principal(tokens)
    assert (principal.kind, principal.agency) == (Kind.SYSTEM, "job-centre")
    assert principal.roles == {Role.CASEWORKER}
    assert tokens.refresh_token is None
    again = await region.principal(await region.log_in_system("job-centre-system"))
    assert principal.subject == again.subject


async def test_client_credentials_are_for_clients_that_prove_themselves(region: Region) -> None:
    async def ask(client_id: str, secret: str, **more: str) -> str:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, **more}
        answer = await region.http.post(f"{ISSUER}/token", data=form)
        assert answer.headers["cache-control"] == "no-store"
        return str(answer.json().get("error"))

    assert await ask("job-centre-system", "guessed-secret") == "invalid_client"
    assert await ask("nobody", "guessed-secret") == "invalid_client"
    assert await ask("lotse-cli", "") == "unauthorized_client"
    assert await ask("lotse-desk", region.secret_of("lotse-desk")) == "unauthorized_client"
    system = region.secret_of("job-centre-system")
    assert await ask("job-centre-system", system, resource=ISSUER) == "invalid_target"
    basic = httpx.BasicAuth("job-centre-system", system)
    answer = await region.http.post(f"{ISSUER}/token", data={"grant_type": "client_credentials"}, auth=basic)
    assert answer.status_code == 200


async def test_wrong_secrets_are_refused_without_saying_which_part(region: Region) -> None:
    await region.enrol_amal()
    said = set()
    for username, secret in (("jonas", "wrong"), ("nobody", "wrong"), (REFERENCE, "wrong"), ("P-AAAA-AAAA", CODE)):
        with pytest.raises(Unauthenticated) as refused:
            await region.log_in(username, secret)
        said.add(refused.value.detail)
    assert len(said) == 1


@pytest.mark.parametrize("reference", [REFERENCE, "P-AAAA-AAAA"], ids=["known", "unknown"])
async def test_five_wrong_codes_start_a_pause(region: Region, reference: str) -> None:
    await region.enrol_amal()
    tries = [region.log_in(reference, f"guess-{n}") for n in range(8)]
    refused = await asyncio.gather(*tries, return_exceptions=True)
    paused = [answer for answer in refused if "too many" in str(answer)]
    assert all(isinstance(answer, Unauthenticated) for answer in refused)
    assert len(paused) == 3, "five were looked at, even though all came at once"
    with pytest.raises(Unauthenticated, match="too many"):
        await region.log_in(reference, CODE)
    region.clock.move(minutes=14)
    with pytest.raises(Unauthenticated, match="too many"):
        await region.log_in(reference, CODE)
    region.clock.move(minutes=1)
    if reference == REFERENCE:
        await region.log_in(reference, CODE)


@pytest.mark.parametrize("username", ["a\0", "jonas\0", "\0", "P-7K2M\x1b-9QXA"])
async def test_a_name_that_nobody_can_type_is_a_wrong_one(region: Region, username: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await region.log_in(username)
    with pytest.raises(Unauthenticated) as wrong:
        await region.log_in("nobody")
    assert str(refused.value) == str(wrong.value)


async def test_the_right_code_ends_the_count(region: Region) -> None:
    await region.enrol_amal()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Unauthenticated):
                await region.log_in(REFERENCE, "a-wrong-one")
        await region.log_in(REFERENCE, CODE)


async def test_a_session_refreshes_its_token_in_time(region: Region) -> None:
    tokens = await region.log_in("jonas")
    session = Session(tokens, ISSUER, http=region.http, clock=region.clock)
    assert await session.token() == tokens.access_token
    region.clock.move(minutes=4, seconds=40)
    fresh = await asyncio.gather(*(session.token() for _ in range(5)))
    assert len(set(fresh)) == 1
    assert fresh[0] != tokens.access_token
    assert (await region.verifier.verify(fresh[0])).subject == (await region.principal(tokens)).subject
    await session.end()
    region.clock.move(minutes=5)
    with pytest.raises(Unauthenticated):
        await session.token()


async def test_a_session_ends_after_the_working_day(region: Region) -> None:
    session = Session(await region.log_in("jonas"), ISSUER, http=region.http, clock=region.clock)
    for _ in range(2):
        region.clock.move(hours=4)
        await session.token()
    region.clock.move(hours=3)
    with pytest.raises(Unauthenticated):
        await session.token()


async def test_an_id_token_opens_no_service(region: Region) -> None:
    tokens = await region.log_in("jonas")
    for verifier in (region.verifier, TokenVerifier(ISSUER, "lotse-cli", http=region.http, clock=region.clock)):
        with pytest.raises(Unauthenticated):
            await verifier.verify(tokens.id_token or "")


async def test_a_rotated_signing_key_is_picked_up(region: Region) -> None:
    before = await region.log_in("jonas")
    await region.principal(before)
    region.clock.move(seconds=11)
    await region.app.state.issuer.rotate_key()
    after = await region.log_in("jonas")
    kids = {jwt.get_unverified_header(tokens.access_token)["kid"] for tokens in (before, after)}
    assert len(kids) == 2
    await region.principal(after)
    await region.principal(before)


async def test_the_signing_key_survives_a_restart(region: Region) -> None:
    before = (await region.http.get(f"{ISSUER}/jwks")).json()
    await region.app.state.issuer.prepare()
    assert (await region.http.get(f"{ISSUER}/jwks")).json() == before
    assert [set(key) & {"d", "p", "q"} for key in before["keys"]] == [set()]


async def test_userinfo_tells_staff_their_name(region: Region) -> None:
    tokens = await region.log_in("jonas")
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    told = (await region.http.get(f"{ISSUER}/userinfo", headers=headers)).json()
    assert (told["name"], told["agency"]) == ("Jonas Berger", "job-centre")
    region.clock.move(minutes=6)
    assert (await region.http.get(f"{ISSUER}/userinfo", headers=headers)).status_code == 401


async def test_production_gets_no_embedded_issuer(region: Region) -> None:
    with pytest.raises(NotForProduction, match="Keycloak"):
        issuer_app(IssuerSettings(ISSUER, "production"), region.people, region.store)
    with pytest.raises(NotForProduction, match=r"127\.0\.0\.1 only"):
        issuer_app(IssuerSettings("http://lotse.example", "demo"), region.people, region.store)


async def test_a_foreign_host_name_gets_nothing(region: Region) -> None:
    rebound = await region.http.get(f"{ISSUER}/jwks", headers={"Host": "evil.example"})
    assert rebound.status_code == 400


async def test_an_issuer_that_is_down_is_said_to_be_down() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(502))) as http:
        with pytest.raises(Unavailable):
            await log_in(ISSUER, "jonas", "a-password", http=http)


async def test_two_issuers_may_start_at_once_on_one_empty_database(region: Region, postgres: FreshDatabase) -> None:
    engine = create_async_engine(postgres())
    apps = [
        issuer_app(IssuerSettings(ISSUER, "test"), region.people, IssuerStore(engine), clock=region.clock)
        for _ in range(3)
    ]
    await asyncio.gather(*(app.state.issuer.prepare() for app in apps))
    async with engine.connect() as db:
        assert (await db.execute(text("SELECT count(*) FROM issuer.signing_key"))).scalar_one() == 1
    await engine.dispose()
