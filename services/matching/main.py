"""The API process of matching."""

import asyncio

from infra.chassis.api import serve
from services.matching.service import SERVICE

if __name__ == "__main__":
    asyncio.run(serve(SERVICE))
