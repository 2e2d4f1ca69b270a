"""One service's way into Keycloak's administration: one token for all its calls, and refusals in our own words."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from contracts.refusal import Unavailable

log = logging.getLogger(__name__)

PATIENCE: Final = 5
"""Seconds that Keycloak gets for one answer."""


class _Connection(KeycloakOpenIDConnection):
    """The library's connection with a lock around the token.

    Without it ten calls at once find no token, or an old one, and fetch ten
    (https://github.com/marcospereirampj/python-keycloak/issues/708).
    """

    def __init__(self, http: httpx.AsyncClient, **more: Any) -> None:
        super().__init__(**more)
        # Our own client: its pool, its traces, its end.
        self.async_s = http
        self.keycloak_openid.connection.async_s = http
        self._renewing = asyncio.Lock()

    async def a__refresh_if_required(self) -> None:
        async with self._renewing:
            if self.token is None or self.expires_at is None or self.expires_at <= datetime.now(UTC):
                await self.a_get_token()

    async def a_refresh_token(self) -> None:
        """After a 401: Keycloak knows our token no more. One of those who heard it fetches a new one for all."""
        refused = self.token
        async with self._renewing:
            if self.token is refused:
                await self.a_get_token()


def open_admin(issuer: str, client_id: str, secret: str, http: httpx.AsyncClient) -> KeycloakAdmin:
    """The administration of the issuer's realm, with the rights of this client's own account."""
    server, _, realm = issuer.rstrip("/").rpartition("/realms/")
    if not server:
        raise ValueError(f"{issuer!r} is no realm of a Keycloak: it looks like https://id.example/realms/lotse")
    connection = _Connection(
        http,
        server_url=f"{server}/",
        realm_name=realm,
        client_id=client_id,
        client_secret_key=secret,
        grant_type="client_credentials",
        timeout=PATIENCE,
    )
    return KeycloakAdmin(connection=connection)


@contextmanager
def refusals(admin: KeycloakAdmin) -> Iterator[None]:
    """Turn what the library raises into `Unavailable`; the operator finds in the log what to mend."""
    try:
        yield
    except KeycloakError as error:
        log.warning("keycloak refused: %s, status %s", type(error).__name__, error.response_code)
        if error.response_code in (401, 403):
            client = admin.connection.client_id
            raise Unavailable(
                f"The log-in service does not let {client} do this.",
                way_out=f"Tell the operator: check the secret of {client} and its service account's roles in Keycloak.",
            ) from None
        raise Unavailable(
            "The log-in service can't be reached.",
            way_out="Try again in a few seconds. If it stays like this, tell the operator.",
        ) from None
