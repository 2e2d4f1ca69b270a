"""The embedded issuer with the demo's people on a real database, without a socket; and one real Keycloak for all."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.vocabulary import ParticipantId
from infra.chassis.identity.embedded.accounts import EmbeddedParticipantAccounts, IssuerAdmin
from infra.chassis.identity.embedded.app import IssuerSettings, issuer_app
from infra.chassis.identity.embedded.people import People, load_people
from infra.chassis.identity.embedded.store import IssuerStore
from infra.chassis.identity.login import Tokens, log_in, log_in_system
from infra.chassis.identity.oidc import TokenVerifier
from infra.chassis.identity.principal import Principal
from infra.onebox.layout import PEOPLE
from infra.realstack import keycloak as real
from infra.realstack.keycloak import Keycloak
from tests.integration.identity.keycloak import Realm
from tests.support.identity import ISSUER, SetClock
from tests.support.postgres import FreshDatabase

AMAL = ParticipantId(UUID("11111111-2222-4333-8444-555555555555"))
REFERENCE = "P-7K2M-9QXA"
CODE = "amber-boat-42"


@dataclass
class Region:
    """The issuer and everybody's ways to it."""

    app: FastAPI
    people: People
    store: IssuerStore
    http: httpx.AsyncClient
    clock: SetClock
    verifier: TokenVerifier

    def secret_of(self, client_id: str) -> str:
        client = self.people.client(client_id)
        assert client is not None
        assert client.secret is not None
        return client.secret

    def admin(self, client_id: str) -> IssuerAdmin:
        return IssuerAdmin(ISSUER, client_id, self.secret_of(client_id), self.http, self.clock)

    async def enrol_amal(self, code: str = CODE) -> None:
        await EmbeddedParticipantAccounts(self.admin("intake-service")).enrol(AMAL, REFERENCE, code)

    async def log_in(self, username: str, secret: str | None = None) -> Tokens:
        return await log_in(ISSUER, username, secret or self.people.password, http=self.http, clock=self.clock)

    async def log_in_system(self, client_id: str, **more: Any) -> Tokens:
        return await log_in_system(
            ISSUER, client_id, self.secret_of(client_id), http=self.http, clock=self.clock, **more
        )

    async def principal(self, tokens: Tokens) -> Principal:
        return await self.verifier.verify(tokens.access_token)


@pytest.fixture
async def region(postgres: FreshDatabase) -> AsyncIterator[Region]:
    engine = create_async_engine(postgres())
    clock, people, store = SetClock(), load_people(Path("infra/onebox/people.yaml")), IssuerStore(engine)
    app = issuer_app(IssuerSettings(ISSUER, "test"), people, store, clock=clock)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
    async with app.router.lifespan_context(app), http:
        yield Region(app, people, store, http, clock, TokenVerifier(ISSUER, http=http, clock=clock))
    await engine.dispose()


@pytest.fixture(scope="session")
async def keycloak() -> AsyncIterator[Keycloak]:
    """The Keycloak of this test run, with the demo's people."""
    async with real.keycloak(people=PEOPLE) as server:
        yield server


@pytest.fixture(scope="session")
async def realm(keycloak: Keycloak) -> AsyncIterator[Realm]:
    """Everybody's ways to it."""
    async with httpx.AsyncClient(timeout=20) as http:
        yield Realm(keycloak, http)
