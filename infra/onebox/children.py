"""Whatever we start ends with us, even if we are killed and nobody is left to stop it.

Our guardian, a small process outside of our process group, waits at the end of a pipe of ours. The pipe closes when we
are gone, however we went, and the guardian ends what it was told of, whichever user that runs as. Where the system has
no handles of processes (Linux has), nothing is guarded.
"""

import asyncio
import os
import signal
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

GUARDIAN: Final = Path(__file__).with_name("guardian.py")


async def start(*command: str, ended_by: signal.Signals = signal.SIGKILL, **how: Any) -> asyncio.subprocess.Process:
    """`asyncio.create_subprocess_exec`, for a process that ends with us."""
    process = await asyncio.create_subprocess_exec(*command, **how)  # noqa: TID251
    ends_with_us(process.pid, ended_by)
    return process


def ends_with_us(pid: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Have the running process ended by this signal when we are gone. Costs microseconds, but for the first one."""
    if hasattr(os, "pidfd_open"):
        os.write(_pipe(), f"{pid} {int(by)}\n".encode())


@cache
def _pipe() -> int:
    """The end that we write to."""
    there, here = os.pipe()  # no child inherits them
    silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-I", "-S", str(GUARDIAN)],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, there, 0), silent],
        setsid=True,
    )
    os.close(there)
    return here
