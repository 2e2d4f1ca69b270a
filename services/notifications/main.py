"""The API process of notifications."""

import asyncio

from infra.chassis.api import serve
from services.notifications.service import SERVICE

if __name__ == "__main__":
    asyncio.run(serve(SERVICE))
