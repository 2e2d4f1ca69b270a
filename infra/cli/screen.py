"""How the command line speaks: one console, and errors that say what to do next."""

from typing import Final, TextIO

from rich.console import Console

WIDE: Final = 100_000
"""Columns where nobody looks at a screen: in a pipe or a file a line stays a line."""


def console(file: TextIO | None = None, *, stderr: bool = False) -> Console:
    """As wide as the terminal; elsewhere nothing is wrapped or cut."""
    made = Console(file=file, stderr=stderr, highlight=False)
    if not made.is_terminal:
        made.width = WIDE
    return made


out: Final = console()
err: Final = console(stderr=True)


def error(what: str, way_out: str) -> None:
    """Say what went wrong and what to do next."""
    err.print(f"[bold red]{what}[/]")
    err.print(way_out)
