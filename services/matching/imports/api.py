"""How files of opportunities come in: the sender reads the file and sends its rows as they are written, in batches.

A batch is one transaction. Sending it again, after a break or from two sides at once, makes no opportunity twice.
"""

from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.matching.imports import use_cases
from services.matching.imports.domain import Outcome, Row
from services.matching.imports.use_cases import Taken

router = APIRouter(prefix="/v1/imports", route_class=Edge, tags=["opportunity"], responses=responses())

Cell = Annotated[str, StringConstraints(max_length=5000)]
MOST_ROWS: Final = 200
"""In one batch."""


class OpportunityRowIn(In):
    """A row as it is written. Leave out what the file does not have; `row` is its number there, to be told again."""

    row: Annotated[int, Field(ge=1, le=10_000_000)]
    own_number: Annotated[Cell, Field(description="Your own number of the place: it makes the row known.")] = ""
    kind: Cell = ""
    title: Cell = ""
    occupation: Annotated[Cell, Field(description="ESCO address or label.")] = ""
    region: Cell = ""
    capacity: Cell = ""
    starts_on: Annotated[Cell, Field(description="2027-01-04 or 04.01.2027.")] = ""
    must_skills: Annotated[Cell, Field(description="`skill = level; skill`: ESCO addresses or labels.")] = ""
    can_skills: Annotated[Cell, Field(description="`skill = level * weight; skill`.")] = ""
    languages: Annotated[Cell, Field(description="`de B1; en A2`.")] = ""
    description: Cell = ""


class OpportunityBatchIn(
    In,
    json_schema_extra=example(
        rows=[
            {
                "row": 2,
                "kind": "job",
                "title": "Service in the restaurant",
                "occupation": "http://data.europa.eu/esco/occupation/waiter",
                "region": "Harbour Region",
                "capacity": "2",
                "starts_on": "2027-01-04",
                "must_skills": "http://data.europa.eu/esco/skill/serve-food = basic",
                "languages": "de A2",
            }
        ],
        trial=True,
    ),
):
    """Up to 200 rows of a file."""

    rows: Annotated[list[OpportunityRowIn], Field(min_length=1, max_length=MOST_ROWS)]
    publish: Annotated[bool, Field(description="Publish what is drafted.")] = False
    trial: Annotated[bool, Field(description="Only say what would happen.")] = False


class RowFaultOut(BaseModel):
    """What keeps a row out, and what to do. Repeats no value."""

    column: str
    what: str
    way_out: str


class RowTakenOut(BaseModel):
    """What became of a row."""

    row: int
    outcome: Outcome
    opportunity: UUID | None
    faults: list[RowFaultOut]

    @classmethod
    def of(cls, taken: Taken) -> Self:
        faults = [RowFaultOut.model_validate(fault, from_attributes=True) for fault in taken.reading.faults]
        return cls(row=taken.reading.row, outcome=taken.outcome, opportunity=taken.opportunity, faults=faults)


class OpportunityBatchOut(BaseModel):
    """An answer per row, in the order in which they were sent."""

    rows: list[RowTakenOut]


@router.post("/opportunities", summary="Take in rows of a file of opportunities")
async def take_in(
    body: OpportunityBatchIn, who: Caller = may("opportunity:publish"), tx: Tx = InTx
) -> OpportunityBatchOut:
    """Drafts each row as an opportunity of the caller's company, unless it is in already or can't be read.

    A row is known by the own number, else by all that it says. A draft is rewritten when its row says something else;
    what was published stays as it is. A row that can't be read keeps no other out.
    """
    await who.allow(tx, Record("opportunity", owners=frozenset({who.agency})))
    rows = [Row(**row.model_dump()) for row in body.rows]
    taken = await use_cases.take_in(tx, agency=who.agency, rows=rows, publish=body.publish, trial=body.trial)
    return OpportunityBatchOut(rows=[RowTakenOut.of(one) for one in taken])
