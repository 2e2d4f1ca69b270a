"""How directories come in: the sender reads the file and sends its objects in the words of HSDS 3, in batches.

A batch is one transaction. Sending it again changes nothing.
"""

from typing import Annotated, Any, Final, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from contracts.vocabulary import NeedDomain
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.referrals.directory import taking_in
from services.referrals.directory.taking_in import Became, Kind, Outcome, Told

router = APIRouter(prefix="/v1/imports", route_class=Edge, tags=["directory"], responses=responses())

MOST: Final = 100
"""Objects in one batch."""


class ObjectIn(In):
    """An object of a file. `row` is its number there, to be told again."""

    row: Annotated[int, Field(ge=1, le=10_000_000)]
    kind: Kind
    data: Annotated[dict[str, Any], Field(description="The object as HSDS 3 has it; others only by their ids.")]
    need: Annotated[NeedDomain | None, Field(description="Of a service: HSDS has no word for it.")] = None
    brief: Annotated[bool, Field(description="It stood within another object: it adds, and changes nothing.")] = False


class ObjectsIn(
    In,
    json_schema_extra=example(
        objects=[
            {
                "row": 1,
                "kind": "service",
                "need": "family",
                "data": {
                    "id": "ac148810-d857-441c-9679-408f346de14b",
                    "name": "Child-care advice",
                    "status": "active",
                    "languages": [{"code": "ar"}],
                },
            }
        ],
        trial=True,
    ),
):
    """Up to 100 objects: organisations and locations before the services that name them."""

    objects: Annotated[list[ObjectIn], Field(min_length=1, max_length=MOST)]
    trial: Annotated[bool, Field(description="Only say what would happen.")] = False


class DirectoryFaultOut(BaseModel):
    """What keeps an object out, and what to do. Repeats no value."""

    column: str
    what: str
    way_out: str


class ObjectOut(BaseModel):
    """What became of an object. `not_taken` names the fields that no entry holds."""

    row: int
    outcome: Outcome
    id: UUID | None
    faults: list[DirectoryFaultOut]
    not_taken: list[str]

    @classmethod
    def of(cls, became: Became) -> Self:
        return cls(
            row=became.row,
            outcome=became.outcome,
            id=became.id,
            faults=[DirectoryFaultOut.model_validate(one, from_attributes=True) for one in became.faults],
            not_taken=list(became.not_taken),
        )


class ObjectsOut(BaseModel):
    """An answer per object, in the order in which they were sent."""

    objects: list[ObjectOut]


@router.post("/directory", summary="Take in objects of a directory")
async def take_in(body: ObjectsIn, who: Caller = may("directory:write"), tx: Tx = InTx) -> ObjectsOut:
    """Adds or renews entries that the caller's agency keeps; the same objects again change nothing.

    An object that can't be taken keeps no other out. How full a service is stays what was said here since, unless the
    file says that it is closed.
    """
    await who.allow(tx, Record("service", owners=frozenset({who.agency})))
    objects = [Told(**dict(one)) for one in body.objects]
    became = await taking_in.take_in(tx, agency=who.agency, objects=objects, trial=body.trial)
    return ObjectsOut(objects=[ObjectOut.of(one) for one in became])
