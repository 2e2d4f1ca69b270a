"""The API process of referrals."""

import asyncio

from infra.chassis.api import serve
from services.referrals.service import SERVICE

if __name__ == "__main__":
    asyncio.run(serve(SERVICE))
