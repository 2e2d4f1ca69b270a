"""Agencies of a region, as an operator keeps them in Keycloak. Every command may be repeated.

An agency is a group, whose attribute becomes the claim of everybody in it, and a client for its own system.
"""

from dataclasses import dataclass
from typing import Any

from keycloak import KeycloakAdmin

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import Role
from infra.chassis.identity.keycloak import shapes
from infra.chassis.identity.keycloak.accounts import group_of, works
from infra.chassis.identity.keycloak.connection import refusals
from infra.keycloak.steps import Steps


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency, the number of its open accounts, and whether its own system may log in."""

    id: str
    name: str
    kind: str
    people: int
    system: bool


async def add(admin: KeycloakAdmin, steps: Steps, agency: str, name: str, kind: str, role: Role) -> str | None:
    """Make the agency and its system's client with this role, or bring them to what is said here.

    Gives the system's secret if its client is new; Keycloak tells it this once.
    """
    wanted = shapes.agency_group(agency, name, kind)
    with refusals(admin):
        group = await group_of(admin, agency)
        if group is None:
            above = await admin.a_get_group_by_path(f"/{shapes.AGENCIES}")
            await steps.take(f"agency {agency}: made", lambda: admin.a_create_group(wanted, parent=above["id"]))
            group = await group_of(admin, agency)
        elif group.get("attributes") != wanted["attributes"]:
            known = group
            await steps.take(f"agency {agency}: renamed", lambda: admin.a_update_group(known["id"], known | wanted))
        return await _add_system(admin, steps, agency, group, role)


async def _add_system(
    admin: KeycloakAdmin, steps: Steps, agency: str, group: dict[str, Any] | None, role: Role
) -> str | None:
    name, secret = shapes.system_id(agency), None
    client = await admin.a_get_client_id(name)
    if client is None:
        client = await steps.take(f"client {name}: made", lambda: admin.a_create_client(shapes.system_client(agency)))
        secret = None if client is None else (await admin.a_get_client_secrets(client))["value"]
    if client is None or group is None:  # a dry run: there is nothing yet to look at
        steps.told.append(f"client {name}: acts for {agency} as {role}")
        return None
    account = (await admin.a_get_client_service_account_user(client))["id"]
    if group["path"] not in [one["path"] for one in await admin.a_get_user_groups(account)]:
        await steps.take(f"client {name}: acts for {agency}", lambda: admin.a_group_user_add(account, group["id"]))
    await set_roles(admin, steps, f"client {name}", account, frozenset({role}))
    return secret


async def listed(admin: KeycloakAdmin) -> list[Agency]:
    """All agencies, by id."""
    with refusals(admin):
        above = await admin.a_get_group_by_path(f"/{shapes.AGENCIES}")
        groups = await admin.a_get_group_children(above["id"], {"briefRepresentation": False, "max": -1})
        found = []
        for group in sorted(groups, key=lambda group: group["name"]):
            agency = group["name"]
            people = len(await _people(admin, group))
            system = await admin.a_get_client_id(shapes.system_id(agency)) is not None
            name, kind = shapes.attribute(group, "title") or agency, shapes.attribute(group, "kind") or ""
            found.append(Agency(agency, name, kind, people, system))
        return found


async def remove(admin: KeycloakAdmin, steps: Steps, agency: str) -> None:
    """Remove the agency and its system's client. Raises `Conflict` while somebody of it can still log in."""
    with refusals(admin):
        group = await group_of(admin, agency)
        if group is not None and (people := await _people(admin, group)):
            raise Conflict(
                f"{len(people)} people of {agency} can still log in.",
                way_out="Suspend them first (`lotse person suspend`), or add them to another agency.",
            )
        client = await admin.a_get_client_id(shapes.system_id(agency))
        if client is not None:
            await steps.take(f"client {shapes.system_id(agency)}: removed", lambda: admin.a_delete_client(client))
        if group is not None:
            await steps.take(f"agency {agency}: removed", lambda: admin.a_delete_group(group["id"]))


async def new_secret(admin: KeycloakAdmin, steps: Steps, agency: str) -> str | None:
    """Draw a new secret for the agency's system; the old one is over at once. Raises `Invalid` if it has no client."""
    name = shapes.system_id(agency)
    with refusals(admin):
        client = await admin.a_get_client_id(name)
        if client is None:
            raise Invalid(f"There is no client {name}.", way_out="Add the agency first: `lotse agency add`.")
        drawn = await steps.take(f"client {name}: new secret", lambda: admin.a_generate_client_secrets(client))
    return drawn["value"] if drawn else None


async def set_roles(admin: KeycloakAdmin, steps: Steps, who: str, user: str, wanted: frozenset[Role]) -> None:
    """Exactly these of Lotse's roles; the realm's own stay as they are."""
    held = [role for role in await admin.a_get_realm_roles_of_user(user) if role["name"] in shapes.STAFF_ROLES]
    missing = [await admin.a_get_realm_role(name) for name in sorted(wanted - {role["name"] for role in held})]
    extra = [role for role in held if role["name"] not in wanted]
    if missing:
        names = ", ".join(role["name"] for role in missing)
        await steps.take(f"{who}: gets the role {names}", lambda: admin.a_assign_realm_roles(user, missing))
    if extra:
        names = ", ".join(role["name"] for role in extra)
        told = f"{who}: loses the role {names}, within five minutes"
        await steps.take(told, lambda: admin.a_delete_realm_roles_of_user(user, extra))


async def _people(admin: KeycloakAdmin, group: dict[str, Any]) -> list[dict[str, Any]]:
    members = await admin.a_get_group_members(group["id"], {"briefRepresentation": False})
    return [user for user in members if works(user)]
