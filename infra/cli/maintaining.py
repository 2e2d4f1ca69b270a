"""For deployment and repair: migrations, rebuilding a projection, feeding a consumer again, generated contracts."""

import asyncio
import sys
from typing import Annotated

import typer

from contracts.refusal import Invalid
from infra import contract_documents
from infra.chassis import databases, projections
from infra.chassis import rebuild as rebuilding
from infra.chassis import reconcile as reconciling
from infra.chassis import republish as republishing
from infra.chassis.settings import ServiceSettings
from infra.cli.region import FOLDER
from infra.cli.screen import error, out
from infra.onebox.provisioning import settings_of
from infra.onebox.services import service as service_named

Name = Annotated[str, typer.Argument(help="intake, matching, referrals or notifications")]


def migrate(name: Name) -> None:
    """Bring a service's database to this version; may be run again at any time."""
    service, settings = service_named(name), _settings(name)
    if settings.owner_database_url is None or settings.keys_owner_database_url is None:
        raise Invalid(
            "Migrations need the role that owns the tables.",
            way_out=f"Set {name.upper()}_OWNER_DATABASE_URL and {name.upper()}_KEYS_OWNER_DATABASE_URL.",
        )
    databases.migrate(
        service,
        settings.owner_database_url.get_secret_value(),
        settings.keys_owner_database_url.get_secret_value(),
    )
    out.print(f"{name}: the database is at this version.")


def rebuild(name: Name, projection: Annotated[str, typer.Argument(help="The projection's name.")]) -> None:
    """Fill fresh tables of a projection by replay, then swap; reading goes on meanwhile."""
    service = service_named(name)
    for publisher, (consumer, types) in projections.feeds(service, projection).items():
        out.print(f"{publisher} feeds its facts again ...")
        asyncio.run(republishing.republish(service_named(publisher), _settings(publisher), consumer, types, _progress))
    report = asyncio.run(rebuilding.rebuild(service, _settings(name), projection, _progress))
    held = f"live events waited {report.held_up_seconds * 1000:.0f} ms for the swap"
    out.print(f"{name}/{projection}: rebuilt from {report.facts} facts in {report.seconds:.1f} s; {held}.")


def reconcile(
    name: Name,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is found; else only tell.")] = False,
) -> None:
    """Compare a service with what the others have stated; exit 1 if something is not as it should be."""
    service = service_named(name)
    for publisher, feeds in reconciling.feeds(service).items():
        out.print(f"{publisher} feeds its facts again ...")
        for consumer, types in feeds:
            asyncio.run(republishing.republish(service_named(publisher), _settings(publisher), consumer, types))
    found = asyncio.run(reconciling.reconcile(service, _settings(name), mend=repair))
    for table, ids in sorted(found.different.items()):
        out.print(f"{name}: {table} differs for {len(ids)}: {', '.join(sorted(ids))}")
    for message in found.missed:
        out.print(f"{name}: no reaction to a fact on {message.topic} about {message.key}")
    for event, type_ in found.lost.items():
        out.print(f"{name}: stated, but not known any more: {type_}, event {event}")
    if found.nothing:
        out.print(f"{name}: all is as the facts say.")
        return
    if found.lost:
        out.print("What a service has lost of its own can't be mended from events: look it up and enter it again.")
    if not repair:
        out.print(f"Nothing was changed. `lotse reconcile {name} --repair` mends projections and reactions.")
        raise typer.Exit(1)
    out.print("Projections and reactions are mended.")
    if found.lost:
        raise typer.Exit(1)


def republish(
    name: Name,
    consumer: Annotated[str, typer.Option("--for", help="Who is fed; names the private topic.")],
    types: Annotated[list[str] | None, typer.Option("--type", help="Only these event types.")] = None,
) -> None:
    """Feed a service's facts again, in order, into a private topic."""
    count = asyncio.run(republishing.republish(service_named(name), _settings(name), consumer, types, _progress))
    out.print(f"{name}: {count} facts were fed to {consumer}.")


def contracts(
    check: Annotated[bool, typer.Option("--check", help="Only say whether they are current.")] = False,
) -> None:
    """Write the schemas, AsyncAPI and OpenAPI files under contracts/ from the code."""
    if not check:
        contract_documents.write()
        out.print("contracts/ is current.")
        return
    if different := contract_documents.difference():
        error(
            f"Not current: {', '.join(different)}",
            "Run `.venv/bin/python -m infra.cli contracts` and commit the result.",
        )
        sys.exit(1)
    out.print("contracts/ is current.")


def _settings(name: str) -> ServiceSettings:
    """From the environment, or those of the region that this machine runs."""
    return settings_of(FOLDER, service_named(name))


def _progress(done: int) -> None:
    out.print(f"  {done} facts", end="\r")
