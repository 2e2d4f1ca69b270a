"""`lotse import opportunities`: places of a company, row by row."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from infra.cli.importing.sending import Encoding, Mapping, Report, Trial, Who, new_report, sent, show
from infra.cli.screen import out
from infra.importing import opportunities as places
from infra.importing.columns import as_mapping, read_mapping
from infra.importing.reading import read_file
from infra.importing.report import write_all, write_to_mend
from infra.importing.rows import left_out

WORDS: Final = (
    ("new", "would be taken in"),
    ("taken-in", "taken in"),
    ("changed", "changed"),
    ("already-in", "were in already"),
    ("known-otherwise", "have a number under which something else was published"),
    ("faulty", "can't be taken in as they are"),
    ("unreadable", "can't be read"),
)


def opportunities(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS, ODS or NDJSON.")],
    who: Who = "hanna",
    mapping: Mapping = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish them; else they are drafts.")] = False,
    trial: Trial = False,
    encoding: Encoding = None,
    report: Report = None,
) -> None:
    """Draft the places of a file. After a break, or with rows mended, run it again: nothing comes in twice."""
    new_report(report)
    table = read_file(file, encoding)
    columns = places.proposal(table) if mapping is None else read_mapping(mapping, table.headings, places.FIELDS)
    columns = places.complete(columns, table)
    out.print(f"Read {len(table.lines):,} rows: {escape(table.how)}.")
    out.print(escape(as_mapping(columns).rstrip()))
    if more := left_out(table, columns):
        out.print(f"Not sent: {escape(', '.join(more))}")
    became = sent(
        "matching",
        places.PATH,
        who,
        len(table.lines),
        lambda call: places.send(table, columns, call, publish=publish, trial=trial),
        trial=trial,
    )
    counted = Counter(one.outcome for one in became)
    for outcome, words in WORDS:
        if counted[outcome]:
            out.print(f"  {counted[outcome]:>7,} {words}")
    show([fault for one in became for fault in one.wrong])
    if report is not None:
        out.print(f"Every row: {write_all(report, became)}")
    if (to_mend := write_to_mend(file, table.headings, became)) is not None:
        out.print(
            f"\nRows to mend: [bold]{to_mend}[/]\nMend them there and feed that file in, or the whole file again."
        )
        sys.exit(1)
