"""`/healthz`: this process lives. `/readyz`: it can do its work. `/metrics`: for Prometheus. They tell nothing else."""

from fastapi import APIRouter, Request, Response
from sqlalchemy import text

from infra.chassis.metrics import CONTENT_TYPE

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(request: Request, response: Response) -> dict[str, str]:
    """Database and bus answer."""
    runtime = request.app.state.runtime
    found = {"database": "ok", "bus": "ok"}
    try:
        async with runtime.db.transaction() as tx:
            await tx.execute(text("select 1"))
    except Exception as error:
        found["database"] = type(error).__name__
    try:
        await runtime.bus.lag(runtime.group, runtime.service.topics)
    except Exception as error:
        found["bus"] = type(error).__name__
    if set(found.values()) != {"ok"}:
        response.status_code = 503
    return found


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    return Response(request.app.state.runtime.metrics.render(), media_type=CONTENT_TYPE)
