"""How the world speaks to the record: parse, authorise, call, respond."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from contracts.refusal import NotFound
from contracts.vocabulary import Category, ParticipantId, StaffId
from infra.chassis import access
from infra.chassis.allowance import Allowance
from infra.chassis.caller import Caller, may, not_allowed
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, Running, etag
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.service import Runtime
from services.intake.participant import deputies, disclosure, store, use_cases
from services.intake.participant.colleagues import works_there
from services.intake.participant.domain import touches_what_is_guarded
from services.intake.participant.shapes import (
    SECTIONS,
    ChangeIn,
    LoginOut,
    NameOut,
    ParticipantOut,
    ReferenceOut,
    RegisterIn,
    TraceNumberOut,
)

router = APIRouter(prefix="/v1/participants", route_class=Edge, tags=["participant"], responses=responses())

LOOK_UPS = Allowance(30, timedelta(minutes=1))
"""Codes that one person may look up: enough for a desk, too few to try codes out."""


@router.post("", status_code=201, summary="Register a person")
async def register(
    body: RegisterIn, response: Response, who: Caller = may("participant:register"), tx: Tx = InTx
) -> ParticipantOut:
    """Registers a person with the caller's agency and assigns the caller.

    Whether the person may be known already is looked for in the background and never holds this up: see
    `GET /v1/participants/{id}/possible-matches`.
    """
    await who.allow(tx, Record("participant", owners=frozenset({who.agency})))
    participant = await use_cases.register(
        tx,
        agency=who.agency,
        caseworker=who.principal.staff,
        identity=body.identity.as_identity(),
        contact=body.contact.as_contact(),
        language=body.language,
    )
    who.about = participant.id
    response.headers["Location"] = f"/v1/participants/{participant.id}"
    etag(response, participant.version)
    return ParticipantOut.of(participant, set(SECTIONS), who.agency)


@router.get("", summary="Find participants")
async def find(
    who: Caller = may("participant:list"),
    tx: Tx = InTx,
    q: Annotated[
        str | None,
        Query(
            max_length=100,
            description="Words of the name or their beginnings, birth date or parts of it, phone, reference.",
        ),
    ] = None,
    mine: Annotated[
        bool, Query(description="Only those who are assigned to the caller, or to somebody the caller stands in for.")
    ] = False,
    unassigned: Annotated[bool, Query(description="Only those of the own agency whom nobody looks after yet.")] = False,
    limit: Limit = 50,
    after: After = None,
) -> Page[ParticipantOut]:
    """The participants whose identity the caller's agency may see: who fits `q` to the letter first, then the newest.

    Names in any order, script and spelling (Mohammed finds محمد and Muhamad); `1994`, `17.5.`, `5/1994`, `17.05.1994`;
    a telephone number in any writing or its last six digits, for those who may read it; a code in any writing.
    """
    await who.allow(tx, Record("participant", owners=frozenset({who.agency})))
    me = who.principal.subject
    staff = await deputies.stands_in_for(tx, who.agency, StaffId(me)) | {me} if mine else None
    whose = store.Whose(staff, unassigned)
    found, following = await store.find(tx, who.agency, q, limit, after, whose)
    await who.listed(tx, [participant.id for participant in found], Category.IDENTITY)
    return Page(items=[ParticipantOut.of(one, {Category.IDENTITY}, who.agency) for one in found], next=following)


@router.get("/names", summary="Names of several participants")
async def names(
    participant: Annotated[
        list[ParticipantId], Query(alias="id", max_length=200, description="Up to 200 ids; repeat the parameter.")
    ],
    who: Caller = may("participant:read"),
    tx: Tx = InTx,
) -> list[NameOut]:
    """For lists that know ids only. Whoever the caller may not see by name is left out; nothing tells why."""
    await who.know(tx, participant)
    shown = [one for one in set(participant) if await who.can(tx, Record.of_participant(one), Category.IDENTITY)]
    found = await store.load_all(tx, shown)
    await who.listed(tx, [one.id for one in found], Category.IDENTITY)
    return [
        NameOut(
            participant=one.id,
            reference=one.reference,
            given_name=one.identity.given_name,
            family_name=one.identity.family_name,
        )
        for one in sorted(found, key=lambda one: one.reference)
    ]


@router.get("/by-reference/{reference}", summary="Whose code this is", responses=responses(429))
async def by_reference(
    reference: Annotated[str, Path(max_length=40, description="As it was read out: `P-XXXX-XXXX`.")],
    who: Caller = may("participant:read"),
    tx: Tx = InTx,
) -> ReferenceOut:
    """For everybody who has some right to the record; the code itself is none. At most 30 in a minute."""
    LOOK_UPS.spend(who.principal.subject, tx.system_now)
    participant = await use_cases.by_reference(tx, reference)
    record = Record.of_participant(participant)
    opened = [category for category in Category if await who.can(tx, record, category)]
    if not opened and not await who.can(
        tx, Record.of_participant(participant, "disclosures"), None, "disclosures:read"
    ):
        raise NotFound
    await who.note(tx, record)
    return ReferenceOut(participant=participant)


@router.get("/{participant}", summary="One participant", responses=responses(403))
async def read(
    participant: ParticipantId, response: Response, who: Caller = may("participant:read"), tx: Tx = InTx
) -> ParticipantOut:
    """The sections that the caller may see; withheld ones are named with the way to ask for them."""
    record = Record.of_participant(participant)
    found, shown = await disclosure.opened(tx, who, participant)
    await who.note(tx, record, *sorted(shown & set(SECTIONS)))
    etag(response, found.version)
    return ParticipantOut.of(found, shown, who.principal.agency)


@router.post("/{participant}/claim", summary="Take somebody from the queue", responses=responses(403, 409))
async def claim(
    participant: ParticipantId, response: Response, who: Caller = may("participant:change"), tx: Tx = InTx
) -> ParticipantOut:
    """Whoever is quicker looks after the person; the others get 409. A protected record is assigned by a supervisor."""
    await who.allow(tx, Record.of_participant(participant))
    staff = who.principal.staff
    if staff is None:
        raise not_allowed(who.action, None)
    if (await store.load(tx, participant)).protected:
        await disclosure.allow_guarded(tx, who, participant)
    taken = await use_cases.claim(tx, participant, staff)
    etag(response, taken.version)
    return ParticipantOut.of(taken, await disclosure.guarded(tx, who, taken, set(SECTIONS)), who.agency)


@router.get("/{participant}/trace-number", summary="Under which number its traces are found")
async def trace_number(
    participant: ParticipantId, who: Caller = may("disclosures:read"), tx: Tx = InTx
) -> TraceNumberOut:
    """To be told to operators who look for what went wrong: a pseudonym, from which nobody finds the person."""
    await who.allow(tx, Record.of_participant(participant, "disclosures"))
    number = await access.correlation_of(tx, participant)
    if number is None:
        raise NotFound
    return TraceNumberOut(number=number)


@router.patch("/{participant}", summary="Change a record", responses=responses(409, 412, 428, 503))
async def change(
    participant: ParticipantId,
    body: ChangeIn,
    response: Response,
    who: Caller = may("participant:change"),
    tx: Tx = InTx,
    version: int = IfMatch,
    runtime: Runtime = Running,
) -> ParticipantOut:
    """Changes the parts that are sent; needs the ETag that was read. A caseworker is one of the own agency.

    Contact, caseworker and protection of a protected record are changed by those who may see the contact.
    """
    await who.allow(tx, Record.of_participant(participant))
    command = body.as_command()
    if touches_what_is_guarded(await store.load(tx, participant), command):
        await disclosure.allow_guarded(tx, who, participant)
    if body.caseworker is not None:
        home = (await who.standing(tx, participant)).owner
        await works_there(runtime, StaffId(body.caseworker), home)
    changed = await use_cases.change(tx, participant, command, version)
    etag(response, changed.version)
    return ParticipantOut.of(changed, await disclosure.guarded(tx, who, changed, set(SECTIONS)), who.agency)


@router.post("/{participant}/login-code", status_code=201, summary="Hand over a log-in", responses=responses(503))
async def issue_login(
    participant: ParticipantId, who: Caller = may("participant:issue-login"), tx: Tx = InTx, runtime: Runtime = Running
) -> LoginOut:
    """Makes a code with which the person logs in. To be handed over in person; an earlier code ends."""
    await who.allow(tx, Record.of_participant(participant))
    reference, code = await use_cases.issue_login(tx, participant, runtime.identity.participants)
    return LoginOut(reference=reference, code=code)
