"""Take in what a directory file says: each object whole or not at all, the same again is no change.

An object keeps its id, so it is known again; what the file doesn't name stays as it is. Objects of another agency stay
that agency's. Never commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from contracts.refusal import Invalid
from contracts.vocabulary import AgencyId, NeedDomain
from infra.chassis.db import Tx
from services.referrals.directory import store
from services.referrals.directory.domain import ListedService, Location, Organisation, renewed
from services.referrals.directory.hsds import (
    LocationSaid,
    OrganisationSaid,
    ServiceSaid,
)
from services.referrals.directory.not_taken import not_taken, without_nothing

Said = OrganisationSaid | LocationSaid | ServiceSaid


class Kind(StrEnum):
    """What an object is about."""

    ORGANISATION = "organization"
    LOCATION = "location"
    SERVICE = "service"


class Outcome(StrEnum):
    """What became of an object; of a trial, what would."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Told:
    """An object of a file. `brief`: it stands within another one and says less than it could, so it changes nothing."""

    row: int
    kind: Kind
    data: Mapping[str, Any]
    need: NeedDomain | None = None
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps an object out, and what to do. Repeats no value."""

    column: str
    what: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Became:
    """What became of an object. `not_taken` are fields that no entry of ours holds."""

    row: int
    outcome: Outcome
    id: UUID | None = None
    faults: tuple[Fault, ...] = ()
    not_taken: tuple[str, ...] = ()


Entry = Organisation | Location | ListedService
SHAPES: Final[Mapping[Kind, type[Said]]] = {
    Kind.ORGANISATION: OrganisationSaid,
    Kind.LOCATION: LocationSaid,
    Kind.SERVICE: ServiceSaid,
}
NO_NEED: Final = Fault(
    "need",
    "It is not known for which need this service helps: HSDS has no word for it.",
    "Say it for the whole file (--need), or for each service in a file (--needs).",
)
ANOTHERS: Final = Fault("id", "Another agency keeps this entry.", "Leave it out, or ask that agency to change it.")
IN_FUTURE: Final = Fault("assured_date", "This day is still to come.", "Write the day on which it was last checked.")
AS_HSDS: Final = "Write it as HSDS 3 has it, or leave it out."


@dataclass(slots=True)
class _Known:
    """What is there, and what this file has brought so far."""

    organisations: dict[UUID, Organisation] = field(default_factory=dict)
    locations: dict[UUID, Location] = field(default_factory=dict)
    services: dict[UUID, ListedService] = field(default_factory=dict)


async def take_in(tx: Tx, *, agency: AgencyId, objects: Sequence[Told], trial: bool) -> list[Became]:
    """What became of each, in their order. In a trial nothing is written, and what they refer to is not looked for."""
    if not trial:
        await store.hold(tx)
    parsed = [_parsed(one) for one in objects]
    known = await _known(tx, [said for said, _ in parsed if said is not None])
    became = []
    for one, (said, faults) in zip(objects, parsed, strict=True):
        if said is None:
            became.append(Became(one.row, Outcome.FAULTY, faults=faults))
            continue
        try:
            became.append(await _taken(tx, agency, one, said, known, trial=trial))
        except Invalid as wrong:
            fault = Fault(wrong.field or "", wrong.detail, wrong.way_out)
            became.append(Became(one.row, Outcome.FAULTY, said.id, (fault,)))
    return became


def _parsed(one: Told) -> tuple[Said | None, tuple[Fault, ...]]:
    try:
        return SHAPES[one.kind].model_validate(without_nothing(one.data)), ()
    except ValidationError as wrong:
        return None, tuple(
            Fault(".".join(map(str, error["loc"])), f"{error['msg']}.", AS_HSDS)
            for error in wrong.errors(include_url=False, include_input=False, include_context=False)
        )


async def _known(tx: Tx, said: Sequence[Said]) -> _Known:
    services = [one for one in said if isinstance(one, ServiceSaid)]
    organisations = {one.id for one in said if isinstance(one, OrganisationSaid)}
    organisations |= {one.organization_id for one in services if one.organization_id}
    places = {one.id for one in said if isinstance(one, LocationSaid)}
    places |= {place.location_id for one in services for place in one.service_at_locations}
    return _Known(
        await store.organisations(tx, organisations),
        await store.locations(tx, places),
        await store.services(tx, [one.id for one in services]),
    )


async def _taken(tx: Tx, agency: AgencyId, one: Told, said: Said, known: _Known, *, trial: bool) -> Became:
    """Raises `Invalid`."""
    before: Entry | None
    after: Entry
    match said:
        case OrganisationSaid():
            before, after = known.organisations.get(said.id), said.taken(agency)
        case LocationSaid():
            before, after = known.locations.get(said.id), said.taken(agency)
        case ServiceSaid():
            before = known.services.get(said.id)
            after = _service(agency, one, said, before, known, tx, trial=trial)
    if before is not None and before.agency != agency and not one.brief:
        return Became(one.row, Outcome.FAULTY, said.id, (ANOTHERS,))
    left_out = tuple(not_taken(said))
    if before == after or (before is not None and one.brief):
        return Became(one.row, Outcome.UNCHANGED, said.id, not_taken=left_out)
    if not trial:
        await _kept(tx, before, after)
    match after:
        case Organisation():
            known.organisations[after.id] = after
        case Location():
            known.locations[after.id] = after
        case ListedService():
            known.services[after.id] = after
    return Became(one.row, Outcome.NEW if before is None else Outcome.CHANGED, said.id, not_taken=left_out)


def _service(
    agency: AgencyId, one: Told, said: ServiceSaid, before: ListedService | None, known: _Known, tx: Tx, *, trial: bool
) -> ListedService:
    """The entry as it shall be. Raises `Invalid`."""
    if said.assured_date and said.assured_date > tx.now.date():
        raise _invalid(IN_FUTURE)
    if not trial:
        _refers(said, known)
    after = said.taken(agency, one.need or _need_of(before), now=tx.now)
    return after if before is None else renewed(before, after, assured=said.assured_date is not None)


def _need_of(before: ListedService | None) -> NeedDomain:
    """An entry that is known keeps its need where the file says none."""
    if before is None:
        raise _invalid(NO_NEED)
    return before.need


def _refers(said: ServiceSaid, known: _Known) -> None:
    """Raises `Invalid` for an organisation or a place that is not there."""
    if said.organization_id and said.organization_id not in known.organisations:
        what, way_out = "This organisation is not there.", "Put it into the file, or mend it first if it is faulty."
        raise Invalid(what, way_out=way_out, field="organization_id")
    if any(place.location_id not in known.locations for place in said.service_at_locations):
        what, way_out = "One of its places is not there.", "Put it into the file, or mend it first if it is faulty."
        raise Invalid(what, way_out=way_out, field="service_at_locations")


def _invalid(fault: Fault) -> Invalid:
    return Invalid(fault.what, way_out=fault.way_out, field=fault.column)


async def _kept(tx: Tx, before: Entry | None, after: Entry) -> None:
    match after:
        case Organisation():
            await store.put_organisation(tx, after)
        case Location():
            await store.put_location(tx, after)
        case ListedService() if before is None:
            await store.add(tx, after)
        case ListedService():
            await store.save(tx, replace(after, version=after.version + 1))
