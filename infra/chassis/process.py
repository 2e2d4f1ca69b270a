"""Runs a process's one event loop: uvloop where there is one (not on Windows), asyncio's own elsewhere. And ends it."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, Final

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


HUNG: Final = 70
"""Exit status of a process that had to be ended."""


def end_within(seconds: float) -> None:
    """From now on this process lives for `seconds` at most, whatever hangs: a loop, or a library's thread.

    What it was doing is not lost by that: it comes again, as after any kill.
    """
    timer = threading.Timer(seconds, os._exit, [HUNG])
    timer.daemon = True
    timer.start()
