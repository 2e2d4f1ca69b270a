"""Who works at the caller's own agency: names for pages, and whom somebody can be assigned to. Kept nowhere."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from contracts.vocabulary import Role
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx, Running
from infra.chassis.identity.base import StaffMember
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.service import Runtime

router = APIRouter(prefix="/v1/staff", route_class=Edge, tags=["participant"], responses=responses(503))


class ColleagueOut(BaseModel):
    """A member of staff, without contact."""

    id: UUID
    name: str
    roles: list[Role]

    @classmethod
    def of(cls, member: StaffMember) -> Self:
        return cls(id=member.id, name=member.name, roles=sorted(member.roles))


@router.get("", summary="Colleagues")
async def colleagues(
    who: Caller = may("directory:read"), tx: Tx = InTx, runtime: Runtime = Running
) -> list[ColleagueOut]:
    """The staff of the caller's own agency, by name, as the identity provider knows it; at most a minute old."""
    await who.allow(tx, Record("staff", owners=frozenset({who.agency})))
    return [ColleagueOut.of(member) for member in await runtime.identity.directory.of_agency(who.agency)]
