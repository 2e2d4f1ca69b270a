"""People who work for an agency, as an operator keeps them in Keycloak. Every command may be repeated."""

import secrets
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from keycloak import KeycloakAdmin

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import Role
from infra.chassis.identity.keycloak import shapes
from infra.chassis.identity.keycloak.accounts import group_of
from infra.chassis.identity.keycloak.connection import refusals
from infra.keycloak.agencies import set_roles
from infra.keycloak.steps import Steps

ASIDE: Final = ("service-account-", "p-")
"""User names that begin so belong to systems and participants."""
SAID: Final = ("firstName", "lastName", "email")


@dataclass(frozen=True, slots=True)
class Said:
    """What an operator says about a person."""

    username: str
    name: str
    email: str
    agency: str
    roles: frozenset[Role]
    language: str = "en"


async def find(admin: KeycloakAdmin, username: str) -> dict[str, Any] | None:
    """The user of this name, or None."""
    with refusals(admin):
        found = await admin.a_get_users({"username": username, "exact": True, "briefRepresentation": False})
    return found[0] if found else None


async def add(admin: KeycloakAdmin, steps: Steps, said: Said, *, again: bool = False) -> str | None:
    """Make the account, or bring it to what is said. Gives the first password if the account is new.

    Raises `Invalid` for a name or role that is not for staff or an unknown agency, and `Conflict` for a suspended
    account unless `again`: a script that is run once more must not open what somebody closed.
    """
    _check(said)
    with refusals(admin):
        group = await group_of(admin, said.agency)
        if group is None:
            raise Invalid(f"There is no agency {said.agency}.", way_out="Add it first: `lotse agency add`.")
        user = await find(admin, said.username)
        if user is not None:
            await _bring_up_to_date(admin, steps, said, user, group, again=again)
            return None
        password = secrets.token_urlsafe(12)
        wanted = shapes.staff_user(said.username, said.name, said.email, said.language) | {
            "enabled": True,
            "groups": [group["path"]],
            "credentials": [{"type": "password", "value": password, "temporary": True}],
        }
        made = await steps.take(f"person {said.username}: made, in {said.agency}", lambda: admin.a_create_user(wanted))
        if made is None:
            steps.told.append(f"person {said.username}: gets the role {', '.join(sorted(said.roles))}")
            return None
        await set_roles(admin, steps, f"person {said.username}", made, said.roles)
        return password


async def _bring_up_to_date(
    admin: KeycloakAdmin, steps: Steps, said: Said, user: dict[str, Any], group: dict[str, Any], *, again: bool
) -> None:
    who = f"person {said.username}"
    wanted = shapes.staff_user(said.username, said.name, said.email, said.language)
    changed = [part for part in SAID if user.get(part, "") != wanted[part]]
    changed += [] if shapes.language_of(user) == said.language else ["language"]
    if not user["enabled"]:
        if not again:
            raise Conflict(
                f"The account {said.username} is suspended.", way_out="To open it again, repeat this with --again."
            )
        changed.append("open again")
    if changed:
        attributes = (user.get("attributes") or {}) | wanted["attributes"]
        now = user | wanted | {"attributes": attributes, "enabled": True}
        await steps.take(f"{who}: {', '.join(changed)}", lambda: admin.a_update_user(user["id"], now))
    for other in await admin.a_get_user_groups(user["id"]):
        if shapes.agency_of(other) not in (None, said.agency):
            leave = partial(admin.a_group_user_remove, user["id"], other["id"])
            await steps.take(f"{who}: leaves {other['name']}", leave)
    if group["path"] not in [one["path"] for one in await admin.a_get_user_groups(user["id"])]:
        await steps.take(f"{who}: joins {said.agency}", lambda: admin.a_group_user_add(user["id"], group["id"]))
    await set_roles(admin, steps, who, user["id"], said.roles)


def _check(said: Said) -> None:
    if said.username.lower().startswith(ASIDE) or not said.username.isprintable() or " " in said.username:
        raise Invalid("This user name is not for staff.", way_out="Choose one without spaces, such as `jonas`.")
    if not said.roles or not said.roles <= shapes.STAFF_ROLES:
        roles = ", ".join(sorted(shapes.STAFF_ROLES))
        raise Invalid("A member of staff needs a role.", way_out=f"Name one or more of: {roles}.")
