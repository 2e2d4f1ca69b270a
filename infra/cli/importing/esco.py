"""`lotse import esco`: skills, occupations and ISCO groups, in every language that there is a file of."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from infra.cli.importing.sending import Trial, sent, show
from infra.cli.screen import out
from infra.importing import esco as classification
from infra.importing.esco import SERVICES, Part


def esco(
    files: Annotated[list[Path], typer.Argument(help="CSV files of ESCO's download, or their folder.")],
    who: Annotated[str, typer.Option("--as", help="An operator; the password comes from LOTSE_PASSWORD.")] = "opal",
    release: Annotated[str | None, typer.Option(help="ESCO's version, such as 1.2.0, if no name says it.")] = None,
    language: Annotated[str | None, typer.Option(help="Of files whose name says none: en, de ...")] = None,
    trial: Trial = False,
) -> None:
    """Bring ESCO to the services that name its concepts. The same files again change nothing."""
    taken, others = classification.files_of(files)
    if others:
        out.print(f"Not taken over, for no service needs them: {escape(', '.join(file.name for file in others))}")
    parts = [classification.look_through(file, language=language, release=release) for file in taken]
    for part in parts:
        out.print(f"{escape(part.file.name)}: {part.concepts:,} of {part.kind}, {part.language}, ESCO {part.release}.")
        if part.left_out:
            out.print(f"  Columns that are not taken over: {escape(', '.join(part.left_out))}")
    if broken := [part for part in parts if part.wrong]:
        for part in broken:
            out.print(f"\n[bold]{escape(part.file.name)}[/]")
            show(part.wrong)
        out.print("\nNothing was sent. Mend the files, or download them again, and run the same command.")
        sys.exit(1)
    for service in SERVICES:
        for part in parts:
            _send(part, service, who, trial=trial)


def _send(part: Part, service: str, who: str, *, trial: bool) -> None:
    out.print(f"{service}, {escape(part.file.name)}:")
    became = sent(
        service,
        classification.PATH,
        who,
        part.concepts,
        lambda call: classification.send(part, call, trial=trial),
        trial=trial,
        what="concepts",
    )
    counted = Counter(became)
    if trial:
        out.print("  can be read")
        return
    for outcome, words in (("new", "new"), ("changed", "changed"), ("unchanged", "as they were")):
        if counted[outcome]:
            out.print(f"  {counted[outcome]:>7,} {words}")
