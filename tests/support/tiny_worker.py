"""A tiny service's worker as a process that a test can kill: `python -m tests.support.tiny_worker matching`."""

import asyncio
import sys

from infra.chassis.worker import run
from tests.support.tiny import tiny

if __name__ == "__main__":
    asyncio.run(run(tiny(sys.argv[1])))
