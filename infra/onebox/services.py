"""The services of a region, in the order in which a person meets them."""

from importlib import import_module

from contracts.topics import SERVICES
from infra.chassis.service import Service


def service(name: str) -> Service:
    """The service of that name. Raises LookupError for an unknown one."""
    if name not in SERVICES:
        raise LookupError(f"there is no service {name!r}; there are {', '.join(SERVICES)}")
    found: Service = import_module(f"services.{name}.service").SERVICE
    return found


def all_services(names: tuple[str, ...] = SERVICES) -> tuple[Service, ...]:
    """These services, or all four."""
    return tuple(map(service, names))
