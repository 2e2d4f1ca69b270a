"""Makes the HTTP API of a service: the same edge, problems, health and operations for all of them."""

import sys
from typing import Any, Final

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from contracts import heartbeat
from infra.chassis import described, health, listing, logs, operations, own_data, problems, serving
from infra.chassis.service import Runtime, Service, running
from infra.chassis.worker import keep_current

LARGEST_BODY: Final = 1_000_000
"""Bytes; bulk comes as a stream on routes of its own."""


class Api(FastAPI):
    """FastAPI whose OpenAPI also tells what the edge does."""

    rests_on_others = False

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = described.with_edge(
                super().openapi(), self.routes, rests_on_others=self.rests_on_others
            )
        return self.openapi_schema


def create_api(runtime: Runtime) -> FastAPI:
    """The API over a running service. It starts no work of its own: the worker does that."""
    app = assemble(runtime.service, runtime.telemetry.for_fastapi())
    app.state.runtime, app.state.needs = runtime, ("database",)
    return app


def assemble(service: Service, telemetry: TelemetryConfig | None = None) -> Api:
    """The routes of a service with nothing behind them."""
    app = Api(
        title=f"Lotse {service.name}",
        version="1",
        description=_about(service),
        telemetry=telemetry,
        redirect_slashes=False,
        docs_url=None,  # FastAPI's pages load scripts from elsewhere
        redoc_url=None,
        max_body_size=LARGEST_BODY,
    )
    app.rests_on_others = service.name != heartbeat.TOPIC.publisher
    problems.install(app)
    app.include_router(health.router)
    app.include_router(listing.router)
    for router in (*service.routers, own_data.router, operations.router):
        app.include_router(router)
    return app


def describe(service: Service) -> dict[str, Any]:
    """The service's OpenAPI document; starts nothing."""
    return assemble(service).openapi()


def _about(service: Service) -> str:
    """What the service's package says of itself."""
    return sys.modules[service.settings.__module__.rpartition(".")[0]].__doc__ or ""


async def serve(service: Service) -> None:
    """The API process: `python -m services.<name>.main`."""
    settings = service.settings()
    logs.set_up(service.name, json=settings.environment == "production")
    async with running(service, settings) as runtime, keep_current(runtime):
        await serving.serve(create_api(runtime), settings.host, settings.port)
