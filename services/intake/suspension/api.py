"""How the world ends somebody's access: agency administrators for their own people, operators for everybody."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from contracts.refusal import Unavailable
from contracts.vocabulary import StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx, Running
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.service import Runtime
from services.intake.suspension import use_cases

router = APIRouter(prefix="/v1/staff", route_class=Edge, tags=["suspension"], responses=responses())


class SuspensionOut(BaseModel):
    """Tokens of this account issued before `not_before` count no more, in any service.

    `account_closed` is false if the identity provider could not be reached: then the account still gets new tokens, and
    the request should be repeated.
    """

    account: UUID
    not_before: datetime
    account_closed: bool


@router.post("/{account}/suspension", summary="End somebody's access", responses=responses(403))
async def suspend(
    account: StaffId, who: Caller = may("staff:suspend"), tx: Tx = InTx, runtime: Runtime = Running
) -> SuspensionOut:
    """Ends the access of a member of staff, or of an agency's system, in every service within seconds.

    May be repeated. Opening the account again is the operators' task: `lotse person add --again`.
    """
    await who.allow(tx, Record("staff", str(account), owners=await _agency_of(runtime, account)))
    not_before, closed = await use_cases.suspend(tx, account, runtime.identity.staff, runtime.clock.system)
    return SuspensionOut(account=account, not_before=not_before, account_closed=closed)


async def _agency_of(runtime: Runtime, account: StaffId) -> frozenset[str]:
    """None if nobody can say at the moment: then operators alone may go on."""
    try:
        agency = await runtime.identity.staff.agency_of(account)
    except Unavailable:
        agency = None
    return frozenset({agency} if agency else ())
