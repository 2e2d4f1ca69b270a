"""Referrals: the board by state, one referral with what I can do about it now, and a new one.

What somebody can do is what the service says, never what we think. A form that comes too late keeps what was typed.
"""

import asyncio
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from contracts.transitions import Action
from services.desk.calls import intake, referrals
from services.desk.calls.api import Listed, Part, SaidNo, part
from services.desk.calls.referrals import Line
from services.desk.door import Door, Visit, Visiting
from services.desk.pages.referrals import acting, board, sending

router = APIRouter(route_class=Door, include_in_schema=False)
SIDES: Final = ("received", "sent", "open")
REFUSED: Final = (409, 412, 422)
"""What is shown on the form itself: somebody was quicker, or a field is not right."""


@router.get("/referrals")
async def all_of_them(visit: Visit = Visiting, side: str = "") -> Response:
    """By state. Without a side: everything that my agency has a part in."""
    side = side if side in SIDES else ""
    asked = part(referrals.listed(visit.calls.referrals, side=side or None))
    found: Part[Listed[Line]] = (await asked).allowed
    lines = found.value.items if found.value else ()
    names = await part(intake.names(visit.calls.intake, {one.participant for one in lines}))
    return visit.page(
        "pages/referrals/board.html", found=found, columns=board.columns(lines), names=names, side=side, sides=SIDES
    )


@router.get("/referrals/new")
async def new(participant: UUID, visit: Visit = Visiting) -> Response:
    """An empty form about this person."""
    return await _form(visit, participant)


@router.post("/referrals/new")
async def send(participant: UUID, visit: Visit = Visiting) -> Response:
    """Sends it, or keeps it as a draft. The same form sent twice makes one referral."""
    wrong = sending.wrong(visit.form)
    if wrong:
        return await _form(visit, participant, wrong=wrong)
    body = sending.body(participant, visit.form, visit.words.zone)
    try:
        made = await referrals.refer(visit.calls.referrals, body, visit.form["once"])
    except SaidNo as no:
        if no.status not in REFUSED:
            raise
        return await _form(visit, participant, no=no)
    return visit.go(f"/referrals/{made.id}?done=send")


@router.get("/referrals/{referral}")
async def one(referral: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """With its history and exactly the actions that are mine."""
    return await _one(visit, referral, done=done)


@router.post("/referrals/{referral}/{action}")
async def act(referral: UUID, action: Action, visit: Visit = Visiting) -> Response:
    """Does it on the version that was read; a double click does it once."""
    form, body = visit.form, acting.body(visit.form)
    try:
        await referrals.act(visit.calls.referrals, referral, action, body, once=form["once"], version=form.version)
    except SaidNo as no:
        if no.status not in REFUSED:
            raise
        return await _one(visit, referral, tried=action, no=no)
    return visit.go(f"/referrals/{referral}?done={action}")


async def _one(
    visit: Visit, referral: UUID, *, tried: Action | None = None, no: SaidNo | None = None, done: str = ""
) -> Response:
    found = await referrals.referral(visit.calls.referrals, referral)
    names = await part(intake.names(visit.calls.intake, {found.participant}))
    offers = [acting.offer(found, action) for action in found.actions]
    return visit.page(
        "pages/referrals/referral.html",
        no.status if no else 200,
        one=found,
        person=(names.value or {}).get(found.participant),
        names=names,
        offers=offers,
        tried=tried,
        no=no,
        typed=visit.form,
        done=done if done in set(Action) else "",
    )


async def _form(
    visit: Visit, participant: UUID, *, wrong: dict[str, str] | None = None, no: SaidNo | None = None
) -> Response:
    person, services = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)), part(referrals.services(visit.calls.referrals))
    )
    return visit.page(
        "pages/referrals/new.html",
        422 if wrong else no.status if no else 200,
        person=person.needed(),
        services=services,
        places=sending.places(services.value.items if services.value else ()),
        wrong=wrong or {},
        no=no,
        typed=visit.form,
    )
