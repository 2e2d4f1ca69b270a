"""Runs a process's one event loop: uvloop where there is one (not on Windows), asyncio's own elsewhere."""

import asyncio
from collections.abc import Coroutine
from typing import Any

try:
    import uvloop
except ImportError:
    loop_factory = None
else:
    loop_factory = uvloop.new_event_loop


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run until `main` is done."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main)
