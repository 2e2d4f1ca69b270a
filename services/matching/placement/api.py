"""How the world speaks to placements: propose, answer for one side, run, and look at what the caller may see."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from contracts.refusal import Invalid
from contracts.vocabulary import Category, ParticipantId, PlacementId, Side
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from services.matching.placement import use_cases
from services.matching.placement.domain import Answer, GivenHow, Placement, PlacementState
from services.matching.placement.shapes import AcceptIn, DeclineIn, EndIn, PlacementOut, ProposeIn, StartIn
from services.matching.placement.store import Reader
from services.matching.suggestion import use_cases as suggestion

router = APIRouter(prefix="/v1/placements", route_class=Edge, tags=["placement"], responses=responses())

COMPANY = "placement:company"


@router.post("", status_code=201, summary="Propose a person for a place", responses=responses(409))
async def propose(
    body: ProposeIn, response: Response, who: Caller = may("placement:propose"), tx: Tx = InTx
) -> PlacementOut:
    """The company sees matched requirements only, until both sides have accepted."""
    await who.allow(tx, Record.of_participant(body.participant, "placements"))
    placement = await use_cases.propose(
        tx, body.participant, body.opportunity, agency=who.agency, by=who.principal.staff
    )
    response.headers["Location"] = f"/v1/placements/{placement.id}"
    return await _answer(tx, placement, who, response)


@router.get("", summary="Proposals and placements")
async def find(
    who: Caller = may("placement:list"),
    tx: Tx = InTx,
    participant: Annotated[ParticipantId | None, Query(description="Only this participant's.")] = None,
    state: Annotated[PlacementState | None, Query(description="Only those in this state.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[PlacementOut]:
    """A company's own, blind where not both have accepted; a participant's own; those of an agency's participants."""
    await who.allow(tx, _everything(who))
    reader = await _reader(tx, who)
    found, following = await use_cases.find(tx, reader, participant=participant, state=state, limit=limit, after=after)
    await who.listed(tx, [one.participant for one in found], Category.PLACEMENT)
    return Page(items=[await _view(tx, one, who) for one in found], next=following)


@router.get("/{placement}", summary="One proposal or placement")
async def read(
    placement: PlacementId, response: Response, who: Caller = may("placement:read"), tx: Tx = InTx
) -> PlacementOut:
    """What the caller sees of it depends on the caller's side, and on whether both have accepted."""
    found = await use_cases.load(tx, placement)
    await who.allow(tx, await _record(tx, found), Category.PLACEMENT)
    return await _answer(tx, found, who, response)


@router.post("/{placement}/accept", summary="Say yes for one side", responses=responses(409, 412, 428))
async def accept(
    placement: PlacementId,
    response: Response,
    body: AcceptIn | None = None,
    who: Caller = may("placement:answer"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> PlacementOut:
    """The side follows from who asks: the company's own people, or the participant and the responsible caseworker.

    With the second yes a place is taken and the placement confirmed; 409 `no-place-left` if none is free any more.
    """
    found = await use_cases.load(tx, placement)
    await who.allow(tx, await _record(tx, found))
    given = await _given(tx, found, who, body.given_how if body else None)
    return await _answer(tx, await use_cases.accept(tx, placement, given, version), who, response)


@router.post("/{placement}/decline", summary="Say no for one side", responses=responses(409, 412, 428))
async def decline(
    placement: PlacementId,
    body: DeclineIn,
    response: Response,
    who: Caller = may("placement:answer"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> PlacementOut:
    """Possible until the placement is confirmed; afterwards it is ended."""
    found = await use_cases.load(tx, placement)
    await who.allow(tx, await _record(tx, found))
    given = await _given(tx, found, who, body.given_how)
    return await _answer(tx, await use_cases.decline(tx, placement, given, body.reason, version), who, response)


@router.post("/{placement}/start", summary="Record the first day", responses=responses(409, 412, 428))
async def start(
    placement: PlacementId,
    body: StartIn,
    response: Response,
    who: Caller = may("placement:run"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> PlacementOut:
    """By the company or the responsible caseworker."""
    await who.allow(tx, await _record(tx, await use_cases.load(tx, placement)))
    return await _answer(tx, await use_cases.start(tx, placement, body.on, version), who, response)


@router.post("/{placement}/end", summary="Record the last day", responses=responses(409, 412, 428))
async def end(
    placement: PlacementId,
    body: EndIn,
    response: Response,
    who: Caller = may("placement:run"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> PlacementOut:
    """By the company or the responsible caseworker; the place is free again."""
    await who.allow(tx, await _record(tx, await use_cases.load(tx, placement)))
    return await _answer(tx, await use_cases.end(tx, placement, body.on, body.outcome, version), who, response)


async def _record(tx: Tx, placement: Placement) -> Record:
    """A proposal waits for the company; once it is answered, the company has a part in it."""
    company, none = frozenset({placement.employer}), frozenset[str]()
    proposed = placement.state is PlacementState.PROPOSED
    return Record(
        "placement",
        str(placement.id),
        placement.participant,
        parties=none if proposed else company,
        invited=company if proposed else none,
        matchable=await suggestion.granted(tx, placement.participant),
    )


def _everything(who: Caller) -> Record:
    """The list as a record: the caller's own, as a participant or as an agency."""
    agency = who.principal.agency
    return Record(
        "placement",
        participant=who.principal.participant,
        owners=frozenset({agency}) if agency else frozenset(),
    )


async def _reader(tx: Tx, who: Caller) -> Reader:
    """Every list that is the caller's: a company's, an agency's, a participant's own."""
    agency = who.principal.agency
    mine = frozenset({agency}) if agency else frozenset()
    as_company = await who.can(tx, Record("placement", parties=mine), action=COMPANY)
    as_agency = await who.can(tx, Record("participant", owners=mine), action="participant:list")
    return Reader(
        employer=agency if as_company else None,
        agency=agency if as_agency else None,
        participant=who.principal.participant,
    )


async def _is_company(tx: Tx, placement: Placement, who: Caller) -> bool:
    """Somebody who is of the company is on the company's side, whatever else."""
    return await who.can(tx, Record("placement", parties=frozenset({placement.employer})), action=COMPANY)


async def _view(tx: Tx, placement: Placement, who: Caller) -> PlacementOut:
    company = await _is_company(tx, placement, who)
    return PlacementOut.for_company(placement) if company else PlacementOut.in_full(placement)


async def _answer(tx: Tx, placement: Placement, who: Caller, response: Response) -> PlacementOut:
    etag(response, placement.version)
    return await _view(tx, placement, who)


async def _given(tx: Tx, placement: Placement, who: Caller, how: GivenHow | None) -> Answer:
    """The caller's answer. Raises `Invalid` if a caseworker doesn't say how the participant gave it."""
    side = Side.EMPLOYER if await _is_company(tx, placement, who) else Side.PARTICIPANT
    if side is Side.PARTICIPANT and who.principal.participant is None and how is None:
        raise Invalid(
            "The participant's answer is recorded with how it was given.",
            way_out="Say whether it was spoken, signed or given online.",
            field="given_how",
        )
    return Answer(side, who.principal.subject, how or GivenHow.ONLINE, tx.now)
