"""Makes the databases and roles of a deployment: `python -m infra.postgres`, before anything else starts. Idempotent.

Names and passwords are those of the addresses that the services themselves get, so that nothing is stated twice.
"""

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.topics import SERVICES
from infra.chassis.settings import FROM_OUTSIDE
from infra.postgres.provision import database, desk_database, service_databases


class Server(BaseSettings):
    """The server, and who else than a service has a database on it."""

    model_config = SettingsConfigDict(**FROM_OUTSIDE)

    postgres_admin_url: SecretStr
    keycloak_database_password: SecretStr | None = None
    """Where Keycloak keeps its database on the same server."""


class Addresses(BaseSettings):
    """Of one service or the desk; read with its prefix."""

    model_config = FROM_OUTSIDE

    database_url: SecretStr
    owner_database_url: SecretStr


def provision() -> None:
    """All databases and roles."""
    server = Server()
    admin = server.postgres_admin_url.get_secret_value()
    for service in SERVICES:
        service_databases(admin, service, **passwords(service))
    desk_database(admin, **passwords("desk"))
    if server.keycloak_database_password is not None:
        database(admin, "keycloak", "keycloak", server.keycloak_database_password.get_secret_value())


def passwords(service: str) -> dict[str, str | None]:
    """Of the role that works with rows and of the one that owns the tables."""
    addresses = Addresses(_env_prefix=f"{service.upper()}_")
    return {
        "password": password_of(addresses.database_url, service),
        "owner_password": password_of(addresses.owner_database_url, f"{service}_owner"),
    }


def password_of(address: SecretStr, role: str) -> str | None:
    """The password in an address. Raises RuntimeError if the address names another role."""
    parts = conninfo_to_dict(address.get_secret_value())
    if parts.get("user") != role:
        raise RuntimeError(f"An address that should be for the role {role} names another one: correct the secret.")
    password = parts.get("password")
    return str(password) if password else None


if __name__ == "__main__":
    provision()
