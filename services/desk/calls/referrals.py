"""What pages ask of referrals: referrals, the directory, journeys and their timeline."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from contracts.transitions import Action, ReferralStatus
from services.desk.calls.api import Api, Listed, Out


class Line(Out):
    """A referral in a list."""

    id: UUID
    participant: UUID
    need: str
    sender: str
    sent_by: UUID
    receiver: str | None
    service: UUID | None
    urgency: str
    status: ReferralStatus
    created_at: datetime
    due_at: datetime | None
    on_hold_since: datetime | None
    overdue: bool
    received_at: datetime | None
    first_appointment: datetime | None
    reason_code: str | None
    outcome: str | None
    granted_when_sent: tuple[str, ...]
    sharing: bool
    version: int
    actions: tuple[Action, ...]


class Entry(Out):
    """A line of its history."""

    at: datetime
    what: str
    agency: str | None
    reason_code: str | None
    outcome: str | None
    note: str | None
    reason_text: str | None
    contact_name: str | None


class Referral(Line):
    """A referral with its history."""

    note: str | None
    contact_name: str | None
    receiver_contact_name: str | None
    history: tuple[Entry, ...]


class Service(Out):
    """An offer of the directory."""

    id: UUID
    agency: str
    name: str
    need: str
    languages: tuple[str, ...]
    capacity_state: str
    free_places: int | None


class Cohort(Out):
    """A class of a programme that starts together. `bindings`: which agency has which function."""

    id: UUID
    programme: str
    name: str
    starts_on: date
    agency: str
    bindings: Mapping[str, str]


class Enrolment(Out):
    """A place in a cohort that was asked for."""

    id: UUID
    participant: UUID
    state: str
    reasons: tuple[str, ...]
    journey: UUID | None


class Stage(Out):
    stage: str
    name: Mapping[str, str]
    entered_at: datetime
    completed_at: datetime | None


class Shut(Out):
    """What keeps the gate of the next stage shut. `domains` only for those who may know them."""

    gate: str
    domains: tuple[str, ...] = ()


class Next(Out):
    """The stage that comes next; nothing in `shut` means: its gate is open."""

    stage: str
    shut: tuple[Shut, ...]


class Journey(Out):
    """Somebody's way through a programme. `next` is left out of lists."""

    id: UUID
    participant: UUID
    reference: str | None
    programme: str
    agency: str
    stage: str
    stages: tuple[Stage, ...]
    next: Next | None = None
    started_at: datetime
    ended_at: datetime | None = None
    why: str | None = None
    destination: str | None = None


class Happened(Out):
    """A line of the timeline."""

    at: datetime
    what: str
    by: str | None
    about: UUID | None


async def listed(
    api: Api, *, side: str | None = None, participant: UUID | None = None, after: str | None = None, limit: int = 100
) -> Listed[Line]:
    """Newest first."""
    return await api.page(Line, "/v1/referrals", side=side, participant=participant, after=after, limit=limit)


async def referral(api: Api, id_: UUID) -> Referral:
    return await api.get(Referral, f"/v1/referrals/{id_}")


async def refer(api: Api, body: Mapping[str, object], once: str) -> Referral:
    return await api.post(Referral, "/v1/referrals", body, once=once)


async def act(api: Api, id_: UUID, action: Action, body: Mapping[str, object], *, once: str, version: int) -> Referral:
    """Raises `SaidNo` with 412 if somebody changed it since `version`."""
    return await api.post(Referral, f"/v1/referrals/{id_}/{action}", body, once=once, version=version)


async def services(api: Api, need: str | None = None) -> Listed[Service]:
    return await api.page(Service, "/v1/directory/services", need=need, limit=200)


async def cohorts(api: Api) -> Listed[Cohort]:
    """Newest first."""
    return await api.page(Cohort, "/v1/cohorts", limit=100)


async def enrol(api: Api, cohort: UUID, participant: UUID, once: str) -> Enrolment:
    """Asks for a place; intake answers."""
    return await api.post(Enrolment, f"/v1/cohorts/{cohort}/enrolments", {"participant": str(participant)}, once=once)


async def enrolment(api: Api, id_: UUID) -> Enrolment:
    return await api.get(Enrolment, f"/v1/enrolments/{id_}")


async def journeys(api: Api, participant: UUID | None = None, after: str | None = None) -> Listed[Journey]:
    return await api.page(Journey, "/v1/journeys", participant=participant, after=after, limit=50)


async def journey(api: Api, id_: UUID) -> Journey:
    return await api.get(Journey, f"/v1/journeys/{id_}")


async def timeline(api: Api, participant: UUID, after: str | None = None) -> Listed[Happened]:
    return await api.page(Happened, f"/v1/participants/{participant}/timeline", after=after, limit=200)
