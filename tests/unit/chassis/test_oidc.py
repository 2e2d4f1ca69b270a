"""Which tokens the verifier takes, which it refuses, and how often it asks the issuer for keys."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import jwt
import pytest

from contracts.refusal import Unavailable
from contracts.vocabulary import Role
from infra.chassis.identity.embedded.tokens import jwks, new_signing_key
from infra.chassis.identity.oidc import CACHE_SIZE, TokenVerifier, Unauthenticated
from infra.chassis.identity.principal import Kind
from tests.support.identity import ISSUER, AnyIssuer, SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def issuer(clock: SetClock) -> AnyIssuer:
    return AnyIssuer(clock)


@pytest.fixture
async def verifier(issuer: AnyIssuer, clock: SetClock) -> AsyncIterator[TokenVerifier]:
    async with issuer.http() as http:
        yield TokenVerifier(ISSUER, http=http, clock=clock)


async def test_a_caseworkers_token_says_who_asks(issuer: AnyIssuer, verifier: TokenVerifier) -> None:
    subject = uuid4()
    principal = await verifier.verify(issuer.token_of(subject))
    assert principal.staff == subject
    assert principal.kind is Kind.STAFF
    assert principal.roles == {Role.CASEWORKER}, "roles that are not ours mean nothing"
    assert (principal.agency, principal.participant, principal.client) == ("job-centre", None, "lotse-desk")
    assert principal.session == "a-session"


async def test_a_participants_token_names_the_participant(issuer: AnyIssuer, verifier: TokenVerifier) -> None:
    participant = uuid4()
    token = issuer.token(realm_access={"roles": ["participant"]}, participant=str(participant), agency=None)
    principal = await verifier.verify(token)
    assert (principal.kind, principal.participant, principal.agency) == (Kind.PARTICIPANT, participant, None)


@pytest.mark.parametrize("mark", [{"client_id": "x-system"}, {"preferred_username": "service-account-x-system"}])
async def test_a_service_account_is_a_system(issuer: AnyIssuer, verifier: TokenVerifier, mark: dict[str, Any]) -> None:
    assert (await verifier.verify(issuer.token(**mark))).kind is Kind.SYSTEM


@pytest.mark.parametrize("claim", ["job-centre", ["job-centre"]])
async def test_keycloak_may_give_the_agency_as_a_list_of_one(
    issuer: AnyIssuer, verifier: TokenVerifier, claim: object
) -> None:
    assert (await verifier.verify(issuer.token(agency=claim))).agency == "job-centre"


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another-system"},
        {"aud": None},
        {"iss": "http://127.0.0.1:9999"},
        {"typ": "ID"},
        {"typ": "Refresh"},
        {"typ": None},
        {"azp": None},
        {"azp": ""},
        {"sub": "jonas"},
        {"sub": None},
        {"exp": None},
        {"iat": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e300},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000, "exp": 4_000_000_300},
        {"agency": ["job-centre", "family-advice"]},
        {"agency": {"name": "job-centre"}},
        {"agency": "Job Centre"},
        {"realm_access": {"roles": ["participant"]}},
        {"realm_access": {"roles": ["participant"]}, "participant": "Amal"},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_is_refused(
    issuer: AnyIssuer, verifier: TokenVerifier, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await verifier.verify(issuer.token(**wrong))
    assert refused.value.slug == "unauthenticated"
    assert "Amal" not in refused.value.detail


async def test_a_token_ends(issuer: AnyIssuer, verifier: TokenVerifier, clock: SetClock) -> None:
    token = issuer.token()
    clock.move(seconds=305)
    await verifier.verify(token)  # clocks may differ by some seconds
    clock.move(seconds=5)
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verify(token)
    with pytest.raises(Unauthenticated, match="expired"):
        await TokenVerifier(ISSUER, http=issuer.http(), clock=clock).verify(token)


NESTED = urlsafe_b64encode(b"[" * 10_000).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    ["", "x", "a.b.c", "é.ü.ß", "\ud800", "a" * 20_000, f"{NESTED}.e30.AA"],
    ids=lambda text: f"{text[:5]!a}-{len(text)}",
)
async def test_what_is_no_token_is_refused(verifier: TokenVerifier, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(text)


async def test_only_rs256_counts(issuer: AnyIssuer, verifier: TokenVerifier) -> None:
    kid = issuer.keys[0].kid
    unsigned = jwt.encode(issuer.claims(), "", algorithm="none", headers={"kid": kid})
    # The classic forgery: the public key, which everybody has, used as a shared secret.
    public = str(jwks(issuer.keys)["keys"][0]["n"])
    shared = jwt.encode(issuer.claims(), public, algorithm="HS256", headers={"kid": kid})
    other_rsa = jwt.encode(issuer.claims(), issuer.keys[0].private_pem, algorithm="RS512", headers={"kid": kid})
    for forged in (unsigned, shared, other_rsa):
        with pytest.raises(Unauthenticated, match="signed"):
            await verifier.verify(forged)


async def test_a_strangers_signature_under_our_key_name_is_refused(issuer: AnyIssuer, verifier: TokenVerifier) -> None:
    stranger = new_signing_key()
    forged = jwt.encode(issuer.claims(), stranger.private_pem, algorithm="RS256", headers={"kid": issuer.keys[0].kid})
    with pytest.raises(Unauthenticated):
        await verifier.verify(forged)
    head, body, signature = issuer.token().split(".")
    with pytest.raises(Unauthenticated):
        await verifier.verify(f"{head}.{body}.{signature[:-4]}AAAA")


async def test_a_new_key_is_picked_up(issuer: AnyIssuer, verifier: TokenVerifier, clock: SetClock) -> None:
    old = issuer.token()
    await verifier.verify(old)
    clock.move(seconds=11)
    issuer.rotate()
    await verifier.verify(issuer.token())
    await verifier.verify(old)  # the old key is still published
    assert issuer.readings == 2


async def test_invented_key_names_dont_wear_the_issuer_out(
    issuer: AnyIssuer, verifier: TokenVerifier, clock: SetClock
) -> None:
    await verifier.verify(issuer.token())
    clock.move(seconds=11)
    forged = [issuer.token(key=new_signing_key()) for _ in range(3)]
    answers = await asyncio.gather(*(verifier.verify(token) for token in forged * 7), return_exceptions=True)
    assert all(isinstance(answer, Unauthenticated) for answer in answers)
    assert issuer.readings == 2


async def test_many_first_callers_read_the_keys_once(issuer: AnyIssuer, verifier: TokenVerifier) -> None:
    await asyncio.gather(*(verifier.verify(issuer.token()) for _ in range(30)))
    assert issuer.readings == 1


async def test_a_withdrawn_key_dies_for_remembered_tokens_too(
    issuer: AnyIssuer, verifier: TokenVerifier, clock: SetClock
) -> None:
    old = issuer.token(exp=int(clock().timestamp()) + 3600)
    await verifier.verify(old)
    issuer.keys = [new_signing_key()]
    clock.move(minutes=10)
    await verifier.verify(issuer.token())
    with pytest.raises(Unauthenticated, match="key"):
        await verifier.verify(old)


async def test_with_the_issuer_down_known_tokens_go_on_and_unknown_ones_wait(
    issuer: AnyIssuer, verifier: TokenVerifier, clock: SetClock
) -> None:
    issuer.up = False
    with pytest.raises(Unavailable):
        await verifier.verify(issuer.token())
    issuer.up = True
    clock.move(seconds=1)
    await verifier.verify(issuer.token())
    issuer.up = False
    clock.move(seconds=11)
    await verifier.verify(issuer.token())
    issuer.rotate()
    with pytest.raises(Unavailable):
        await verifier.verify(issuer.token())


async def test_suspension_reaches_remembered_tokens_and_spares_later_ones(
    issuer: AnyIssuer, verifier: TokenVerifier, clock: SetClock
) -> None:
    subject, somebody_else = uuid4(), uuid4()
    before, others = issuer.token_of(subject), issuer.token_of(somebody_else)
    await verifier.verify(before)
    clock.move(seconds=5)
    verifier.suspend(subject, clock())
    verifier.suspend(subject, clock.now.replace(year=2020))  # an older order never gives access back
    with pytest.raises(Unauthenticated, match="ended"):
        await verifier.verify(before)
    await verifier.verify(others)
    await verifier.verify(issuer.token_of(subject))  # who is let in again logs in anew


async def test_the_memory_of_tokens_is_bounded(
    issuer: AnyIssuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CACHE_SIZE == 4096
    monkeypatch.setattr("infra.chassis.identity.oidc.CACHE_SIZE", 3)
    for _ in range(5):
        await verifier.verify(issuer.token())
    assert len(verifier._verified) == 3
