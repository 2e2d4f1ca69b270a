"""How the world speaks to possible matches: each side sees that there is one, and nothing of the other record."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from contracts.refusal import NotFound
from contracts.vocabulary import ParticipantId
from infra.chassis import access
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from services.intake.duplicates import store, use_cases
from services.intake.duplicates.domain import Candidate, State
from services.intake.duplicates.weights import Field, Level

router = APIRouter(prefix="/v1", route_class=Edge, tags=["duplicates"], responses=responses())


class FindingOut(BaseModel):
    """One line of the explanation: positive bits speak for one person, negative ones against."""

    field: Field
    level: Level
    bits: float


class MatchOut(BaseModel):
    """Another record may be of the same person. Whose name and data it holds is not told."""

    candidate: UUID
    participant: UUID
    """The caller's own record."""
    other_agency: str | None
    """Whom to talk to; None once the other record is gone."""
    state: State
    found_at: datetime
    link: UUID | None
    findings: list[FindingOut] | None = None
    """Why; only if both records are the caller's own agency's."""

    @classmethod
    async def of(
        cls, tx: Tx, candidate: Candidate, participant: ParticipantId, agency: str, findings: list[FindingOut] | None
    ) -> Self:
        """As the agency of `participant` sees it."""
        mine = await use_cases.sides(tx, candidate, agency)
        [other] = candidate.records - {participant}
        return cls(
            candidate=candidate.id,
            participant=participant,
            other_agency=(await access.standing(tx, other, None)).owner,
            state=candidate.seen_by(mine),
            found_at=candidate.found_at,
            link=candidate.link,
            findings=findings if mine == candidate.records else None,
        )


@router.get("/participants/{participant}/possible-matches", summary="Possible matches of a record")
async def of_participant(
    participant: ParticipantId, who: Caller = may("match:answer"), tx: Tx = InTx
) -> list[MatchOut]:
    """Whether another record may be of the same person, newest first. Reveals nothing of that record."""
    await who.allow(tx, Record.of_participant(participant, "possible-matches"))
    return [
        await MatchOut.of(tx, one, participant, who.agency, [FindingOut.model_validate(f) for f in findings])
        for one, findings in await store.of(tx, participant)
    ]


@router.post("/possible-matches/{candidate}/confirm", summary="Say: one person", responses=responses(409))
async def confirm(candidate: UUID, who: Caller = may("match:answer"), tx: Tx = InTx) -> MatchOut:
    """Once both agencies have confirmed, the records are linked. Nobody sees more than before."""
    found = await store.lock(tx, candidate)
    mine = await _own_side(tx, found, who)
    return await _answer(tx, await use_cases.confirm(tx, found, mine), mine, who)


@router.post("/possible-matches/{candidate}/decline", summary="Say: two people", responses=responses(409))
async def decline(candidate: UUID, who: Caller = may("match:answer"), tx: Tx = InTx) -> MatchOut:
    """The question is closed for both sides and not asked again."""
    found = await store.lock(tx, candidate)
    mine = await _own_side(tx, found, who)
    return await _answer(tx, await use_cases.decline(tx, found), mine, who)


@router.post("/links/{link}/remove", summary="Take a link back", responses=responses(409))
async def remove(link: UUID, who: Caller = may("match:answer"), tx: Tx = InTx) -> MatchOut:
    """The link was a mistake. Nothing has to be taken apart: records, keys and rights never changed."""
    found = await store.lock_link(tx, link)
    mine = await _own_side(tx, found, who)
    return await _answer(tx, await use_cases.remove_link(tx, found), mine, who)


async def _own_side(tx: Tx, candidate: Candidate, who: Caller) -> frozenset[ParticipantId]:
    """The records of the two that are the caller's agency's. Raises `NotFound` for everybody else."""
    mine = await use_cases.sides(tx, candidate, who.agency)
    if not mine:
        raise NotFound
    for record in sorted(mine):
        await who.allow(tx, Record("possible-match", str(candidate.id), record))
    return mine


async def _answer(tx: Tx, candidate: Candidate, mine: frozenset[ParticipantId], who: Caller) -> MatchOut:
    return await MatchOut.of(tx, candidate, min(mine), who.agency, None)
