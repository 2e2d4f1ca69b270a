"""How the world speaks to referrals: parse, authorise, call, respond."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, StringConstraints

from contracts.transitions import Action, OutcomeCode, ReasonCode, ReferralStatus
from contracts.vocabulary import AgencyId, Category, Moment, NeedDomain, ParticipantId, ReferralId, StaffId, Urgency
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, Running, etag
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.chassis.service import Runtime
from services.referrals.referral import listing, right, store, use_cases
from services.referrals.referral.commands import Act, Words
from services.referrals.referral.listing import Which
from services.referrals.referral.state import Referral
from services.referrals.referral.store import Entry
from services.referrals.referral.working_days import WorkingDays
from services.referrals.settings import ReferralsSettings

router = APIRouter(prefix="/v1/referrals", route_class=Edge, tags=["referral"], responses=responses())

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class ReferIn(
    In,
    json_schema_extra=example(
        participant="1f0c2a9e-7b64-4d5c-9a3e-5b8f6e2d4c11",
        need="family",
        receiver="family-advice",
        note="Two children, 2 and 4 years old; shifts begin at six.",
        contact_name="Jonas, room 12",
    ),
):
    """A request for help. Without `receiver` it is open, to be claimed by an agency that holds the grants.

    `contact_name` is the sender's person to ask for; `first_appointment` a moment that is agreed already.
    """

    participant: ParticipantId
    need: NeedDomain
    receiver: AgencyId | None = None
    service: UUID | None = None
    urgency: Urgency = Urgency.ROUTINE
    note: Text | None = None
    contact_name: Name | None = None
    first_appointment: Moment | None = None
    draft: bool = False


class ActIn(In, json_schema_extra=example(outcome="got-help")):
    """What an action needs: a rejection its reason, a completion its outcome. See the referral's `actions`."""

    reason_code: ReasonCode | None = None
    reason_text: Text | None = None
    outcome: OutcomeCode | None = None
    contact_name: Name | None = None
    note: Text | None = None

    def as_act(self, action: Action, by: AgencyId, staff: StaffId) -> Act:
        words = Words(note=self.note, reason_text=self.reason_text, contact_name=self.contact_name)
        return Act(action, by, staff, self.reason_code, self.outcome, words)


class EntryOut(BaseModel):
    """One line of the history; words only as far as the caller may read them."""

    at: datetime
    what: str
    agency: str | None
    staff: UUID | None
    reason_code: ReasonCode | None
    outcome: OutcomeCode | None
    note: str | None
    reason_text: str | None
    contact_name: str | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        words = entry.words
        return cls(
            at=entry.at,
            what=entry.what,
            agency=entry.agency,
            staff=entry.staff,
            reason_code=entry.reason_code,
            outcome=entry.outcome,
            note=words.note,
            reason_text=words.reason_text,
            contact_name=words.contact_name,
        )


class ReferralLine(BaseModel):
    """A referral in a list: codes and times. `actions` is what the caller can do with it now."""

    id: UUID
    participant: UUID
    need: NeedDomain
    sender: str
    sent_by: UUID
    receiver: str | None
    service: UUID | None
    urgency: Urgency
    status: ReferralStatus
    created_at: datetime
    due_at: datetime | None
    on_hold_since: datetime | None
    overdue: bool
    received_at: datetime | None
    first_appointment: datetime | None
    reason_code: ReasonCode | None
    outcome: OutcomeCode | None
    granted_when_sent: list[Category]
    sharing: bool
    version: int
    actions: list[Action]


class ReferralOut(ReferralLine):
    """A referral with its history; `note` and `contact_name` are the sender's."""

    note: str | None
    contact_name: str | None
    receiver_contact_name: str | None
    history: list[EntryOut]


async def _line(who: Caller, tx: Tx, referral: Referral) -> ReferralLine:
    clock = referral.clock
    return ReferralLine(
        id=referral.id,
        participant=referral.participant,
        need=referral.need,
        sender=referral.sender,
        sent_by=referral.sent_by,
        receiver=referral.receiver,
        service=referral.service,
        urgency=referral.urgency,
        status=referral.status,
        created_at=referral.created_at,
        due_at=clock.due_at if clock else None,
        on_hold_since=clock.paused_at if clock else None,
        overdue=referral.overdue,
        received_at=referral.received_at,
        first_appointment=referral.first_appointment if await right.told(who, tx, referral) else None,
        reason_code=referral.reason_code,
        outcome=referral.outcome,
        granted_when_sent=sorted(referral.categories),
        sharing=referral.shared,
        version=referral.version,
        actions=await right.actions(who, tx, referral),
    )


async def _whole(who: Caller, tx: Tx, referral: Referral, response: Response) -> ReferralOut:
    etag(response, referral.version)
    entries = await right.readable(who, tx, referral, await store.history(tx, referral))

    def contact_of(agency: str | None) -> str | None:
        named = (entry.words.contact_name for entry in reversed(entries) if entry.agency == agency)
        return next(filter(None, named), None)

    return ReferralOut(
        **dict(await _line(who, tx, referral)),
        note=entries[0].words.note,
        contact_name=contact_of(referral.sender),
        receiver_contact_name=contact_of(referral.receiver) if referral.receiver else None,
        history=[EntryOut.of(entry) for entry in entries],
    )


@router.post("", status_code=201, summary="Refer a person", responses=responses(409))
async def refer(
    body: ReferIn,
    response: Response,
    who: Caller = may("referral:send"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
) -> ReferralOut:
    """Asks another agency to help with a need, or writes a draft of that.

    Checked in this order: the caller's right, the capacity of the named service, the receiver's grants.
    """
    await who.allow(tx, Record("referral", participant=body.participant, owners=frozenset({who.agency})))
    referral = Referral(
        id=ReferralId(tx.ids.ordered()),
        participant=body.participant,
        need=body.need,
        sender=who.agency,
        sent_by=who.principal.staff,
        receiver=body.receiver,
        service=body.service,
        urgency=body.urgency,
        first_appointment=body.first_appointment,
        created_at=tx.now,
        open_call=body.receiver is None,
    )
    words = Words(note=body.note, contact_name=body.contact_name)
    sent = await use_cases.create(tx, referral, words, send=not body.draft, calendar=_calendar(runtime))
    response.headers["Location"] = f"/v1/referrals/{sent.id}"
    return await _whole(who, tx, sent, response)


@router.get("", summary="Referrals of the agency, or of the person")
async def find(
    who: Caller = may("referral:list"),
    tx: Tx = InTx,
    state: ReferralStatus | None = None,
    side: Annotated[Which | None, Query(description="`open`: without addressee, and yours to claim.")] = None,
    participant: ParticipantId | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[ReferralLine]:
    """Sent, received or open ones, newest first. A participant sees the own ones, whatever `side` says."""
    person = who.principal.participant
    if person is not None:
        await who.allow(tx, Record("referral", participant=person))
        found, following = await listing.of_person(tx, person, state=state, limit=limit, after=after)
    else:
        await who.allow(tx, Record("referral", owners=frozenset({who.agency})))
        found, following = await listing.of_agency(
            tx, who.agency, which=side, state=state, participant=participant, limit=limit, after=after
        )
    for need in sorted({one.need for one in found}):
        shown = [one.participant for one in found if one.need is need]
        await who.listed(tx, shown, Category.of_barrier(need))
    await who.know(tx, [one.participant for one in found])
    return Page(items=[await _line(who, tx, one) for one in found], next=following)


@router.get("/{referral}", summary="One referral")
async def read(
    referral: ReferralId, response: Response, who: Caller = may("referral:read"), tx: Tx = InTx
) -> ReferralOut:
    """With its history. Reading changes nothing: the receiver says `receive` by an action of its own."""
    found = await store.load(tx, referral)
    await right.allow(who, tx, found)
    return await _whole(who, tx, found, response)


@router.post("/{referral}/{action}", summary="Act on a referral", responses=responses(409, 412, 428))
async def act(
    referral: ReferralId,
    action: Action,
    body: ActIn,
    response: Response,
    who: Caller = may("referral:act"),
    tx: Tx = InTx,
    version: int = IfMatch,
    runtime: Runtime = Running,
) -> ReferralOut:
    """Accept, reject, start, hold, complete ... Which actions are open to the caller is in its `actions`."""
    await right.allow(who, tx, await store.load(tx, referral), action)
    deed = body.as_act(action, who.agency, who.principal.staff)
    return await _whole(who, tx, await use_cases.act(tx, referral, deed, version, _calendar(runtime)), response)


def _calendar(runtime: Runtime) -> WorkingDays:
    settings = runtime.settings
    if not isinstance(settings, ReferralsSettings):
        raise TypeError("referrals runs with its own settings")
    return WorkingDays.of_germany(settings.holiday_subdivision, settings.time_zone)
