"""Brings the two databases of a service to the version of the code, in the names of the roles that own them.

A process of its own, `python -m services.<name>.migrate`: it runs before the service's other processes start and ends.
Those never get an owner's address. What a migration is belongs to `migrate.py`.
"""

from infra.chassis import logs
from infra.chassis.migrate import upgrade
from infra.chassis.sealed import make_keys_schema
from infra.chassis.service import Service
from infra.chassis.settings import OwnerSettings


def migrate(service: Service, owner_url: str, keys_owner_url: str) -> None:
    """Run what is missing; the service's own role, named like the service, gets its rights. May be repeated."""
    upgrade(service, owner_url, service.name)
    make_keys_schema(keys_owner_url, service.name)


def run(service: Service) -> None:
    """The migration process."""
    logs.set_up(service.name, json=True)
    prefix = service.settings.model_config["env_prefix"]
    settings = OwnerSettings(_env_prefix=prefix)
    migrate(
        service, settings.owner_database_url.get_secret_value(), settings.keys_owner_database_url.get_secret_value()
    )
