"""The worker process of referrals."""

import asyncio

from infra.chassis.worker import run
from services.referrals.service import SERVICE

if __name__ == "__main__":
    asyncio.run(run(SERVICE))
