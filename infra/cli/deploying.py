"""The distributed deployment: the secrets that docker-compose.yml wants, and the same region here without Docker."""

import asyncio
import contextlib
import signal
import warnings
from pathlib import Path
from time import perf_counter
from typing import Annotated, Final

import httpx
import typer

from infra import secret_files
from infra.chassis import logs
from infra.cli.region import FOLDER
from infra.cli.running import tell_step
from infra.cli.screen import out
from infra.realstack import compose
from infra.story.cast import Region
from infra.story.play import play

REAL: Final = FOLDER / "real"


def secrets(
    folder: Annotated[Path, typer.Argument(help="Where docker-compose.yml looks for them.")] = Path(
        secret_files.FOLDER
    ),
) -> None:
    """Draw the secrets that are missing; what is there stays."""
    made = secret_files.draw(compose.read()["secrets"], folder)
    out.print(f"{folder}: {len(made)} drawn, the others stay. Keep a copy of this folder in a safe place.")
    for name in sorted(secret_files.LEFT_TO_THE_OPERATOR.keys() & set(made)):
        out.print(f"  {folder / name} holds a default for a first try: put your own in.")


def realstack(
    port: Annotated[int, typer.Option(help="Port of the page that says where everything is; 0 takes a free one.")] = 0,
    story: Annotated[bool, typer.Option("--story", help="Play the story first.")] = False,
) -> None:
    """A fresh region on Kafka, Keycloak and PostgreSQL without Docker, until Ctrl-C. Needs Java 17, Maven, Caddy."""
    logs.set_up("lotse", level=40)
    warnings.simplefilter("ignore")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_realstack(port, story))


async def _realstack(port: int, story: bool) -> None:
    from infra.realstack.region import realstack as region  # Kafka's libraries take their time

    began = perf_counter()
    async with (
        region(REAL, port=port, tell=lambda what: out.print(f"{perf_counter() - began:6.1f} s  {what}")) as made,
        httpx.AsyncClient(timeout=20) as http,
    ):
        if story:
            await play(Region(made, http, patience=60), tell=tell_step)
        out.print(f"\nThe region runs. The desk is at [bold]{made.desk}[/].")
        out.print(f"{made.origin} says where everything is. Stop it with Ctrl-C.")
        for service, address in made.addresses.items():
            out.print(f"  {service:14} {address}")
        out.print(f"  {'identity':14} {made.issuer}\n  {'logs':14} {made.folder}")
        out.print(f"Other commands find it with LOTSE_HOME={made.folder}.")
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        out.print("Stopping ...")
