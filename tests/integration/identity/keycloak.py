"""A real Keycloak for tests: the realm with the demo's people, and everybody's ways to it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import uuid4

import httpx
from keycloak import KeycloakAdmin

from contracts.vocabulary import Role
from infra.chassis.clock import system_now
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.keycloak.connection import open_admin
from infra.chassis.identity.login import Session, Tokens, log_in, log_in_system
from infra.chassis.identity.oidc import TokenVerifier
from infra.chassis.identity.principal import Principal
from infra.keycloak import agencies, people
from infra.keycloak.steps import Steps
from infra.onebox.layout import PEOPLE
from infra.realstack.keycloak import Keycloak

PASSWORD = load_people(PEOPLE).password


@dataclass
class Realm:
    """The realm, and what the tests ask of it. Whoever changes something makes an agency of their own."""

    server: Keycloak
    http: httpx.AsyncClient
    verifier: TokenVerifier = field(init=False)

    def __post_init__(self) -> None:
        self.verifier = TokenVerifier(self.issuer, http=self.http, clock=system_now)

    @property
    def issuer(self) -> str:
        return self.server.issuer

    def admin(self, client_id: str, http: httpx.AsyncClient | None = None) -> KeycloakAdmin:
        return open_admin(self.issuer, client_id, self.server.secrets[client_id], http or self.http)

    @property
    def operator(self) -> KeycloakAdmin:
        return self.admin("lotse-admin")

    async def log_in(self, username: str, secret: str = PASSWORD) -> Tokens:
        return await log_in(self.issuer, username, secret, http=self.http)

    async def log_in_system(self, client_id: str, secret: str | None = None) -> Tokens:
        secret = secret or self.server.secrets[client_id]
        return await log_in_system(self.issuer, client_id, secret, http=self.http)

    async def principal(self, tokens: Tokens) -> Principal:
        return await self.verifier.verify(tokens.access_token)

    def session(self, tokens: Tokens) -> Session:
        """A session whose access token is over, so that it must be refreshed."""
        return Session(replace(tokens, expires_at=system_now()), self.issuer, http=self.http)

    async def post(self, path: str, **form: str) -> httpx.Response:
        return await self.http.post(f"{self.issuer}/protocol/openid-connect/{path}", data=form)

    async def new_agency(self) -> tuple[str, str]:
        """(short name, secret of its system)"""
        name = f"agency-{uuid4().hex[:8]}"
        secret = await agencies.add(self.operator, Steps(), name, "A new one", "company", Role.EMPLOYER)
        assert secret is not None
        return name, secret

    async def new_person(self, agency: str, *roles: Role, password: str = PASSWORD) -> people.Said:
        """Somebody of this agency who has chosen this password already."""
        name = f"nadia-{uuid4().hex[:8]}"
        said = people.Said(name, "Nadia El Amrani", f"{name}@example.org", agency, frozenset(roles))
        assert await people.add(self.operator, Steps(), said)
        user = await people.find(self.operator, name)
        assert user is not None
        await self.operator.a_set_user_password(user["id"], password, temporary=False)
        await self.operator.a_update_user(user["id"], user | {"requiredActions": []})
        return said


@dataclass
class Listening(httpx.AsyncHTTPTransport):
    """A way to Keycloak that remembers what was asked."""

    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.url.netloc.decode()}{request.url.path}")
        return await super().handle_async_request(request)

    def times(self, of: Callable[[str], bool]) -> int:
        return sum(map(of, self.asked))


def is_token_request(path: str) -> bool:
    return path.endswith("/openid-connect/token")
