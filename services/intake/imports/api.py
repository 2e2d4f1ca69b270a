"""How files come in: the sender reads the file, whatever its kind, and sends its rows as they are written, in batches.

A batch is one transaction. Sending it again, after a break or from two sides at once, registers nobody twice.
"""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In
from services.intake.imports import use_cases
from services.intake.imports.birth import DateOrder
from services.intake.imports.domain import Outcome, Row
from services.intake.imports.use_cases import Taken

router = APIRouter(prefix="/v1/imports", route_class=Edge, tags=["imports"], responses=responses())

Cell = Annotated[str, StringConstraints(max_length=2000)]
MOST_ROWS = 200
"""In one batch: well within what a transaction may take."""


class RowIn(In):
    """A row as it is written. Leave out what the file does not have; `row` is its number there, to be told again."""

    row: Annotated[int, Field(ge=1, le=10_000_000)]
    own_number: Annotated[
        Cell, Field(description="Your agency's own number of the person: it makes the row known.")
    ] = ""
    name: Annotated[Cell, Field(description="For files that have the whole name in one column.")] = ""
    given_name: Cell = ""
    family_name: Cell = ""
    birth: Annotated[
        Cell, Field(description="1994, 1994-05, 1994-05-17, 17.05.1994; 00 or ?? for what is unknown.")
    ] = ""
    phone: Cell = ""
    email: Cell = ""
    address: Cell = ""
    language: Annotated[Cell, Field(description="Code of the language, BCP 47.")] = ""


class BatchIn(In):
    """Up to 200 rows of a file."""

    rows: Annotated[list[RowIn], Field(min_length=1, max_length=MOST_ROWS)]
    dates: Annotated[DateOrder | None, Field(description="What stands first in dates such as 03/04/1994.")] = None
    trial: Annotated[bool, Field(description="Only say what would happen.")] = False
    assign_to_me: Annotated[bool, Field(description="The caller is the caseworker of these people.")] = False

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {"row": 2, "given_name": "Amal", "family_name": "Haddad", "birth": "1994-03", "language": "ar"}
                    ],
                    "trial": True,
                }
            ]
        },
    )


class FaultOut(BaseModel):
    """What keeps a row out, and what to do. Repeats no value."""

    column: str
    what: str
    way_out: str


class HintOut(BaseModel):
    """What looks odd and was taken over as it is."""

    column: str
    what: str


class TakenOut(BaseModel):
    """What became of a row. `possible_match`: the person may be known already, see the record's possible matches."""

    row: int
    outcome: Outcome
    participant: UUID | None
    reference: str | None
    possible_match: bool
    faults: list[FaultOut]
    hints: list[HintOut]

    @classmethod
    def of(cls, taken: Taken) -> Self:
        reading = taken.reading
        return cls(
            row=reading.row,
            outcome=taken.outcome,
            participant=taken.participant,
            reference=taken.reference,
            possible_match=taken.possible_match,
            faults=[FaultOut.model_validate(fault, from_attributes=True) for fault in reading.faults],
            hints=[HintOut.model_validate(hint, from_attributes=True) for hint in reading.hints],
        )


class BatchOut(BaseModel):
    """An answer per row, in the order in which they were sent."""

    rows: list[TakenOut]


@router.post("/participants", summary="Take in rows of a file")
async def take_in(body: BatchIn, who: Caller = may("participant:import"), tx: Tx = InTx) -> BatchOut:
    """Registers the person of each row with the caller's agency, unless the row is in already or can't be read.

    A row is known by your agency's own number, else by all that it says; a row that is in changes nothing. A row that
    can't be read keeps no other out. All of a batch becomes durable together, so after a break send it again.
    """
    await who.allow(tx, Record("participant", owners=frozenset({who.agency})))
    rows = [Row(**row.model_dump()) for row in body.rows]
    if body.trial:
        taken = await use_cases.try_out(tx, agency=who.agency, rows=rows, order=body.dates)
    else:
        caseworker = who.principal.staff if body.assign_to_me else None
        taken = await use_cases.take_in(tx, agency=who.agency, caseworker=caseworker, rows=rows, order=body.dates)
    return BatchOut(rows=[TakenOut.of(one) for one in taken])
