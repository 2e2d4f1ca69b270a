"""The process of the desk."""

import asyncio
import signal

import uvicorn

from infra.chassis import health, logs, process
from services.desk.app import create_app
from services.desk.desk import opened
from services.desk.settings import DeskSettings

KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than proxies keep theirs."""


async def serve() -> None:
    """Until it is asked to end."""
    settings = DeskSettings()
    logs.set_up("desk", json=settings.environment == "production")
    async with opened(settings) as desk:
        config = uvicorn.Config(
            create_app(desk),
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_config=None,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=5,
        )
        server = health.Beside(config)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
        await server.serve()


if __name__ == "__main__":
    process.run(serve())
