"""What other agencies may be told of a participant: who may see what, a new right, the end of one, who has looked."""

import asyncio
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import intake, recording, referrals
from services.desk.calls.api import SaidNo, part
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.pages.consents import giving
from services.desk.pages.mine import looks
from services.desk.pages.registration.registering import LANGUAGES
from services.desk.words import labels
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)
WHY: Final = N_("Choose how it ends.")


@router.get("/participants/{participant}/consents")
async def consents(participant: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """Who may see what, and the form for more."""
    return await _shown(visit, participant, done=done if done in ("given", "ended") else "")


@router.post("/participants/{participant}/consents")
async def give(participant: UUID, visit: Visit = Visiting) -> Response:
    """Records that somebody may see something; sent twice, it is recorded once."""
    region = visit.words.say(labels.of(giving.REGION))
    form, wrong = visit.form, giving.wrong(visit.form, region)
    if wrong:
        return await _shown(visit, participant, Draft.mistaken(form, wrong))
    try:
        body = giving.body(form, visit.words.zone, region)
        await recording.give_grant(visit.calls.intake, participant, body, form["once"])
    except SaidNo as no:
        return await _shown(visit, participant, Draft.refused(form, no))
    return visit.go(f"/participants/{participant}/consents?done=given")


@router.post("/participants/{participant}/consents/{grant}/end")
async def end(participant: UUID, grant: UUID, visit: Visit = Visiting) -> Response:
    """Records that it is over: from now on, everywhere."""
    field, why = f"why-{grant}", visit.form[f"why-{grant}"]
    if not why:
        return await _shown(visit, participant, ending=Draft.mistaken(visit.form, {field: WHY}))
    try:
        await recording.end_grant(visit.calls.intake, grant, why, visit.form["once"])
    except SaidNo as no:
        return await _shown(visit, participant, ending=Draft.refused(visit.form, no, {"why": field}))
    return visit.go(f"/participants/{participant}/consents?done=ended")


@router.get("/participants/{participant}/looks")
async def who_has_looked(participant: UUID, visit: Visit = Visiting) -> Response:
    """Day by day, for the responsible agency and for auditors."""
    person, found, number = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)),
        part(intake.disclosures(visit.calls.intake, participant)),
        part(recording.trace_number(visit.calls.intake, participant)),
    )
    days = looks.by_day(found.needed().looks, visit.words.zone)
    grants = found.needed().grants
    return visit.page("pages/consents/looks.html", person=person.value, days=days, grants=grants, number=number.value)


async def _shown(
    visit: Visit, participant: UUID, draft: Draft | None = None, *, ending: Draft | None = None, done: str = ""
) -> Response:
    person, grants, offers, cohorts = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)),
        part(intake.grants(visit.calls.intake, participant)),
        part(referrals.services(visit.calls.referrals)),
        part(referrals.cohorts(visit.calls.referrals)),
    )
    one = person.needed()
    known = {offer.agency for offer in offers.value.items} if offers.value else set()
    if cohorts.value:
        known |= {agency for cohort in cohorts.value.items for agency in (cohort.agency, *cohort.bindings.values())}
    today = visit.desk.clock().date()
    draft = draft or Draft(giving.begun(today, one.language or visit.language))
    ending = ending or Draft()
    return visit.page(
        "pages/consents/consents.html",
        max(draft.status, ending.status),
        one=one,
        grants=grants,
        living=giving.living(grants.value or ()),
        over=[grant for grant in grants.value or () if grant.ended],
        offers=offers,
        recipients=giving.recipients(known, visit.who.agency),
        categories=giving.CATEGORIES,
        bases=giving.BASES,
        how=giving.HOW,
        ends=giving.ENDS,
        languages=visit.words.of_languages({*LANGUAGES, *({one.language} if one.language else ())}),
        d=draft,
        ending=ending,
        done=done,
    )
