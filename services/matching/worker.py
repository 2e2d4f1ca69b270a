"""The worker process of matching."""

import asyncio

from infra.chassis.worker import run
from services.matching.service import SERVICE

if __name__ == "__main__":
    asyncio.run(run(SERVICE))
