"""`lotse import`: files that agencies bring, row by row, with a report of what is to be mended."""

import asyncio
import sys
from collections import Counter
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import httpx
import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contracts.refusal import Conflict
from infra.cli.region import logged_in
from infra.cli.screen import err, error, out
from infra.importing import participants as people
from infra.importing.columns import Columns, as_mapping, read_mapping
from infra.importing.participants import Became
from infra.importing.reading import read_file
from infra.importing.report import write_all, write_to_mend
from infra.importing.table import Table

imports = typer.Typer(help="Take in files.", no_args_is_help=True)
SHOWN = 5
"""Faults on the screen; all are in the report."""


class Dates(StrEnum):
    """What stands first in dates such as 03/04/1994."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@imports.command("participants")
def participants(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS, ODS or NDJSON.")],
    who: Annotated[str, typer.Option("--as", help="Who you are; the password comes from LOTSE_PASSWORD.")] = "jonas",
    mapping: Annotated[Path | None, typer.Option("--map", help="Which column is which field (YAML).")] = None,
    trial: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    mine: Annotated[bool, typer.Option("--assign-to-me", help="You are the caseworker of these people.")] = False,
    dates: Annotated[Dates | None, typer.Option(help="What stands first in dates such as 03/04/1994.")] = None,
    encoding: Annotated[str | None, typer.Option(help="If it is not found out rightly: cp1252, cp1256 ...")] = None,
    report: Annotated[Path | None, typer.Option(help="Write what became of every row into this new file.")] = None,
) -> None:
    """Register the people of a file. After a break, or with rows mended, run it again: nobody comes in twice."""
    if report is not None and report.exists():
        raise Conflict("The report's file is there already.", way_out="Name a new one: nothing is written over.")
    table = read_file(file, encoding)
    columns = _columns(table, mapping)
    _understood(table, columns)
    became = asyncio.run(_send(table, columns, who, dates=dates, trial=trial, mine=mine))
    _told(became, trial=trial)
    if report is not None:
        out.print(f"Every row: {write_all(report, became)}")
    to_mend = write_to_mend(file, table.headings, became)
    if to_mend is None:
        return
    out.print(f"\nRows to mend: [bold]{to_mend}[/]\nMend them there and feed that file in, or the whole file again.")
    sys.exit(1)


def _columns(table: Table, mapping: Path | None) -> Columns:
    if mapping is not None:
        return people.complete(read_mapping(mapping, table.headings, people.FIELDS), table)
    return people.complete(people.proposal(table), table)


def _understood(table: Table, columns: Columns) -> None:
    out.print(f"Read {len(table.lines):,} rows: {escape(table.how)}.")
    out.print(escape(as_mapping(columns).rstrip()))
    if more := people.left_out(table, columns):
        out.print(f"Not sent: {escape(', '.join(more))}")


async def _send(
    table: Table, columns: Columns, who: str, *, dates: str | None, trial: bool, mine: bool
) -> list[Became]:
    became: list[Became] = []
    started = perf_counter()
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err
    )
    async with logged_in(who) as me:

        async def call(batch: dict[str, Any]) -> Any:
            return await me.call("POST", "intake", people.PATH, json=batch)

        with bar:
            doing = bar.add_task("Trying out" if trial else "Taking in", total=len(table.lines))
            try:
                async for batch in people.send(table, columns, call, dates=dates, trial=trial, mine=mine):
                    became += batch
                    bar.update(doing, completed=len(became))
            except httpx.HTTPError:
                error(
                    f"The line broke after {len(became):,} of {len(table.lines):,} rows.",
                    "Run the same command again: rows that are in are known, and nobody comes in twice.",
                )
                sys.exit(1)
    seconds = perf_counter() - started
    out.print(f"{len(became):,} rows in {seconds:.1f} s ({len(became) / seconds:,.0f} a second).")
    return became


def _told(became: list[Became], *, trial: bool) -> None:
    counted = Counter(one.outcome for one in became)
    for outcome, words in (
        ("new", "would be registered"),
        ("registered", "registered"),
        ("already-in", "were in already"),
        ("known-otherwise", "have a number under which somebody else, or otherwise, is in"),
        ("faulty", "can't be taken in as they are"),
        ("unreadable", "can't be read"),
    ):
        if counted[outcome]:
            out.print(f"  {counted[outcome]:>7,} {words}")
    if matches := sum(one.possible_match for one in became):
        out.print(f"  {matches:>7,} of them may be known already: see the possible matches of the record")
    elif trial:
        out.print("  Whether they may be known already is looked for when they are registered.")
    wrong = [fault for one in became for fault in one.wrong]
    for fault in wrong[:SHOWN]:
        place = f"row {fault.row}" + (f", column {fault.column}" if fault.column else "")
        err.print(f"[red]{escape(place)}[/]: {escape(fault.what)} {escape(fault.way_out)}")
    if len(wrong) > SHOWN:
        err.print(f"... and {len(wrong) - SHOWN:,} more.")
