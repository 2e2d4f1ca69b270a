"""The worker process of intake."""

import asyncio

from infra.chassis.worker import run
from services.intake.service import SERVICE

if __name__ == "__main__":
    asyncio.run(run(SERVICE))
