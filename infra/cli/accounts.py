"""For operators: agencies and people in Keycloak, and ending somebody's access.

Accounts are kept with the client `lotse-admin`; access is ended by intake, as the operator who is logged in, so that
every service hears of it and the audit trail says who did it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import httpx
import typer
from keycloak import KeycloakAdmin
from rich.table import Table

from contracts.refusal import NotAllowed, Refused
from contracts.vocabulary import Role
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.keycloak.connection import open_admin
from infra.cli.region import found_region, logged_in
from infra.cli.screen import out
from infra.keycloak import agencies, people
from infra.keycloak.steps import Steps
from infra.onebox.layout import PEOPLE

agency: Final = typer.Typer(help="The agencies of the region: who may have people and a system here.")
person: Final = typer.Typer(help="People who work for an agency.")

CLIENT: Final = "lotse-admin"
SECRET: Final = "LOTSE_ADMIN_SECRET"  # noqa: S105 - the name of a setting
SECRET_FILE: Final = "admin_client_secret"  # noqa: S105 - the name of a file
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be changed.")]
AgencyName = Annotated[str, typer.Argument(help="The agency's short name, e.g. job-centre: the claim in its tokens.")]
Username = Annotated[str, typer.Argument(help="The name to log in with.")]
Act = Callable[[KeycloakAdmin, Steps], Awaitable[str | None]]
"""Makes the changes; gives a secret that was drawn, to be shown once."""


@agency.command("add")
def add_agency(
    name: AgencyName,
    title: Annotated[str, typer.Option("--name", help="What people call it.")],
    kind: Annotated[str, typer.Option(help="E.g. public-employment-service, company.")],
    role: Annotated[Role, typer.Option("--system-role", help="As what its own system acts.")] = Role.CASEWORKER,
    dry_run: DryRun = False,
) -> None:
    """Let an agency in, with a client for its own system; may be repeated."""

    _run(lambda admin, steps: agencies.add(admin, steps, name, title, kind, role), dry_run)


@agency.command("list")
def list_agencies() -> None:
    """All agencies."""
    asyncio.run(_list())


async def _list() -> None:
    async with _keycloak() as admin:
        found = await agencies.listed(admin)
    table = Table("agency", "name", "kind", "people", "system")
    for one in found:
        table.add_row(one.id, one.name, one.kind, str(one.people), "yes" if one.system else "no")
    out.print(table if found else "There is no agency yet: `lotse agency add`.")


@agency.command("remove")
def remove_agency(name: AgencyName, dry_run: DryRun = False) -> None:
    """Let an agency no longer in; its records stay with the services. Its people must be suspended before."""

    _run(lambda admin, steps: agencies.remove(admin, steps, name), dry_run)


@agency.command("secret")
def new_secret(name: AgencyName, dry_run: DryRun = False) -> None:
    """Draw a new secret for the agency's own system; the old one is over at once."""

    _run(lambda admin, steps: agencies.new_secret(admin, steps, name), dry_run)


@person.command("add")
def add_person(
    username: Username,
    name: Annotated[str, typer.Option(help="Full name.")],
    email: Annotated[str, typer.Option(help="Where messages go.")],
    of: Annotated[str, typer.Option("--agency", help="The agency's short name.")],
    role: Annotated[list[Role], typer.Option(help="May be given several times; these and no others.")],
    language: Annotated[str, typer.Option(help="Of pages and mails, e.g. de.")] = "en",
    again: Annotated[bool, typer.Option("--again", help="Open a suspended account again.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Give somebody an account, or bring it to what is said here; may be repeated."""
    said = people.Said(username, name, email, of, frozenset(role), language)
    _run(lambda admin, steps: people.add(admin, steps, said, again=again), dry_run)


@person.command("suspend")
def suspend(
    username: Username,
    dry_run: DryRun = False,
    who: Annotated[str, typer.Option("--as", help="Who you are; the password comes from LOTSE_PASSWORD.")] = "opal",
) -> None:
    """End somebody's access in every service within seconds, and close the account; may be repeated."""
    asyncio.run(_suspend(username, dry_run, who))


async def _suspend(username: str, dry_run: bool, who: str) -> None:
    account = await _account(username)
    if dry_run:
        out.print(f"would be done  person {username}: account closed, access ended in every service")
        return
    async with logged_in(who) as me:
        ended = await me.call("POST", "intake", f"/v1/staff/{account}/suspension")
    out.print(f"done  person {username}: access ended in every service")
    if not ended["account_closed"]:
        raise Refused(
            "The account itself could not be closed: the log-in service can't be reached.",
            way_out="Repeat this command until it can: till then the account gets new tokens.",
        )
    out.print(f"done  person {username}: account closed")


async def _account(username: str) -> UUID:
    if found_region().get("identity") == "embedded":
        user = next((str(one.id) for one in load_people(PEOPLE).people if one.username == username), None)
    else:
        async with _keycloak() as admin:
            user = (await people.find(admin, username) or {}).get("id")
    if user is None:
        raise Refused(f"There is no account {username}.", way_out="Check the name it logs in with.")
    return UUID(user)


def _run(act: Act, dry_run: bool) -> None:
    steps, drawn = Steps(dry_run), None
    try:
        drawn = asyncio.run(_with_keycloak(act, steps))
    finally:  # also what was done before a refusal
        for told in steps.told:
            out.print(f"{'would be done' if dry_run else 'done'}  {told}")
    if not steps.told:
        out.print("Nothing to change.")
    if drawn is not None:
        out.print(f"secret, shown this once: [bold]{drawn}[/]", highlight=False)


async def _with_keycloak(act: Act, steps: Steps) -> str | None:
    async with _keycloak() as admin:
        return await act(admin, steps)


@asynccontextmanager
async def _keycloak() -> AsyncIterator[KeycloakAdmin]:
    """Its administration with the rights of `lotse-admin`. Raises `NotAllowed` without Keycloak or its secret."""
    region = found_region()
    if region.get("identity") == "embedded":
        raise NotAllowed(
            "The agencies and people of a demo are those of its people.yaml.",
            way_out="Use a region with Keycloak: docs/identity.md.",
        )
    async with httpx.AsyncClient(timeout=20) as http:
        yield open_admin(region.get("issuer_inside") or region["issuer"], CLIENT, _secret(), http)


def _secret() -> str:
    folder = os.environ.get("LOTSE_SECRETS_DIR")
    file = Path(folder or ".") / SECRET_FILE
    secret = os.environ.get(SECRET) or (file.read_text().strip() if folder and file.exists() else "")
    if not secret:
        raise NotAllowed(
            f"The secret of the client {CLIENT} is missing.",
            way_out=f"Set {SECRET}, or put it into the file {SECRET_FILE} in LOTSE_SECRETS_DIR.",
        )
    return secret
