"""Whether somebody is a caseworker of an agency, as the identity provider knows it."""

from typing import Final

from contracts.refusal import Invalid
from contracts.vocabulary import Role, StaffId
from infra.chassis.service import Runtime

CASEWORKERS: Final = frozenset({Role.CASEWORKER, Role.SUPERVISOR})


async def works_there(runtime: Runtime, staff: StaffId, home: str | None, field: str = "caseworker") -> None:
    """Raises `Invalid` for somebody who is no caseworker of the agency `home`, `Unavailable` if nobody can say."""
    member = await runtime.identity.directory.member(staff)
    if member is None or member.agency != home or not member.roles & CASEWORKERS:
        raise Invalid(
            "This is no caseworker of the responsible agency.",
            way_out="Name a caseworker or supervisor of the agency whose record it is.",
            field=field,
        )
