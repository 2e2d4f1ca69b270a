"""`lotse import directory`: organisations, services and locations in the Human Services Data Specification."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import typer
import yaml
from rich.markup import escape

from contracts.refusal import Invalid
from contracts.vocabulary import NeedDomain
from infra.cli.importing.sending import Report, Trial, Who, new_report, sent, show
from infra.cli.screen import out
from infra.importing import directory as hsds
from infra.importing.directory import Became, read_directory
from infra.importing.report import BETWEEN, write_list
from infra.importing.table import Wrong

WORDS: Final = (("new", "new"), ("changed", "changed"), ("unchanged", "as they were"), ("faulty", "can't be taken in"))


def directory(
    file: Annotated[Path, typer.Argument(help="HSDS 3: JSON, or an object per line.")],
    who: Who = "jonas",
    need: Annotated[NeedDomain | None, typer.Option(help="For which need services help that say none.")] = None,
    needs: Annotated[Path | None, typer.Option(help="YAML: `id, name or taxonomy term: need`, line by line.")] = None,
    trial: Trial = False,
    report: Report = None,
) -> None:
    """Add or renew what a directory says. The same file again changes nothing."""
    new_report(report)
    known = _needs(needs) if needs else {}
    read = read_directory(file)
    kinds = Counter(one.kind for one in read.objects)
    out.print("Read " + ", ".join(f"{number:,} {kind}{'s' if number > 1 else ''}" for kind, number in kinds.items()))
    became = sent(
        "referrals",
        hsds.PATH,
        who,
        len(read.objects),
        lambda call: hsds.send(read, call, needs=known, need=need, trial=trial),
        trial=trial,
        what="objects",
    )
    counted = Counter(one.outcome for one in became)
    for outcome, words in WORDS:
        if counted[outcome]:
            out.print(
                f"  {counted[outcome]:>7,} {'would be ' if trial and outcome in ('new', 'changed') else ''}{words}"
            )
    not_taken = Counter(f"{one.found.kind}.{name}" for one in became for name in one.not_taken)
    if not_taken:
        names = ", ".join(f"{name} ({number:,})" for name, number in sorted(not_taken.items()))
        out.print(f"Not taken over, for no entry holds it: {escape(names)}")
    if report is not None:
        out.print(f"Every object: {_report(report, became, read.wrong)}")
    wrong = [*read.wrong, *(fault for one in became for fault in one.wrong)]
    show(wrong)
    if wrong:
        out.print("\nMend these in the file and run the same command again: what is in is known.")
        sys.exit(1)


def _needs(file: Path) -> dict[str, str]:
    """Raises `Invalid` with what to write."""
    every = ", ".join(NeedDomain)
    try:
        said = {str(name): NeedDomain(need) for name, need in yaml.safe_load(file.read_text("utf-8-sig")).items()}
    except (OSError, UnicodeError, yaml.YAMLError, AttributeError, ValueError) as unread:
        way_out = f"Write `name: need` line by line; needs: {every}."
        raise Invalid("The list of needs can't be read.", way_out=way_out, field="needs") from unread
    return dict(said)


def _report(file: Path, became: list[Became], wrong: tuple[Wrong, ...]) -> Path:
    rows = [
        {
            "row": str(one.found.row),
            "place": one.found.place,
            "kind": one.found.kind,
            "id": str(one.found.data.get("id", "")),
            "outcome": one.outcome,
            "remarks": BETWEEN.join(f"{fault.column}: {fault.what} {fault.way_out}" for fault in one.wrong),
            "not taken": ", ".join(one.not_taken),
        }
        for one in became
    ]
    rows += [
        {
            "row": str(one.row or ""),
            "place": one.column,
            "outcome": "unreadable",
            "remarks": f"{one.what} {one.way_out}",
        }
        for one in wrong
    ]
    return write_list(file, ("row", "place", "kind", "id", "outcome", "remarks", "not taken"), rows)
