"""The worker process of notifications."""

import asyncio

from infra.chassis.worker import run
from services.notifications.service import SERVICE

if __name__ == "__main__":
    asyncio.run(run(SERVICE))
