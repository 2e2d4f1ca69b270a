"""The demo region from the command line: once per folder, with progress, and who can log in."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Final

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from infra.chassis.identity.embedded.people import load_people
from infra.cli.screen import err, out
from infra.demo.build import build
from infra.demo.scene import YEAR, NotMade
from infra.demo.size import SIZES
from infra.onebox.layout import PEOPLE
from infra.story.cast import Region

MADE: Final = "region.made"
"""File in the region's folder: the demo region is whole."""
FILES: Final = "imports"
POSTGRES: Final = "postgres"
STORY: Final = timedelta(days=92)
"""So far the story moves business time on; it is played before the year begins."""


class DemoSize(StrEnum):
    """How much of a region."""

    FULL = "full"
    SMALL = "small"


def behind(folder: Path, *, story: bool) -> timedelta:
    """How far back business time begins in a new region, for the year to end now; one that is there keeps its time."""
    if (folder / POSTGRES).exists():
        return timedelta(0)
    return timedelta(days=YEAR) + (STORY if story else timedelta(0))


def log_ins() -> None:
    """Who can log in, and with what."""
    known = load_people(PEOPLE)
    names = {agency.id: agency.name for agency in known.agencies}
    out.print(f"\nLog-ins (invented people, for this machine only); everybody's password: [bold]{known.password}[/]")
    for person in known.people:
        roles = ", ".join(role.value for role in sorted(person.roles))
        out.print(f"  {person.username:8} {person.name:16} {names[person.agency]:26} [dim]{roles}[/]")
    out.print("")


async def make_once(region: Region, folder: Path, size: DemoSize) -> None:
    """The demo region, unless it is there. Raises `NotMade`; a half-made one is thrown away with its folder."""
    made = folder / MADE
    if made.exists():
        return
    began = region.box.runtimes["intake"].clock.business()
    if abs(began + timedelta(days=YEAR) - datetime.now(UTC)) > timedelta(days=1):
        raise NotMade("This region has not begun a year ago, or the making of it was interrupted.")
    files = folder / FILES
    files.mkdir(exist_ok=True)
    started = perf_counter()
    bar = Progress(TextColumn("Making {task.description}"), BarColumn(), TimeElapsedColumn(), console=err)
    with bar:
        doing = bar.add_task("the region", total=YEAR)
        region.patience, region.pause = 60, 0.15

        def tell(what: str, day: int) -> None:
            bar.update(doing, description=what, completed=day)

        scene = await build(region, files, SIZES[size], began, tell)
    made.touch()
    people, seconds = len(scene.known), perf_counter() - started
    out.print(f"\nThe region has a year behind it: {people} people, {scene.requests:,} requests, {seconds:.0f} s.")
    out.print(f"The files that two agencies brought, and what is to be mended in them: {files}")
