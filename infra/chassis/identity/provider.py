"""Opens the identity provider that the settings name: accounts of participants, directory of staff."""

from collections.abc import Callable
from datetime import datetime

import httpx

from infra.chassis.identity.base import ParticipantAccounts, StaffDirectory
from infra.chassis.identity.embedded.accounts import (
    EmbeddedParticipantAccounts,
    EmbeddedStaffDirectory,
    IssuerAdmin,
)
from infra.chassis.settings import ServiceSettings


def open_provider(
    settings: ServiceSettings, service: str, http: httpx.AsyncClient, clock: Callable[[], datetime]
) -> tuple[ParticipantAccounts, StaffDirectory]:
    """Accounts and directory, through the service's own confidential client `<service>-service`."""
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    admin = IssuerAdmin(settings.issuer, f"{service}-service", secret, http, clock)
    return EmbeddedParticipantAccounts(admin), EmbeddedStaffDirectory(admin)
