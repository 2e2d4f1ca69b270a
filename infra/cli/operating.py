"""For operators and auditors: the clock of a demo, events, lanes, the audit trail. Over HTTP, with their own log-in."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.table import Table

from contracts.topics import SERVICES
from infra.cli.region import CommandLine, logged_in
from infra.cli.screen import out

clock: Final = typer.Typer(help="Business time of a demo.")
events: Final = typer.Typer(help="The facts that services state.")
lanes: Final = typer.Typer(help="Events that could not be handled, per consumer and participant.")
audit: Final = typer.Typer(help="Who did and saw what.")

As = Annotated[str, typer.Option("--as", help="Who you are; the password comes from LOTSE_PASSWORD.")]
OfService = Annotated[str | None, typer.Option("--service", help="Only this service.")]


@clock.command("advance")
def advance(days: float, who: As = "opal") -> None:
    """Move business time forward in every service."""

    async def act(me: CommandLine) -> None:
        for service in SERVICES:
            time = await me.call("POST", service, "/v1/operations/clock", json={"days": days})
            out.print(f"{service}: business time is {time['business']}")

    _run(act, who)


@events.command("tail")
def tail(
    service: OfService = None, follow: Annotated[bool, typer.Option("--follow", "-f")] = False, who: As = "opal"
) -> None:
    """The facts that were stated, oldest first: what, when, on which journey; not about whom."""

    async def act(me: CommandLine) -> None:
        after = dict.fromkeys([service] if service else SERVICES, 0)
        while True:
            new = []
            for name, position in after.items():
                for event in await me.call("GET", name, f"/v1/operations/events?after={position}&limit=200"):
                    after[name] = event["position"]
                    new.append(event)
            for event in sorted(new, key=lambda event: (event["at"], event["event"])):
                out.print(f"{event['at']}  {event['type']:48} journey {event['journey']}  event {event['event']}")
            if not new and not follow:
                return
            await asyncio.sleep(0.5 if not new else 0)

    _run(act, who)


@lanes.command("list")
def list_lanes(service: OfService = None, who: As = "opal") -> None:
    """Lanes that do not flow."""

    async def act(me: CommandLine) -> None:
        table = Table("service", "consumer", "topic", "key", "state", "tries", "error", "queued", "first event")
        for name in [service] if service else SERVICES:
            for lane in await me.call("GET", name, "/v1/operations/lanes"):
                texts = [
                    str(lane[part])
                    for part in ("consumer", "topic", "key", "state", "tries", "error", "queued", "head")
                ]
                table.add_row(name, *texts)
        out.print(table if table.rows else "All lanes flow.")

    _run(act, who)


@lanes.command("drain")
def drain(service: str, consumer: str, topic: str, key: UUID, who: As = "opal") -> None:
    """Work off a lane in order, after its cause was mended."""

    async def act(me: CommandLine) -> None:
        done = await me.call("POST", service, f"/v1/operations/lanes/{consumer}/{topic}/{key}/drain")
        out.print(f"The lane is {done['outcome']}.")

    _run(act, who)


@lanes.command("skip")
def skip(service: str, consumer: str, topic: str, key: UUID, event: UUID, reason: str, who: As = "opal") -> None:
    """Set the first event of a lane aside, with a reason that is kept."""

    async def act(me: CommandLine) -> None:
        body = {"event": str(event), "reason": reason}
        await me.call("POST", service, f"/v1/operations/lanes/{consumer}/{topic}/{key}/skip", json=body)
        out.print("Set aside; the rest of the lane is tried now.")

    _run(act, who)


@audit.command("verify")
def verify(service: OfService = None, who: As = "aud") -> None:
    """Recompute the chain over the audit trail; exit 1 if it is not sound."""

    async def act(me: CommandLine) -> None:
        faults = 0
        for name in [service] if service else SERVICES:
            found = await me.call("GET", name, "/v1/operations/audit")
            faults += found["fault"] is not None
            rows = f"{found['sealed']} rows sealed, {found['unsealed']} to come"
            out.print(f"{name}: {found['fault'] or 'sound'}; {rows}, head {found['head'][:16]}")
        if faults:
            raise typer.Exit(1)

    _run(act, who)


def _run(act: object, who: str) -> None:
    async def all_of_it() -> None:
        async with logged_in(who) as me:
            await act(me)  # type: ignore[operator]

    asyncio.run(all_of_it())
