"""How a team shares its work: who stands in for whom, and everything of one colleague to another in one step."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel

from contracts.refusal import Invalid
from contracts.vocabulary import AgencyId, StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx, Running
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.chassis.service import Runtime
from services.intake.participant import deputies, use_cases
from services.intake.participant.colleagues import works_there
from services.intake.participant.deputies import Deputy

router = APIRouter(prefix="/v1", route_class=Edge, tags=["participant"], responses=responses())


class DeputyIn(
    In,
    json_schema_extra=example(
        staff="6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0001",
        deputy="6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0008",
        valid_from="2027-07-05T00:00:00Z",
        valid_until="2027-07-26T00:00:00Z",
    ),
):
    """Who stands in for whom, and when."""

    staff: UUID
    deputy: UUID
    valid_from: AwareDatetime
    valid_until: AwareDatetime


class DeputyOut(BaseModel):
    """Within this time the deputy sees among the own participants those of the colleague, protected contacts too."""

    id: UUID
    staff: UUID
    deputy: UUID
    valid_from: datetime
    valid_until: datetime

    @classmethod
    def of(cls, deputy: Deputy) -> Self:
        return cls(
            id=deputy.id,
            staff=deputy.staff,
            deputy=deputy.deputy,
            valid_from=deputy.valid_from,
            valid_until=deputy.valid_until,
        )


class SuccessionIn(In, json_schema_extra=example(successor="6f1c2f0e-52a4-4a0e-8f0b-1d6a5b7c0008")):
    """Who takes over everything."""

    successor: UUID


class SuccessionOut(BaseModel):
    """How many people have another caseworker now; as many as 500: send it once more for the rest."""

    handed_over: int


@router.get("/deputies", summary="Who stands in for whom")
async def listed(who: Caller = may("deputy:list"), tx: Tx = InTx) -> list[DeputyOut]:
    """In the caller's own agency, now and later."""
    await who.allow(tx, Record("deputy", owners=frozenset({who.agency})))
    return [DeputyOut.of(one) for one in await deputies.listed(tx, who.agency)]


@router.post("/deputies", status_code=201, summary="Name a deputy", responses=responses(403, 503))
async def name(
    body: DeputyIn, who: Caller = may("deputy:name"), tx: Tx = InTx, runtime: Runtime = Running
) -> DeputyOut:
    """One's own; a supervisor names anybody's of the agency."""
    await who.allow(tx, _record(who.agency, body.staff))
    for field, colleague in (("staff", body.staff), ("deputy", body.deputy)):
        await works_there(runtime, StaffId(colleague), who.agency, field)
    if body.valid_until <= tx.now:
        raise Invalid("This time is over already.", way_out="Choose an end that is to come.", field="valid_until")
    deputy = Deputy(
        id=tx.ids.ordered(),
        agency=AgencyId(who.agency),
        staff=StaffId(body.staff),
        deputy=StaffId(body.deputy),
        valid_from=body.valid_from,
        valid_until=body.valid_until,
    )
    await deputies.add(tx, deputy, who.principal.subject)
    return DeputyOut.of(deputy)


@router.post("/deputies/{deputy}/end", status_code=204, summary="End standing in", responses=responses(403))
async def end(deputy: UUID, who: Caller = may("deputy:name"), tx: Tx = InTx) -> Response:
    """At once. By whoever may name this deputy."""
    found = await deputies.load(tx, deputy)
    await who.allow(tx, _record(found.agency, found.staff))
    await deputies.end(tx, found)
    return Response(status_code=204)


@router.post("/staff/{staff}/succession", summary="Hand everything to a successor", responses=responses(403, 503))
async def succeed(
    staff: StaffId, body: SuccessionIn, who: Caller = may("staff:succeed"), tx: Tx = InTx, runtime: Runtime = Running
) -> SuccessionOut:
    """All participants of the colleague are the successor's; journeys, warnings and follow-ups go where they go.

    The colleague may have left already. Standing in for and by the colleague ends.
    """
    await who.allow(tx, Record("staff", owners=frozenset({who.agency})))
    await works_there(runtime, StaffId(body.successor), who.agency, "successor")
    if body.successor == staff:
        raise Invalid("These are one person.", way_out="Name a colleague.", field="successor")
    moved = await use_cases.succeed(tx, AgencyId(who.agency), staff, StaffId(body.successor))
    return SuccessionOut(handed_over=moved)


def _record(agency: str, staff: UUID) -> Record:
    return Record("deputy", owners=frozenset({agency}), staff=frozenset({staff}))
