"""Runs a process's one event loop: uvloop where there is one (not on Windows), asyncio's own elsewhere."""

from collections.abc import Coroutine
from typing import Any

try:
    from uvloop import run as _run
except ImportError:
    from asyncio import run as _run


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run until `main` is done."""
    _run(main)
