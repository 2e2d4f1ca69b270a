"""What every import at the command line does: log in, send batch after batch with a bar, and show what is wrong."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Final, TypeVar

import httpx
import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contracts.refusal import Conflict
from infra.cli.region import logged_in
from infra.cli.screen import err, error, out
from infra.importing.table import Wrong

SHOWN: Final = 5
"""Faults on the screen; all are in the report."""

Who = Annotated[str, typer.Option("--as", help="Who you are; the password comes from LOTSE_PASSWORD.")]
Trial = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]
Mapping = Annotated[Path | None, typer.Option("--map", help="Which column is which field (YAML).")]
Encoding = Annotated[str | None, typer.Option(help="If it is not found out rightly: cp1252, cp1256 ...")]
Report = Annotated[Path | None, typer.Option(help="Write what became of every row into this new file.")]

Call = Callable[[dict[str, Any]], Awaitable[Any]]
One = TypeVar("One")


def new_report(report: Path | None) -> None:
    """Raises `Conflict` before anything is sent if the report's file is there."""
    if report is not None and report.exists():
        raise Conflict("The report's file is there already.", way_out="Name a new one: nothing is written over.")


def sent(
    service: str,
    path: str,
    who: str,
    total: int,
    batches: Callable[[Call], AsyncIterator[list[One]]],
    *,
    trial: bool,
    what: str = "rows",
) -> list[One]:
    """What became of all; if the line breaks, says how to go on and ends with 1."""
    return asyncio.run(_sent(service, path, who, total, batches, trial=trial, what=what))


async def _sent(
    service: str,
    path: str,
    who: str,
    total: int,
    batches: Callable[[Call], AsyncIterator[list[One]]],
    *,
    trial: bool,
    what: str,
) -> list[One]:
    became: list[One] = []
    started = perf_counter()
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err
    )
    async with logged_in(who) as me:

        async def call(batch: dict[str, Any]) -> Any:
            return await me.call("POST", service, path, json=batch)

        with bar:
            doing = bar.add_task("Trying out" if trial else "Taking in", total=total)
            try:
                async for batch in batches(call):
                    became += batch
                    bar.update(doing, completed=len(became))
            except httpx.HTTPError:
                error(
                    f"The line broke after {len(became):,} of {total:,} {what}.",
                    f"Run the same command again: {what} that are in are known, and nothing comes in twice.",
                )
                sys.exit(1)
    seconds = perf_counter() - started
    out.print(f"{len(became):,} {what} in {seconds:.1f} s ({len(became) / seconds:,.0f} a second).")
    return became


def show(wrong: Sequence[Wrong]) -> None:
    """The first faults: where, what, and what to do."""
    for fault in wrong[:SHOWN]:
        place = f"row {fault.row}" if fault.row else "file"
        place += f", column {fault.column}" if fault.column else ""
        err.print(f"[red]{escape(place)}[/]: {escape(fault.what)} {escape(fault.way_out)}")
    if len(wrong) > SHOWN:
        err.print(f"... and {len(wrong) - SHOWN:,} more.")
