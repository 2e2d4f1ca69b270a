"""How the world speaks to requests about the own data: file, check who asks, extend, decide, carry out, prove."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from contracts.refusal import NotFound
from contracts.vocabulary import ParticipantId, Role, StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from services.intake.rights import store, use_cases
from services.intake.rights.domain import Decide, Request
from services.intake.rights.shapes import CheckIn, DecideIn, ExtendIn, FileIn, RequestOut

router = APIRouter(prefix="/v1", route_class=Edge, tags=["rights"], responses=responses())


@router.post("/participants/{participant}/rights-requests", status_code=201, summary="Make use of a right")
async def file(
    participant: ParticipantId, body: FileIn, response: Response, who: Caller = may("rights:file"), tx: Tx = InTx
) -> RequestOut:
    """Access, rectification, erasure, restriction or objection (GDPR Art. 15 to 18, 21); answered within a month.

    The person files it with the own log-in; what is said or written to the responsible agency, its staff record.
    """
    await who.allow(tx, Record.of_participant(participant, "rights-request"))
    request = await use_cases.file(
        tx,
        participant,
        body.kind,
        words=body.words,
        how=body.how,
        grant=body.grant,
        recorded_by=None if who.principal.participant else _staff(who),
    )
    return await _shown(tx, who, request, response)


@router.get("/participants/{participant}/rights-requests", summary="Requests of a participant")
async def of_participant(
    participant: ParticipantId, who: Caller = may("rights:read"), tx: Tx = InTx
) -> list[RequestOut]:
    """All of them, newest first."""
    record = Record.of_participant(participant, "rights-request")
    await who.allow(tx, record)
    words = await _may_read_words(tx, who, record)
    return [RequestOut.of(one, words=words) for one in await store.of(tx, participant)]


@router.get("/rights-requests", summary="Requests to be answered")
async def to_answer(
    who: Caller = may("rights:list"),
    tx: Tx = InTx,
    only_open: Annotated[bool, Query(alias="open", description="Only those not yet dealt with.")] = True,
    limit: Limit = 50,
    after: After = None,
) -> Page[RequestOut]:
    """Those of the own agency, to auditors those of all; the soonest due first, without any words."""
    await who.allow(tx, Record("rights-request", owners=frozenset({who.agency})))
    agency = None if Role.AUDITOR in who.principal.roles else who.agency
    found, following = await store.page(tx, agency, only_open=only_open, limit=limit, after=after)
    await who.listed(tx, [one.participant for one in found if one.participant is not None])
    return Page(items=[RequestOut.of(one, words=False) for one in found], next=following)


@router.get("/rights-requests/{request}", summary="One request")
async def read(request: UUID, response: Response, who: Caller = may("rights:read"), tx: Tx = InTx) -> RequestOut:
    """Also the proof: what was done, in numbers, and when. Of an erased person nothing else is left."""
    found = await store.load(tx, request)
    await who.allow(tx, _record(found))
    return await _shown(tx, who, found, response)


@router.post(
    "/rights-requests/{request}/identity-check",
    summary="Note that it is certain who asks",
    responses=responses(403, 409, 412, 428),
)
async def check_identity(
    request: UUID,
    body: CheckIn,
    response: Response,
    who: Caller = may("rights:decide"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> RequestOut:
    """Nothing is granted before."""
    await _allow(tx, who, request)
    after = await use_cases.check_identity(tx, request, version, body.how, _staff(who))
    return await _shown(tx, who, after, response)


@router.post("/rights-requests/{request}/extension", summary="Take longer", responses=responses(403, 409, 412, 428))
async def extend(
    request: UUID,
    body: ExtendIn,
    response: Response,
    who: Caller = may("rights:decide"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> RequestOut:
    """Up to two months more, if the person is told why within the first (Art. 12 (3))."""
    await _allow(tx, who, request)
    return await _shown(tx, who, await use_cases.extend(tx, request, version, body.why, body.months), response)


@router.post("/rights-requests/{request}/decision", summary="Answer a request", responses=responses(403, 409, 412, 428))
async def decide(
    request: UUID,
    body: DecideIn,
    response: Response,
    who: Caller = may("rights:decide"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> RequestOut:
    """What follows is done at once (restriction, objection), by the worker (erasure), or by staff, who then note it."""
    await _allow(tx, who, request)
    command = Decide(body.decision, _staff(who), body.answer, body.reason, body.norm, body.keep_until)
    return await _shown(tx, who, await use_cases.decide(tx, request, version, command), response)


@router.post(
    "/rights-requests/{request}/carried-out", summary="Note that it is done", responses=responses(403, 409, 412, 428)
)
async def carried_out(
    request: UUID, response: Response, who: Caller = may("rights:decide"), tx: Tx = InTx, version: int = IfMatch
) -> RequestOut:
    """The record was put right, or the export handed over. Agencies that see what was wrong are told to look again."""
    await _allow(tx, who, request)
    return await _shown(tx, who, await use_cases.carried_out(tx, request, version), response)


@router.post("/rights-requests/{request}/lift", summary="Lift a restriction", responses=responses(403, 409, 412, 428))
async def lift(
    request: UUID, response: Response, who: Caller = may("rights:decide"), tx: Tx = InTx, version: int = IfMatch
) -> RequestOut:
    """The record is used again; if its erasure was only put off, it is erased now."""
    await _allow(tx, who, request)
    return await _shown(tx, who, await use_cases.lift(tx, request, version), response)


@router.post(
    "/rights-requests/{request}/take-back", summary="Take a request back", responses=responses(403, 409, 412, 428)
)
async def take_back(
    request: UUID, response: Response, who: Caller = may("rights:file"), tx: Tx = InTx, version: int = IfMatch
) -> RequestOut:
    """Until it is answered; by the person, or by staff in the person's name."""
    await _allow(tx, who, request)
    return await _shown(tx, who, await use_cases.take_back(tx, request, version), response)


async def _allow(tx: Tx, who: Caller, request: UUID) -> None:
    await who.allow(tx, _record(await store.load(tx, request)))


def _record(request: Request) -> Record:
    """Somebody's while there is somebody; then the agency's that answered."""
    owners = frozenset[str]() if request.participant is not None else frozenset({request.agency})
    return Record("rights-request", str(request.id), request.participant, owners=owners)


async def _shown(tx: Tx, who: Caller, request: Request, response: Response) -> RequestOut:
    etag(response, request.version)
    return RequestOut.of(request, words=await _may_read_words(tx, who, _record(request)))


async def _may_read_words(tx: Tx, who: Caller, record: Record) -> bool:
    """The person, and whoever answers. An auditor sees that and when it was answered."""
    return who.principal.participant is not None or await who.can(tx, record, action="rights:decide")


def _staff(who: Caller) -> StaffId:
    if who.principal.staff is None:
        raise NotFound
    return who.principal.staff
