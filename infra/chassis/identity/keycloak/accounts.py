"""Accounts, suspensions and the staff directory over Keycloak's administration; the shapes are in `shapes.py`.

Log-in codes pass through here and are kept nowhere.
"""

import asyncio
from typing import Any, Final
from uuid import UUID

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError

from contracts.refusal import Conflict
from contracts.vocabulary import ParticipantId, Role, StaffId
from infra.chassis.identity.base import StaffMember
from infra.chassis.identity.keycloak import shapes
from infra.chassis.identity.keycloak.connection import refusals

AT_ONCE: Final = 8
"""Questions to Keycloak at a time, of one service."""


class KeycloakParticipantAccounts:
    """`base.ParticipantAccounts` over Keycloak: a user whose name is the reference and whose password is the code."""

    def __init__(self, admin: KeycloakAdmin) -> None:
        self._admin = admin

    async def enrol(self, participant: ParticipantId, reference: str, code: str) -> None:
        with refusals(self._admin):
            user = await self._account(participant)
            if user is None:
                user = await self._made(participant, reference)
            await self._admin.a_set_user_password(user, code, temporary=False)
            # Whoever logged in with the old code is somebody else, perhaps.
            await self._admin.a_user_logout(user)

    async def remove(self, participant: ParticipantId) -> None:
        with refusals(self._admin):
            user = await self._account(participant)
            if user is not None:
                await self._admin.a_delete_user(user)

    async def _account(self, participant: ParticipantId) -> str | None:
        found = await self._admin.a_get_users({"q": f"participant:{participant}", "exact": True})
        return next((one["id"] for one in found), None)

    async def _made(self, participant: ParticipantId, reference: str) -> str:
        try:
            return await self._admin.a_create_user(shapes.participant_user(participant, reference))
        except KeycloakError as error:
            if error.response_code != 409:
                raise
        raise Conflict(
            "This reference code already has an account of somebody else.",
            way_out="Draw a new reference code and enrol again.",
            field="reference",
        )


class KeycloakStaffAccounts:
    """`base.StaffAccounts` over Keycloak."""

    def __init__(self, admin: KeycloakAdmin) -> None:
        self._admin = admin

    async def agency_of(self, account: StaffId) -> str | None:
        with refusals(self._admin):
            return await agency_of(self._admin, str(account)) if await user_of(self._admin, account) else None

    async def suspend(self, account: StaffId) -> None:
        with refusals(self._admin):
            if await user_of(self._admin, account) is not None:
                await self._admin.a_disable_user(str(account))
                await self._admin.a_user_logout(str(account))


class KeycloakStaffDirectory:
    """`base.StaffDirectory` over Keycloak. Asks each time: put `RememberedDirectory` in front."""

    def __init__(self, admin: KeycloakAdmin) -> None:
        self._admin = admin
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def of_agency(self, agency: str) -> list[StaffMember]:
        with refusals(self._admin):
            group = await group_of(self._admin, agency)
            if group is None:
                return []
            users = await self._admin.a_get_group_members(group["id"], {"briefRepresentation": False})
            working = [user for user in users if works(user)]
            members = await asyncio.gather(*(self._member(user, agency) for user in working))
        return sorted(members, key=lambda member: member.name)

    async def member(self, staff: StaffId) -> StaffMember | None:
        with refusals(self._admin):
            user = await user_of(self._admin, staff)
            if user is None or not works(user):
                return None
            agency = await agency_of(self._admin, user["id"])
            return await self._member(user, agency) if agency else None

    async def _member(self, user: dict[str, Any], agency: str) -> StaffMember:
        async with self._at_once:
            roles = await self._admin.a_get_composite_realm_roles_of_user(user["id"])
        return StaffMember(
            id=StaffId(UUID(user["id"])),
            name=shapes.full_name(user),
            email=user.get("email", ""),
            agency=agency,
            roles=frozenset(Role(role["name"]) for role in roles if role["name"] in shapes.STAFF_ROLES),
            language=shapes.language_of(user),
        )


def works(user: dict[str, Any]) -> bool:
    """Whether this is a person whose account is open."""
    return bool(user["enabled"]) and not shapes.is_service_account(user["username"])


async def user_of(admin: KeycloakAdmin, account: StaffId) -> dict[str, Any] | None:
    """The user of this id, or None."""
    return await _or_none(admin.a_get_user(str(account)))


async def group_of(admin: KeycloakAdmin, agency: str) -> dict[str, Any] | None:
    """The group of this agency, or None."""
    return await _or_none(admin.a_get_group_by_path(shapes.agency_path(agency)))


async def agency_of(admin: KeycloakAdmin, user: str) -> str | None:
    """The agency whose group the user is in; none if it is in no agency's or in several."""
    groups = await admin.a_get_user_groups(user)
    agencies = [agency for group in groups if (agency := shapes.agency_of(group)) is not None]
    return agencies[0] if len(agencies) == 1 else None


async def _or_none(asked: Any) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = await asked
    except KeycloakError as error:
        if error.response_code == 404:
            return None
        raise
    return found
