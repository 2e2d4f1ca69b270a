"""Registering somebody, and correcting what a record says of who somebody is."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import intake, recording
from services.desk.calls.api import SaidNo, part
from services.desk.calls.intake import Participant
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.look.navigation import CASEWORK
from services.desk.pages.registration import registering

router = APIRouter(route_class=Door, include_in_schema=False)


@router.get("/participants/new")
async def new(visit: Visit = Visiting) -> Response:
    """An empty form."""
    return _new(visit, Draft())


@router.post("/participants/new")
async def register(visit: Visit = Visiting) -> Response:
    """Registers somebody for my agency; the same form sent twice makes one record."""
    wrong = registering.wrong(visit.form)
    if wrong:
        return _new(visit, Draft.mistaken(visit.form, wrong))
    try:
        made = await recording.register(visit.calls.intake, registering.body(visit.form), visit.form["once"])
    except SaidNo as no:
        return _new(visit, Draft.refused(visit.form, no, registering.FIELDS))
    return visit.go(f"/participants/{made.id}?done=registered")


@router.get("/participants/{participant}/correct")
async def as_it_is(participant: UUID, visit: Visit = Visiting) -> Response:
    """The form with what is recorded."""
    one = await intake.participant(visit.calls.intake, participant)
    return await _correct(visit, one, Draft(_recorded(one)))


@router.post("/participants/{participant}/correct")
async def correct(participant: UUID, visit: Visit = Visiting) -> Response:
    """Name, birth date, contact and language, as they are from now on."""
    wrong = registering.wrong(visit.form)
    draft = Draft.mistaken(visit.form, wrong)
    if not wrong:
        body, version = registering.body(visit.form) | registering.assigned(visit.form), visit.form.version
        try:
            await recording.change(visit.calls.intake, participant, body, version=version)
        except SaidNo as no:
            draft = Draft.refused(visit.form, no, registering.FIELDS)
        else:
            return visit.go(f"/participants/{participant}?done=corrected")
    return await _correct(visit, await intake.participant(visit.calls.intake, participant), draft)


def _recorded(one: Participant) -> dict[str, object]:
    found: dict[str, object] = {"language": one.language, "caseworker": one.caseworker}
    if one.identity:
        birth = one.identity.birth
        found |= {"given_name": one.identity.given_name, "family_name": one.identity.family_name}
        found |= {"birth_year": birth.year, "birth_month": birth.month, "birth_day": birth.day}
    if one.contact:
        found |= {"phone": one.contact.phone, "email": one.contact.email, "address": one.contact.address}
    return found


def _new(visit: Visit, draft: Draft) -> Response:
    return visit.page(
        "pages/registration/new.html", draft.status, d=draft, languages=visit.words.of_languages(registering.LANGUAGES)
    )


async def _correct(visit: Visit, one: Participant, draft: Draft) -> Response:
    colleagues = await part(recording.colleagues(visit.calls.intake))
    workers = [(who.id, who.name) for who in colleagues.value or () if CASEWORK & set(who.roles)]
    spoken = {*registering.LANGUAGES, *({one.language} if one.language else ())}
    languages = visit.words.of_languages(spoken)
    return visit.page(
        "pages/registration/correct.html", draft.status, d=draft, one=one, languages=languages, workers=workers
    )
