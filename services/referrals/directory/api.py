"""How the world speaks to the directory: list an offer, say how full it is, look for one."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from contracts.refusal import NotAllowed
from contracts.vocabulary import AgencyId, LanguageCode, NeedDomain
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.referrals.directory import store, use_cases
from services.referrals.directory.domain import Capacity, CapacityState, Details, ListedService, Location, Organisation

router = APIRouter(prefix="/v1/directory", route_class=Edge, tags=["directory"], responses=responses())

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Places = Annotated[int | None, Field(ge=0, le=10_000)]


class ServiceIn(
    In,
    json_schema_extra=example(
        name="Nursery places and child-care advice",
        need="family",
        languages=["de", "ar"],
        capacity_state="capacity",
        free_places=3,
    ),
):
    """An offer of the caller's agency. `contact` is the agency's, never a participant's."""

    name: Line
    need: NeedDomain
    description: Text = ""
    languages: Annotated[list[LanguageCode], Field(max_length=50)] = []
    eligibility: Text = ""
    capacity_state: CapacityState
    free_places: Places = None
    contact: Line | None = None


class CapacityIn(In, json_schema_extra=example(state="capacity", free_places=2)):
    """How full it is now."""

    state: CapacityState
    free_places: Places = None


class ServiceOut(BaseModel):
    """An entry. `assured_at` says how fresh it is; `organisation` who offers it where that is not the agency."""

    id: UUID
    agency: AgencyId
    name: str
    need: NeedDomain
    description: str
    languages: list[str]
    eligibility: str
    capacity_state: CapacityState
    free_places: int | None
    contact: str | None
    assured_at: datetime
    version: int
    organisation: UUID | None
    locations: list[UUID]
    details: Details

    @classmethod
    def of(cls, service: ListedService) -> Self:
        return cls(
            id=service.id,
            agency=service.agency,
            name=service.name,
            need=service.need,
            description=service.description,
            languages=list(service.languages),
            eligibility=service.eligibility,
            capacity_state=service.capacity.state,
            free_places=service.capacity.free_places,
            contact=service.contact,
            assured_at=service.assured_at,
            version=service.version,
            organisation=service.organisation,
            locations=list(service.locations),
            details=service.details,
        )


@router.post("/services", status_code=201, summary="List an offer")
async def add(body: ServiceIn, response: Response, who: Caller = may("directory:write"), tx: Tx = InTx) -> ServiceOut:
    """Everybody who works with people in the region finds it from now on."""
    await who.allow(tx, Record("service", owners=frozenset({who.agency})))
    service = ListedService(
        id=tx.ids.ordered(),
        agency=who.agency,
        name=body.name,
        need=body.need,
        description=body.description,
        languages=tuple(body.languages),
        eligibility=body.eligibility,
        capacity=Capacity(body.capacity_state, body.free_places),
        contact=body.contact,
        assured_at=tx.now,
    )
    await store.add(tx, service)
    response.headers["Location"] = f"/v1/directory/services/{service.id}"
    etag(response, service.version)
    return ServiceOut.of(service)


@router.put("/services/{service}/capacity", summary="Say how full it is", responses=responses(412, 428))
async def put_capacity(
    service: UUID,
    body: CapacityIn,
    response: Response,
    who: Caller = may("directory:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> ServiceOut:
    """Replaces state and free places; the entry counts as assured from now on."""
    found = await store.load(tx, service)
    record = Record("service", str(service), owners=frozenset({found.agency}))
    if not await who.can(tx, record):
        raise NotAllowed(
            "Only those who keep the entries of the agency that offers a service say how full it is.",
            way_out="Tell that agency what you found; its contact is in the entry.",
        )
    await who.note(tx, record)
    changed = await use_cases.put_capacity(tx, service, Capacity(body.state, body.free_places), version)
    etag(response, changed.version)
    return ServiceOut.of(changed)


@router.get("/services", summary="Look for an offer")
async def find(
    who: Caller = may("directory:read"),
    tx: Tx = InTx,
    need: NeedDomain | None = None,
    language: LanguageCode | None = None,
    agency: AgencyId | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[ServiceOut]:
    """By name; narrowed by need, language of the service and agency."""
    await who.allow(tx, Record("service"))
    found, following = await store.find(tx, need=need, language=language, agency=agency, limit=limit, after=after)
    return Page(items=[ServiceOut.of(one) for one in found], next=following)


@router.get("/services/{service}", summary="One offer")
async def read(service: UUID, response: Response, who: Caller = may("directory:read"), tx: Tx = InTx) -> ServiceOut:
    """The entry with its version, which a change of capacity needs."""
    await who.allow(tx, Record("service", str(service)))
    found = await store.load(tx, service)
    etag(response, found.version)
    return ServiceOut.of(found)


@router.get("/organisations/{organisation}", summary="Who offers help")
async def organisation(organisation: UUID, who: Caller = may("directory:read"), tx: Tx = InTx) -> Organisation:
    """`agency` keeps the entry: an organisation need not be an agency of the region."""
    await who.allow(tx, Record("organisation", str(organisation)))
    return await use_cases.organisation(tx, organisation)


@router.get("/locations/{location}", summary="Where help is given")
async def location(location: UUID, who: Caller = may("directory:read"), tx: Tx = InTx) -> Location:
    """A place that entries name in `locations`."""
    await who.allow(tx, Record("location", str(location)))
    return await use_cases.location(tx, location)
