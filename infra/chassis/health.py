"""`/healthz`: this process lives. `/readyz`: it can do its work. `/metrics`: for Prometheus. They tell nothing else.

An API is ready while its database answers: with the bus down an agency still does its own work, and what it states
waits in the outbox. A worker needs both.
"""

import asyncio

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from sqlalchemy import text

from infra.chassis import backlog
from infra.chassis.metrics import CONTENT_TYPE
from infra.chassis.service import Runtime
from infra.chassis.serving import Beside

router = APIRouter(include_in_schema=False)

ANSWER_WITHIN = 3.0
"""Seconds that a dependency has to answer; an orchestrator's probe waits little longer."""


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(request: Request, response: Response) -> dict[str, str]:
    """ "ok" or the class of the failure, per dependency; 503 if one is missing that this process can't do without."""
    found = await look(request.app.state.runtime)
    if any(found[name] != "ok" for name in request.app.state.needs):
        response.status_code = 503
    return found


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    runtime: Runtime = request.app.state.runtime
    await look(runtime)
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            found = await backlog.measure(runtime.db, runtime.bus, runtime.group, runtime.service.topics)
        backlog.show(runtime.metrics, found)
    except Exception:
        backlog.show(runtime.metrics, None)  # `lotse_dependency_up` says why nothing is known
    return Response(runtime.metrics.render(), media_type=CONTENT_TYPE)


async def look(runtime: Runtime) -> dict[str, str]:
    """How database and bus are: "ok" or the class of the failure."""
    found = {"database": "ok", "bus": "ok"}
    asked = {"database": _database(runtime), "bus": runtime.bus.lag(runtime.group, runtime.service.topics)}
    for name, question in asked.items():
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await question
        except Exception as error:
            found[name] = type(error).__name__
        runtime.metrics.dependency_up.labels(name).set(found[name] == "ok")
    return found


async def _database(runtime: Runtime) -> None:
    async with runtime.db.transaction() as tx:
        await tx.execute(text("select 1"))


async def listen(runtime: Runtime, host: str, port: int) -> None:
    """The three answers for a worker, which has no other HTTP; run until cancelled."""
    app = FastAPI(openapi_url=None)
    app.state.runtime, app.state.needs = runtime, ("database", "bus")
    app.include_router(router)
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = Beside(config)
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True  # cancelled in its midst it would leave its socket open
        await serving
