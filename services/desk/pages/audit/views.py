"""Whether the audit trails are whole, and the way from a reference code to what the reader may know of the person."""

import asyncio
from typing import Final

from fastapi import APIRouter, Response

from contracts.vocabulary import Role
from services.desk.calls import intake, operations
from services.desk.calls.api import SaidNo, part
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)
SERVICES: Final = ("intake", "matching", "referrals", "notifications")
WRONG: Final = {
    404: N_("This code leads you to nobody. Your agency may have no right to the record."),
    422: N_("This is no reference code, or it was misheard. Let it be read out again: P, four signs, four signs."),
    429: N_("Too many codes were tried. Wait a minute."),
}


@router.get("/audit")
async def trails(visit: Visit = Visiting) -> Response:
    """Each service verifies its own trail."""
    found = await asyncio.gather(*(part(operations.audit(getattr(visit.calls, name))) for name in SERVICES))
    for one in found:
        _ = one.allowed  # who is no auditor is told so
    trails = list(zip(SERVICES, found, strict=True))
    return visit.page("pages/audit/audit.html", trails=trails, d=Draft())


@router.get("/by-code")
async def empty(visit: Visit = Visiting) -> Response:
    """The form."""
    return visit.page("pages/audit/by_code.html", d=Draft())


@router.post("/by-code")
async def by_code(visit: Visit = Visiting) -> Response:
    """To the record, or for an auditor to who has looked at it."""
    try:
        whose = await intake.by_reference(visit.calls.intake, visit.form["code"] or "-")
    except SaidNo as no:
        if no.status not in WRONG:
            raise
        draft = Draft.mistaken(visit.form, {"code": WRONG[no.status]})
        return visit.page("pages/audit/by_code.html", draft.status, d=draft)
    looks = "/looks" if Role.AUDITOR in visit.who.roles else ""
    return visit.go(f"/participants/{whose.participant}{looks}")
