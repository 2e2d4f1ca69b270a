"""How the world speaks to placements: propose, answer for one side, run, and look at what the caller may see."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from contracts.refusal import Invalid, NotFound
from contracts.vocabulary import Category, ParticipantId, PlacementId, Role, Side
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
    return _answer(placement, who, response)


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
    found, following = await use_cases.find(
        tx, _reader(who), participant=participant, state=state, limit=limit, after=after
    )
    await who.listed(tx, [one.participant for one in found], Category.PLACEMENT)
    return Page(items=[_view(one, who) for one in found], next=following)


@router.get("/{placement}", summary="One proposal or placement")
async def read(
    placement: PlacementId, response: Response, who: Caller = may("placement:read"), tx: Tx = InTx
) -> PlacementOut:
    """What the caller sees of it depends on the caller's side, and on whether both have accepted."""
    found = await use_cases.load(tx, placement)
    await who.allow(tx, _record(found), Category.PLACEMENT)
    if _is_company(found, who) and found.state is PlacementState.PROPOSED:
        await _still_granted(tx, found)
    return _answer(found, who, response)


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
    await who.allow(tx, _record(found))
    given = _given(found, who, body.given_how if body else None, tx.now)
    return _answer(await use_cases.accept(tx, placement, given, version), who, response)


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
    await who.allow(tx, _record(found))
    given = _given(found, who, body.given_how, tx.now)
    return _answer(await use_cases.decline(tx, placement, given, body.reason, version), who, response)


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
    await who.allow(tx, _record(await use_cases.load(tx, placement)))
    return _answer(await use_cases.start(tx, placement, body.on, version), who, response)


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
    await who.allow(tx, _record(await use_cases.load(tx, placement)))
    return _answer(await use_cases.end(tx, placement, body.on, body.outcome, version), who, response)


def _record(placement: Placement) -> Record:
    return Record("placement", str(placement.id), placement.participant, parties=frozenset({placement.employer}))


def _everything(who: Caller) -> Record:
    """The list as a record: the caller's own, as a participant or as an agency."""
    agency = who.principal.agency
    return Record(
        "placement",
        participant=who.principal.participant,
        owners=frozenset({agency}) if agency else frozenset(),
    )


def _reader(who: Caller) -> Reader:
    roles = who.principal.roles
    return Reader(
        employer=who.principal.agency if Role.EMPLOYER in roles else None,
        agency=who.principal.agency if roles & {Role.CASEWORKER, Role.SUPERVISOR} else None,
        participant=who.principal.participant,
    )


def _is_company(placement: Placement, who: Caller) -> bool:
    """Somebody who is of the company is on the company's side, whatever else."""
    return Role.EMPLOYER in who.principal.roles and who.principal.agency == placement.employer


def _view(placement: Placement, who: Caller) -> PlacementOut:
    return PlacementOut.for_company(placement) if _is_company(placement, who) else PlacementOut.in_full(placement)


def _answer(placement: Placement, who: Caller, response: Response) -> PlacementOut:
    etag(response, placement.version)
    return _view(placement, who)


def _given(placement: Placement, who: Caller, how: GivenHow | None, now: datetime) -> Answer:
    """The caller's answer. Raises `Invalid` if a caseworker doesn't say how the participant gave it."""
    side = Side.EMPLOYER if _is_company(placement, who) else Side.PARTICIPANT
    if side is Side.PARTICIPANT and who.principal.participant is None and how is None:
        raise Invalid(
            "The participant's answer is recorded with how it was given.",
            way_out="Say whether it was spoken, signed or given online.",
            field="given_how",
        )
    return Answer(side, who.principal.subject, how or GivenHow.ONLINE, now)


async def _still_granted(tx: Tx, placement: Placement) -> None:
    """The blind view rests on the participant's agreement to be matched. Raises `NotFound`."""
    if not await suggestion.granted(tx, placement.participant):
        raise NotFound
