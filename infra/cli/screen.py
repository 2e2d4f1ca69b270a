"""How the command line speaks: one console, and errors that say what to do next."""

from typing import Final

from rich.console import Console

out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)


def error(what: str, way_out: str) -> None:
    """Say what went wrong and what to do next."""
    err.print(f"[bold red]{what}[/]")
    err.print(way_out)
