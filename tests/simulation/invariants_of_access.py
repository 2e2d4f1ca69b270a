"""Who may see what: each service's own SQL against what intake stated."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import literal, select, union_all

from contracts.events import intake
from contracts.topics import SERVICES
from contracts.vocabulary import REGIONAL_MATCHING, Category
from infra.chassis import access
from tests.simulation.cast import AGENCIES
from tests.simulation.facts import Stated, stated
from tests.simulation.world import World

READERS: Final = (*AGENCIES, REGIONAL_MATCHING)
Look = tuple[str, Category]
LOOKED_AT: Final = (Category.IDENTITY, Category.CONTACT, Category.PROFILE, Category.JOURNEY, Category.BARRIERS_FAMILY)
LOOKS: Final[Sequence[Look]] = [(reader, category) for reader in READERS for category in LOOKED_AT]
AT_ONCE: Final = 12
"""Looks on the way: each costs a part of a query, in each service."""


def open_to(facts: list[Stated], now: datetime) -> set[tuple[str, Category, UUID]]:
    """(reader, category, participant) as these facts of intake say it at this business time."""
    found: set[tuple[str, Category, UUID]] = set()
    owners: dict[UUID, str] = {}
    grants: dict[tuple[UUID, str], tuple[str, UUID, datetime]] = {}
    for one in facts:
        match one.fact:
            case intake.ParticipantRegistered() as fact:
                owners[fact.participant] = fact.agency
            case intake.GrantGiven() as fact:
                for category in fact.categories:
                    if fact.valid_from <= now < fact.valid_until:
                        grants[fact.grant, category] = (fact.recipient, fact.participant, fact.valid_until)
            case intake.GrantEnded() as fact:
                for category in fact.categories:
                    grants.pop((fact.grant, category), None)
    for participant, agency in owners.items():
        found |= {(agency, category, participant) for category in LOOKED_AT}
    for (_, name), (recipient, participant, _) in grants.items():
        if name in LOOKED_AT:
            found.add((recipient, Category(name), participant))
    return found


async def visible_in(world: World, service: str, looks: Sequence[Look]) -> set[tuple[str, Category, UUID]]:
    """The same as the service's own lists would be narrowed by, at its business time; for these looks only."""
    async with world.runtime(service).db.transaction() as tx:
        parts = []
        for reader, category in looks:
            seen = access.visible(tx, reader, category).subquery()
            parts.append(select(literal(reader).label("r"), literal(category.value).label("c"), seen.c.participant))
        return {(row.r, Category(row.c), row.participant) for row in await tx.rows(union_all(*parts))}


async def access_is_as_intake_says(world: World) -> AsyncIterator[str]:
    """At rest every service opens what a live grant opens, and nothing else."""
    facts = [one for one in stated(world.ground) if one.service == "intake"]
    for service in SERVICES:
        told = open_to(facts, world.places[service].clock.business())
        shown = await visible_in(world, service, LOOKS)
        for reader, category, participant in sorted(shown - told, key=str):
            yield f"{service} shows {category} of {participant} to {reader} without a live grant"
        for reader, category, participant in sorted(told - shown, key=str):
            yield f"{service} withholds {category} of {participant} from {reader} despite a live grant"


def people_are_the_same_everywhere(world: World, facts: list[Stated]) -> Iterator[str]:
    """Owners, pseudonyms and links are in every service as they are with intake."""
    for table in ("person", "link"):
        query = f"select * from access.{table} order by id"  # noqa: S608
        told = world.ground.read("intake", query)
        for service in SERVICES:
            if world.ground.read(service, query) != told:
                yield f"{service} has another picture of {table} than intake"
    links: set[UUID] = set()
    for one in facts:
        match one.fact:
            case intake.SamePersonLinked() as fact:
                links.add(fact.link)
            case intake.LinkRemoved() as fact:
                links.discard(fact.link)
    if links != {row.id for row in world.ground.read("intake", "select id from access.link")}:
        yield "the links are not those that were stated"


async def nothing_shown_too_long(world: World) -> AsyncIterator[str]:
    """On the way: what a service has heard has counted from that moment on, and a stuck lane closes."""
    facts = [one for one in stated(world.ground) if one.service == "intake"]
    for service in SERVICES:
        known = world.rebuilt(service, access.CONSUMER).holds
        query = "select event_id from simulation.effect where consumer = 'access'"
        known |= {row.event_id for row in world.ground.read(service, query)}
        heard = [one for one in facts if service == "intake" or one.envelope.id in known]
        stuck = {
            row.key for row in world.ground.read(service, "select key from chassis.lane where consumer = 'access'")
        }
        told = open_to(heard, world.places[service].clock.business())
        registered = [one.fact for one in heard if isinstance(one.fact, intake.ParticipantRegistered)]
        owner: dict[UUID, str] = {fact.participant: fact.agency for fact in registered}
        shown = await visible_in(world, service, world.chance.sample(LOOKS, AT_ONCE))
        for reader, category, participant in sorted(shown, key=str):
            own = owner.get(participant) == reader
            if (reader, category, participant) not in told or (participant in stuck and not own):
                yield f"on the way {service} shows {category} of {participant} to {reader} without a live grant"
