"""The API process of intake."""

import asyncio

from infra.chassis.api import serve
from services.intake.service import SERVICE

if __name__ == "__main__":
    asyncio.run(serve(SERVICE))
