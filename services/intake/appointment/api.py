"""How the world speaks to appointments. Each is known to the agency that made it, and to the person."""

from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from contracts.refusal import Invalid
from contracts.vocabulary import AgencyId, Category, LanguageCode, Moment, ParticipantId, StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, Running, etag
from infra.chassis.paging import Limit
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.service import Runtime
from services.intake.appointment import calendar, store, use_cases
from services.intake.appointment.domain import Appointment
from services.intake.appointment.shapes import AppointmentOut, MoveIn, OutcomeIn, PlanIn
from services.intake.participant import use_cases as participants

router = APIRouter(prefix="/v1", route_class=Edge, tags=["appointment"], responses=responses())

LONGEST_LOOK: Final = timedelta(days=92)
"""A quarter at a time: what a calendar shows."""
Words = Annotated[LanguageCode, Query(description="Language of the calendar's words: en, de, ar.")]
CALENDAR: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/calendar": {}}, "description": "A calendar file"}
}


@router.post(
    "/participants/{participant}/appointments",
    status_code=201,
    summary="Make an appointment",
    responses=responses(503),
)
async def plan(
    participant: ParticipantId,
    body: PlanIn,
    response: Response,
    who: Caller = may("appointment:write"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
) -> AppointmentOut:
    """Both sides find it in their list and are reminded the day before."""
    record = Record("appointments", str(participant), participant, owners=frozenset({who.agency}))
    await who.allow(tx, record, Category.CONTACT)
    staff = StaffId(body.staff or who.principal.subject)
    if staff != who.principal.subject:
        await _works_at(runtime, staff, who.agency)
    made = await use_cases.plan(tx, participant, agency=who.agency, staff=staff, terms=body.as_terms())
    response.headers["Location"] = f"/v1/appointments/{made.id}"
    etag(response, made.version)
    return AppointmentOut.of(made)


@router.get("/participants/{participant}/appointments", summary="Appointments of a participant")
async def of_participant(
    participant: ParticipantId, who: Caller = may("appointment:read"), tx: Tx = InTx
) -> list[AppointmentOut]:
    """Those with the caller's agency, the latest first; the person sees all of them."""
    owners = frozenset({who.principal.agency or ""})
    record = Record("appointments", str(participant), participant, owners=owners)
    await who.allow(tx, record, Category.CONTACT)
    return [AppointmentOut.of(one) for one in await store.of(tx, participant, who.principal.agency)]


@router.get("/appointments", summary="The caller's own appointments")
async def mine(
    since: Annotated[Moment, Query(description="From this moment on.")],
    until: Annotated[Moment, Query(description="Before this one; 92 days later at most.")],
    who: Caller = may("appointment:list"),
    tx: Tx = InTx,
    limit: Limit = 100,
) -> list[AppointmentOut]:
    """What the caller has planned in that time, in order; what was moved or cancelled is left out."""
    return [AppointmentOut.of(one) for one in await _own(tx, who, since, until, limit)]


@router.get(
    "/appointments/calendar",
    summary="The caller's own appointments as a calendar",
    response_class=Response,
    responses=CALENDAR,
)
async def mine_as_calendar(
    since: Annotated[Moment, Query(description="From this moment on.")],
    until: Annotated[Moment, Query(description="Before this one; 92 days later at most.")],
    who: Caller = may("appointment:list"),
    tx: Tx = InTx,
    language: Words = "en",
) -> Response:
    """For a calendar program. People are in it by their reference code."""
    return await _calendar(tx, await _own(tx, who, since, until, 200), language)


@router.get("/appointments/{appointment}", summary="One appointment")
async def read(
    appointment: UUID, response: Response, who: Caller = may("appointment:read"), tx: Tx = InTx
) -> AppointmentOut:
    """What was agreed and what became of it."""
    found = await _allowed(tx, who, appointment)
    etag(response, found.version)
    return AppointmentOut.of(found)


@router.get(
    "/appointments/{appointment}/calendar",
    summary="One appointment as a calendar",
    response_class=Response,
    responses=CALENDAR,
)
async def as_calendar(
    appointment: UUID, who: Caller = may("appointment:read"), tx: Tx = InTx, language: Words = "en"
) -> Response:
    """For a calendar program. The person is in it by the reference code."""
    return await _calendar(tx, [await _allowed(tx, who, appointment)], language)


@router.post(
    "/appointments/{appointment}/move",
    status_code=201,
    summary="Move an appointment",
    responses=responses(409, 412, 428),
)
async def move(
    appointment: UUID,
    body: MoveIn,
    response: Response,
    who: Caller = may("appointment:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> AppointmentOut:
    """Another time or place: the new appointment; the old one says where it went."""
    await _allowed(tx, who, appointment)
    moved = await use_cases.move(tx, appointment, body.as_terms(), version)
    response.headers["Location"] = f"/v1/appointments/{moved.id}"
    etag(response, moved.version)
    return AppointmentOut.of(moved)


@router.post(
    "/appointments/{appointment}/outcome", summary="Record what became of it", responses=responses(409, 412, 428)
)
async def decide(
    appointment: UUID,
    body: OutcomeIn,
    response: Response,
    who: Caller = may("appointment:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> AppointmentOut:
    """The person came, did not come, or it was cancelled. A slip between the first two can be put right."""
    await _allowed(tx, who, appointment)
    decided = await use_cases.decide(tx, appointment, body.outcome, version)
    etag(response, decided.version)
    return AppointmentOut.of(decided)


async def _own(tx: Tx, who: Caller, since: Moment, until: Moment, limit: int) -> list[Appointment]:
    if not since < until <= since + LONGEST_LOOK:
        raise Invalid(
            "This is no span of time, or too long a one.",
            way_out="Ask for 92 days or less, `since` before `until`.",
            field="until",
        )
    participant = who.principal.participant
    if participant is not None:
        await who.allow(tx, Record.of_participant(participant, "appointments"))
        found = [one for one in await store.of(tx, participant) if since <= one.terms.begins_at < until]
        return sorted(found, key=lambda one: one.terms.begins_at)[:limit]
    await who.allow(tx, Record("appointments", owners=frozenset({who.agency})))
    staff = StaffId(who.principal.subject)
    found = await store.of_staff(tx, staff, who.agency, since, until, limit)
    await who.listed(tx, [one.participant for one in found], Category.CONTACT)
    return found


async def _allowed(tx: Tx, who: Caller, appointment: UUID) -> Appointment:
    """The appointment, if the caller may do this with it, which is noted. Raises `NotFound`, `NotAllowed`."""
    found = await store.load(tx, appointment)
    record = Record("appointment", str(found.id), found.participant, owners=frozenset({found.agency}))
    await who.allow(tx, record, Category.CONTACT)
    return found


async def _calendar(tx: Tx, found: list[Appointment], language: str) -> Response:
    known = await participants.identity_of(tx, {one.participant for one in found})
    names = {one.id: known[one.participant].reference for one in found if one.participant in known}
    text = calendar.calendar(found, names, language=language, now=tx.system_now)
    headers = {"Content-Disposition": 'attachment; filename="appointments.ics"', "X-Content-Type-Options": "nosniff"}
    return Response(text, headers=headers, media_type=calendar.MEDIA)


async def _works_at(runtime: Runtime, staff: StaffId, agency: AgencyId) -> None:
    """Raises `Invalid` for somebody who does not work at the caller's agency, `Unavailable` if nobody can say."""
    member = await runtime.identity.directory.member(staff)
    if member is None or member.agency != agency:
        raise Invalid(
            "This is nobody of your agency.", way_out="Name a colleague, or leave `staff` out.", field="staff"
        )
