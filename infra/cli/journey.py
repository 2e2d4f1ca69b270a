"""A participant's journey as a readable timeline, with the caller's own log-in and rights."""

import asyncio
from typing import Annotated
from urllib.parse import quote

import typer

from infra.cli.region import logged_in
from infra.cli.screen import out


def show(
    reference: Annotated[str, typer.Argument(help="The participant's code, P-XXXX-XXXX.")],
    who: Annotated[str, typer.Option("--as", help="Who you are; the password comes from LOTSE_PASSWORD.")] = "jonas",
) -> None:
    """What happened, oldest first, as far as you may see it."""
    asyncio.run(_show(reference, who))


async def _show(reference: str, who: str) -> None:
    async with logged_in(who) as me:
        code = quote(reference.strip(), safe="")
        found = (await me.call("GET", "intake", f"/v1/participants/by-reference/{code}"))["participant"]
        participant = await me.call("GET", "intake", f"/v1/participants/{found}")
        name = participant["identity"]
        words = [name["given_name"], name["family_name"]] if name else []
        out.print(" ".join([f"[bold]{participant['reference']}[/]", *words]))
        items, after = [], ""
        while True:
            page = await me.call("GET", "referrals", f"/v1/participants/{found}/timeline?limit=200{after}")
            items.extend(page["items"])
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        for item in reversed(items):
            out.print(
                f"  {item['at'][:16].replace('T', ' ')}  {item['what'].rpartition('.')[2]:28} {item.get('by') or ''}"
            )
