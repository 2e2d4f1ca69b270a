"""An operator rebuilds a projection while everything goes on, and the tables are held against those before it."""

from typing import Any

from contracts.topics import SERVICES
from infra.chassis import access
from infra.chassis.projections import feeds
from infra.chassis.rebuild import rebuild
from infra.chassis.republish import republish
from tests.simulation.world import Rebuilt, World


def projections(world: World) -> list[tuple[str, str]]:
    """(service, name) of everything that can be rebuilt."""
    services = {service.name: service for service in world.ground.services}
    return [(name, each) for name in SERVICES for each in (access.CONSUMER, *services[name].projections)]


async def rebuilds(world: World, service: str, name: str) -> None:
    """As `lotse rebuild` does it, in one go: its transactions have a suite of their own."""
    services = {each.name: each for each in world.ground.services}
    here = services[service]
    world.trail.note(f"{service}: {name} is rebuilt")
    clock, settings = world.places[service].clock, world.runtime(service).settings
    for publisher, (consumer, types) in feeds(here, name).items():
        await republish(
            services[publisher], world.runtime(publisher).settings, consumer, types, ids=world.ids, bus=world.bus
        )
    await rebuild(here, settings, name, clock=clock, bus=world.bus)
    consumer = name if name == access.CONSUMER else f"projection:{name}"
    [last] = world.ground.read(service, "select coalesce(max(n), 0) as n from simulation.effect")
    held = world.ground.read(service, "select event_id from chassis.inbox where consumer = %s", consumer)
    world.rebuilds[service, consumer] = Rebuilt(last.n, frozenset(row.event_id for row in held))


async def is_the_same_when_rebuilt(world: World, service: str, name: str) -> list[str]:
    """At rest a rebuild changes nothing."""
    before = contents(world, service, name)
    await rebuilds(world, service, name)
    after = contents(world, service, name)
    return [f"{service}: {name}.{table} is different when rebuilt" for table in before if before[table] != after[table]]


def contents(world: World, service: str, schema: str) -> dict[str, list[Any]]:
    """Table -> its rows."""
    tables = world.ground.read(
        service, "select tablename from pg_tables where schemaname = %s order by tablename", schema
    )
    return {
        row.tablename: sorted(
            (repr(each) for each in world.ground.read(service, f'select * from "{schema}"."{row.tablename}"')),  # noqa: S608
        )
        for row in tables
    }
