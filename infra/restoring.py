"""The way back of one service from a back-up: restored, erasures applied again, compared with the others, then opened.

Until the end the service can't connect to its database, whatever breaks off on the way; the same command runs again.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text

from contracts import heartbeat
from contracts.refusal import Invalid
from contracts.topics import TOPICS
from infra.chassis import erasures, migrate
from infra.chassis.bus.base import Bus, Received
from infra.chassis.db import Database
from infra.chassis.outbox import POSITION
from infra.chassis.reconcile import Findings
from infra.chassis.schema import CHASSIS
from infra.chassis.service import Service, running
from infra.chassis.settings import ServiceSettings
from infra.postgres import backup

Compare = Callable[[Service, ServiceSettings], Awaitable[Findings]]
"""Lets the owners feed the service and mends it: `reconcile`."""
Tell = Callable[[str], None]


async def restore(service: Service, settings: ServiceSettings, file: Path, compare: Compare, tell: Tell) -> Findings:
    """Raises `Conflict` while the service is connected, `Invalid` without the owner's URL, and what the steps raise."""
    if settings.owner_database_url is None:
        raise Invalid(
            "A restore makes tables, so it needs the role that owns them.",
            way_out=f"Set {service.name.upper()}_OWNER_DATABASE_URL.",
        )
    owner = settings.owner_database_url.get_secret_value()
    as_owner = settings.model_copy(update={"database_url": SecretStr(owner)})
    backup.close(owner, service.name)
    backup.restore(owner, file)
    migrate.upgrade(service, owner, service.name)
    tell("restored, and brought to this version")
    async with running(service, as_owner) as runtime:
        erased = await erasures.known(runtime.vault, runtime.bus)
        again = await erasures.apply_again(runtime.db, service.after_a_restore(), erased)
        tell(f"{again} erasures applied again")
        await _number_on(runtime.db, runtime.bus, service)
    findings = await compare(service, as_owner)
    backup.open_again(owner, service.name)
    return findings


async def _number_on(db: Database, bus: Bus, service: Service) -> None:
    """New outbox rows get ids that were never used, and what was known of grants is of yesterday."""
    highest = 0

    async def see(message: Received) -> None:
        nonlocal highest
        if heartbeat.HEADER not in message.headers:
            highest = max(highest, int(message.headers.get(POSITION, 0)))

    for topic in TOPICS:
        if topic.publisher == service.name:
            await bus.replay(topic, None, see)
    async with db.transaction() as tx:
        await tx.execute(text(f"delete from {CHASSIS}.known_up_to"))  # noqa: S608
        await tx.execute(
            text(
                f"select setval(pg_get_serial_sequence('{CHASSIS}.outbox', 'id'),"  # noqa: S608
                f" greatest(:highest, (select coalesce(max(id), 0) from {CHASSIS}.outbox)) + 1, false)"
            ),
            {"highest": highest},
        )
