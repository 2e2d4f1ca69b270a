"""The participant's own pages: what is recorded, who may see it, who has looked; and taking a consent back."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import case_file, intake, matching, referrals
from services.desk.calls.api import SaidNo, part
from services.desk.door import Door, Visit, Visiting
from services.desk.pages.mine import looks

router = APIRouter(route_class=Door, include_in_schema=False)


@router.get("/mine")
async def mine(visit: Visit = Visiting) -> Response:
    """What is recorded about me and what goes on."""
    me = visit.who.participant
    if me is None:
        return visit.go("/inbox")
    calls = visit.calls
    record, journeys, referred, placements, barriers, appointments, documents, letters = await asyncio.gather(
        part(intake.participant(calls.intake, me)),
        part(referrals.journeys(calls.referrals, me)),
        part(referrals.listed(calls.referrals, participant=me)),
        part(matching.placements(calls.matching, me)),
        part(intake.barriers(calls.intake, me)),
        part(case_file.appointments(calls.intake, me)),
        part(case_file.documents(calls.intake, me)),
        part(case_file.letters(calls.intake, me)),
    )
    return visit.page(
        "pages/mine/mine.html",
        record=record,
        journeys=journeys,
        referred=referred,
        placements=placements,
        barriers=barriers,
        appointments=appointments,
        documents=documents,
        letters=letters,
    )


@router.get("/mine/sharing")
async def sharing(visit: Visit = Visiting, withdrawn: bool = False) -> Response:
    """Who may see what, and who has looked."""
    return await _sharing(visit, withdrawn=withdrawn)


@router.post("/mine/sharing/{grant}/withdraw")
async def withdraw(grant: UUID, visit: Visit = Visiting) -> Response:
    """Takes a consent back: from now on, everywhere."""
    try:
        await intake.withdraw(visit.calls.intake, grant, visit.form["once"])
    except SaidNo as no:
        if no.status != 409:
            raise
        return await _sharing(visit, no=no)
    return visit.go("/mine/sharing?withdrawn=true")


async def _sharing(visit: Visit, *, withdrawn: bool = False, no: SaidNo | None = None) -> Response:
    me = visit.who.participant
    if me is None:
        return visit.go("/inbox")
    disclosures = await part(intake.disclosures(visit.calls.intake, me))
    return visit.page(
        "pages/mine/sharing.html",
        no.status if no else 200,
        disclosures=disclosures,
        days=looks.by_day(disclosures.value.looks, visit.words.zone) if disclosures.value else (),
        withdrawn=withdrawn,
        no=no,
    )
