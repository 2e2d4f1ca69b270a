"""For deployment and repair: migrations, rebuilding a projection, feeding a consumer again, generated contracts."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from contracts.refusal import Invalid
from infra import contract_documents, restoring
from infra.chassis import databases, master_keys, projections
from infra.chassis import rebuild as rebuilding
from infra.chassis import reconcile as reconciling
from infra.chassis import republish as republishing
from infra.chassis.master_keys import MasterKeys
from infra.chassis.service import Service
from infra.chassis.settings import ServiceSettings
from infra.cli.region import FOLDER
from infra.cli.screen import error, out
from infra.onebox.provisioning import settings_of
from infra.onebox.services import service as service_named
from infra.postgres import backup as backups

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
    _tell(name, found)
    if found.nothing:
        return
    if not repair:
        out.print(f"Nothing was changed. `lotse reconcile {name} --repair` mends projections and reactions.")
        raise typer.Exit(1)
    out.print("Projections and reactions are mended.")
    if found.lost:
        raise typer.Exit(1)


def rewrap(name: Name) -> None:
    """Bring all keys of persons under the first of the service's two master keys; it goes on working."""
    settings = _settings(name)
    if settings.keys_owner_database_url is None:
        raise Invalid(
            "Keys are changed by the role that owns them only.",
            way_out=f"Set {name.upper()}_KEYS_OWNER_DATABASE_URL.",
        )
    master = MasterKeys.read(settings.master_key.get_secret_value())
    found = master_keys.rewrap(settings.keys_owner_database_url.get_secret_value(), master, _counted)
    out.print(f"{name}: {found.keys} keys, {found.renewed} brought under the first master key.")
    if found.closed:
        error(
            f"{found.closed} keys open with none of the master keys that {name} has.",
            "Put the master key that was in use before behind the others, on a line of its own, and run this again.",
        )
        raise typer.Exit(1)


def backup(
    name: Name,
    to: Annotated[Path, typer.Option("--to", help="Folder for the back-up.")] = Path("backups"),
) -> None:
    """Write a back-up of a service's database; it goes on working. The keys are not in it."""
    out.print(f"{name}: {backups.dump(_owner_url(name), name, to)}")


def restore(name: Name, file: Annotated[Path, typer.Argument(exists=True, help="What `lotse backup` wrote.")]) -> None:
    """Replace a stopped service's database by a back-up, erase again who was erased since, reconcile, and open it."""
    asyncio.run(restoring.restore(service_named(name), _settings(name), file, _mended, lambda what: _say(name, what)))
    out.print(f"{name}: open again. Start its API and worker.")


async def _mended(service: Service, settings: ServiceSettings) -> reconciling.Findings:
    for publisher, feeds in reconciling.feeds(service).items():
        for consumer, types in feeds:
            await republishing.republish(service_named(publisher), _settings(publisher), consumer, types)
    found = await reconciling.reconcile(service, settings, mend=True, live=False)
    _tell(service.name, found)
    return found


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


def _owner_url(name: str) -> str:
    settings = _settings(name)
    if settings.owner_database_url is None:
        raise Invalid(
            "A back-up needs the role that owns the tables.", way_out=f"Set {name.upper()}_OWNER_DATABASE_URL."
        )
    return settings.owner_database_url.get_secret_value()


def _tell(name: str, found: reconciling.Findings) -> None:
    for table, ids in sorted(found.different.items()):
        _say(name, f"{table} differs for {len(ids)}: {', '.join(sorted(ids))}")
    for message in found.missed:
        _say(name, f"no reaction to a fact on {message.topic} about {message.key}")
    for event, type_ in found.lost.items():
        _say(name, f"stated, but not known any more: {type_}, event {event}")
    if found.lost:
        out.print("What a service has lost of its own can't be mended from events: look it up and enter it again.")
    if found.nothing:
        _say(name, "all is as the facts say")


def _say(name: str, what: str) -> None:
    out.print(f"{name}: {what}")


def _progress(done: int) -> None:
    out.print(f"  {done} facts", end="\r")


def _counted(done: int) -> None:
    out.print(f"  {done} keys", end="\r")
