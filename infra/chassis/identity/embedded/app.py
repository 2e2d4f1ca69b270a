"""The embedded issuer as an app, and the two refusals that keep it out of production.

Whoever starts it calls `assert_loopback(host)` before binding.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from infra.chassis.clock import system_now
from infra.chassis.identity.embedded.admin_endpoint import admin_routes
from infra.chassis.identity.embedded.authorize_endpoint import authorize_routes
from infra.chassis.identity.embedded.issuer import Issuer
from infra.chassis.identity.embedded.people import People
from infra.chassis.identity.embedded.store import IssuerStore
from infra.chassis.identity.embedded.token_endpoint import token_routes
from infra.chassis.identity.embedded.tokens import jwks

PRODUCTION = "production"


class NotForProduction(Exception):
    """The embedded issuer is a demonstration device; use Keycloak (infra/keycloak)."""


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """`issuer` is the address people and services reach it at, e.g. `http://127.0.0.1:8300`."""

    issuer: str
    environment: str


def assert_loopback(host: str) -> None:
    """Raises `NotForProduction` unless `host` is this very machine and nothing else."""
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotForProduction(f"The embedded issuer listens on 127.0.0.1 only, not on {host!r}; use Keycloak.")


def issuer_app(
    settings: IssuerSettings, people: People, store: IssuerStore, *, clock: Callable[[], datetime] = system_now
) -> FastAPI:
    """The app; `app.state.issuer.prepare()` makes tables and key, which the app's lifespan does too.

    Raises `NotForProduction` for production settings or an address off this machine.
    """
    if settings.environment == PRODUCTION:
        raise NotForProduction("The embedded issuer and its people are for demonstrations; use Keycloak.")
    url = settings.issuer.rstrip("/")
    host = urlsplit(url).hostname or ""
    assert_loopback(host)
    issuer = Issuer(url, people, store, clock)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await issuer.prepare()
        yield

    app = FastAPI(title="Lotse embedded issuer (demo only)", lifespan=lifespan, openapi_url=None)
    app.state.issuer = issuer
    # A foreign name that resolves to this machine (DNS rebinding) gets nothing.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[f"[{host}]" if ":" in host else host])
    app.add_exception_handler(RequestValidationError, _invalid)
    app.include_router(authorize_routes(issuer))
    app.include_router(token_routes(issuer))
    app.include_router(admin_routes(issuer))

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        """Where everything is (OpenID Connect Discovery 1.0)."""
        return _discovery(url)

    @app.get("/jwks")
    async def keys() -> dict[str, Any]:
        """The public keys."""
        return jwks(await store.keys())

    return app


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    # FastAPI's own answer repeats the input, which may be a log-in code.
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    return JSONResponse({"detail": [{"loc": list(e["loc"]), "msg": e["msg"]} for e in error.errors()]}, 422)


def _discovery(url: str) -> dict[str, Any]:
    return {
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "userinfo_endpoint": f"{url}/userinfo",
        "end_session_endpoint": f"{url}/logout",
        "jwks_uri": f"{url}/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid"],
        "authorization_response_iss_parameter_supported": True,
    }
