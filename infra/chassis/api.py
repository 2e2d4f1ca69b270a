"""Makes the HTTP API of a service: the same edge, problems, health and operations for all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from infra.chassis import health, logs, operations, problems
from infra.chassis.service import Runtime, Service, running
from infra.chassis.worker import keep_current


def create_api(runtime: Runtime) -> FastAPI:
    """The API over a running service. It starts no work of its own: the worker does that."""
    service = runtime.service
    app = FastAPI(
        title=f"Lotse {service.name}",
        version="1",
        description=service.__doc__ or "",
        telemetry=runtime.telemetry.for_fastapi(),
        redirect_slashes=False,
    )
    app.state.runtime = runtime
    problems.install(app)
    app.include_router(health.router)
    for router in (*service.routers, operations.router):
        app.include_router(router)
    return app


@asynccontextmanager
async def serving(service: Service) -> AsyncIterator[FastAPI]:
    """The API with the settings of the environment."""
    async with running(service, service.settings()) as runtime, keep_current(runtime):
        yield create_api(runtime)


async def serve(service: Service) -> None:
    """The API process: `python -m services.<name>.main`."""
    settings = service.settings()
    logs.set_up(service.name, json=settings.environment == "production")
    async with running(service, settings) as runtime, keep_current(runtime):
        config = uvicorn.Config(
            create_api(runtime), host=settings.host, port=settings.port, access_log=False, log_config=None
        )
        await uvicorn.Server(config).serve()
