"""The knowledge base: what a residence status allows, the same for all partners and about nobody.

It takes months instead of days: what is asked about somebody must not stand in an address.
"""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel

from contracts.vocabulary import Day
from contracts.work_rights import WorkRights, answer, countries
from contracts.work_rights.country import Country
from contracts.work_rights.facts import of_nobody
from contracts.work_rights.rules import found
from contracts.work_rights.tables import Circumstance, Names, Status
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses

router = APIRouter(prefix="/v1/work-rights", route_class=Edge, tags=["residence"], responses=responses())


class StatusOut(BaseModel):
    """A residence status that the rules know. `asks`: circumstances that matter for some of its answers."""

    code: str
    name: Names
    asks: tuple[Circumstance, ...]

    @classmethod
    def of(cls, country: Country, status: Status) -> Self:
        asked = {name for rule in country.rules(status) for name in rule.when}
        return cls(code=status.code, name=status.name, asks=tuple(sorted(asked)))


class CountryOut(BaseModel):
    """A country that has rules."""

    country: str
    name: Names
    law_as_of: date
    covers_from: date
    checked_by: str
    statuses: tuple[StatusOut, ...]

    @classmethod
    def of(cls, country: Country) -> Self:
        return cls(
            country=country.country,
            name=country.name,
            law_as_of=country.law_as_of,
            covers_from=country.covers_from,
            checked_by=country.checked_by,
            statuses=tuple(StatusOut.of(country, status) for status in country.statuses),
        )


class KnowledgeOut(WorkRights):
    """What a status allows on a day, whoever has it. Information, not legal advice."""

    country: str
    country_name: Names
    status: str
    status_name: Names
    on: date
    checked_by: str


@router.get("/countries", summary="Countries and residence statuses that have rules")
async def all_countries(who: Caller = may("work-rights:read"), tx: Tx = InTx) -> list[CountryOut]:
    """With the state of the law that each describes, and who is responsible for checking it."""
    await who.allow(tx, Record("work-rights"))
    return [CountryOut.of(country) for country in countries()]


@router.get("", summary="What a residence status allows on a date")
async def knowledge(
    country: Annotated[str, Query(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.", examples=["DE"])],
    status: Annotated[str, Query(max_length=60, description="A code of the country.", examples=["toleration"])],
    who: Caller = may("work-rights:read"),
    tx: Tx = InTx,
    on: Annotated[Day | None, Query(description="Default: today.")] = None,
    months: Annotated[
        int, Query(ge=0, le=240, description="Whole months since status, stay and application began.")
    ] = 0,
    in_reception_centre: bool | None = None,
    minor_children: bool | None = None,
    travel_document: bool | None = None,
) -> KnowledgeOut:
    """The same answer as for a person with this status, without a person."""
    await who.allow(tx, Record("work-rights"))
    rules, one = found(country, status)
    day = on or tx.now.date()
    circumstances = {
        "in_reception_centre": in_reception_centre,
        "minor_children": minor_children,
        "travel_document": travel_document,
    }
    rights = answer(of_nobody(country, status, day, months, circumstances), day)
    return KnowledgeOut(
        country=country,
        country_name=rules.name,
        status=status,
        status_name=one.name,
        on=day,
        checked_by=rules.checked_by,
        **rights.model_dump(),
    )
