"""For operators of the event bus: topics and rights, and lag. They talk to the bus itself, not to a service."""

import asyncio
import os
from collections import defaultdict
from typing import Annotated, Final

import typer
from rich.table import Table

from contracts.refusal import Invalid
from contracts.topics import SERVICES, Topic, read_by
from infra.chassis.bus.base import Bus
from infra.cli.region import FOLDER
from infra.cli.screen import out
from infra.onebox.provisioning import settings_of
from infra.onebox.services import service as service_named

topics: Final = typer.Typer(help="The topics of a region's Kafka.")


@topics.callback()
def of_topics() -> None:
    """The topics of a region's Kafka."""


@topics.command("create")
def create() -> None:
    """Make the topics that are missing, and give each service its password and its rights. May be run again."""
    if not os.environ.get("KAFKA_URL"):
        raise Invalid("Which Kafka is meant?", way_out="Set KAFKA_URL to kafka://host:port, and KAFKA_ADMIN_PASSWORD.")
    from infra.kafka.setup import (  # Kafka's libraries take half a second, and only this needs them
        KafkaSettings,
        set_up,
    )

    for line in set_up(KafkaSettings()):
        out.print(line)


def lag(service: Annotated[str | None, typer.Option("--service", help="Only this service.")] = None) -> None:
    """How many events each service has not dealt with yet, per topic."""

    async def ask() -> Table:
        table = Table("service", "topic", "not dealt with", "partitions behind")
        for name in [service] if service else SERVICES:
            bus = settings_of(FOLDER, service_named(name)).open_bus()
            try:
                for row in await _lag(bus, f"lotse.{name}", read_by(name)):
                    table.add_row(name, *row)
            finally:
                await bus.close()
        return table

    out.print(asyncio.run(ask()))


async def _lag(bus: Bus, group: str, of: tuple[Topic, ...]) -> list[tuple[str, str, str]]:
    behind: defaultdict[str, list[int]] = defaultdict(list)
    for (topic, _), count in (await bus.lag(group, of)).items():
        behind[topic].append(count)
    return [(topic, str(sum(counts)), str(sum(map(bool, counts)))) for topic, counts in sorted(behind.items())]
