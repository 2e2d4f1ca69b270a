"""Opens the identity provider that the settings name: accounts, suspensions, directory of staff."""

from collections.abc import Callable
from datetime import datetime

import httpx

from infra.chassis.identity.base import Provider
from infra.chassis.identity.embedded.accounts import (
    EmbeddedParticipantAccounts,
    EmbeddedStaffAccounts,
    EmbeddedStaffDirectory,
    IssuerAdmin,
)
from infra.chassis.identity.keycloak.accounts import (
    KeycloakParticipantAccounts,
    KeycloakStaffAccounts,
    KeycloakStaffDirectory,
)
from infra.chassis.identity.keycloak.connection import open_admin
from infra.chassis.identity.remembered import RememberedDirectory
from infra.chassis.settings import ServiceSettings


def open_provider(
    settings: ServiceSettings, service: str, http: httpx.AsyncClient, clock: Callable[[], datetime]
) -> Provider:
    """Through the service's own confidential client `<service>-service`; `clock` is system time."""
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    client = f"{service}-service"
    if settings.identity == "embedded":
        issuer = IssuerAdmin(settings.issuer, client, secret, http, clock)
        return Provider(
            EmbeddedParticipantAccounts(issuer),
            EmbeddedStaffAccounts(issuer),
            RememberedDirectory(EmbeddedStaffDirectory(issuer), clock),
        )
    admin = open_admin(settings.issuer_inside or settings.issuer, client, secret, http)
    return Provider(
        KeycloakParticipantAccounts(admin),
        KeycloakStaffAccounts(admin),
        RememberedDirectory(KeycloakStaffDirectory(admin), clock),
    )
