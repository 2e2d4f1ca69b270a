"""`lotse import participants`: people, row by row."""

import sys
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from infra.cli.importing.sending import Encoding, Mapping, Report, Trial, Who, new_report, sent, show
from infra.cli.screen import out
from infra.importing import participants as people
from infra.importing.columns import Columns, as_mapping, read_mapping
from infra.importing.reading import read_file
from infra.importing.report import write_all, write_to_mend
from infra.importing.rows import Became, left_out
from infra.importing.table import Table


class Dates(StrEnum):
    """What stands first in dates such as 03/04/1994."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def participants(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS, ODS or NDJSON.")],
    who: Who = "jonas",
    mapping: Mapping = None,
    trial: Trial = False,
    mine: Annotated[bool, typer.Option("--assign-to-me", help="You are the caseworker of these people.")] = False,
    dates: Annotated[Dates | None, typer.Option(help="What stands first in dates such as 03/04/1994.")] = None,
    encoding: Encoding = None,
    report: Report = None,
) -> None:
    """Register the people of a file. After a break, or with rows mended, run it again: nobody comes in twice."""
    new_report(report)
    table = read_file(file, encoding)
    columns = _columns(table, mapping)
    _understood(table, columns)
    became = sent(
        "intake",
        people.PATH,
        who,
        len(table.lines),
        lambda call: people.send(table, columns, call, dates=dates, trial=trial, mine=mine),
        trial=trial,
    )
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
    if more := left_out(table, columns):
        out.print(f"Not sent: {escape(', '.join(more))}")


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
    show([fault for one in became for fault in one.wrong])
