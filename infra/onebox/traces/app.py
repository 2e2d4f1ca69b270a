"""The receiver: takes spans from the services of this machine and lets an operator search them.

Listens on loopback only and asks nobody who he is: whoever can reach it may read all traces. They hold no identifier
of a participant (`infra.chassis.harmless`), but they do tell what happened on a journey. Requests that name another
host are refused, so that no web page in a browser of this machine can read along by way of its own domain.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware.trustedhost import TrustedHostMiddleware

from infra.chassis.harmless import class_name
from infra.onebox.traces import otlp
from infra.onebox.traces.store import Search, Traces, TraceSummary
from infra.onebox.traces.waterfall import Bar, waterfall

_PRUNE_EVERY_S = 3600.0
_log = structlog.get_logger(__name__)


class Problem(Exception):
    """An answer that is no success, told in words (RFC 9457)."""

    def __init__(self, status: int, title: str, detail: str, **headers: str) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def receiver_app(database_url: str) -> FastAPI:
    """The receiver over a database of its own; serve it on 127.0.0.1 only. Its tables are made when it starts."""
    traces = Traces(database_url)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await traces.prepare()
        pruning = asyncio.create_task(_prune_hourly(traces))
        yield
        pruning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pruning
        await traces.close()

    app = FastAPI(
        title="Traces of this onebox",
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # else each export would make spans to export
        openapi_url=None,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    app.add_exception_handler(Problem, _told)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(SQLAlchemyError, _not_now)

    @app.post("/v1/traces")
    async def receive(request: Request) -> Response:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in (otlp.PROTOBUF, otlp.JSON):
            raise Problem(415, "Unknown format", f"Send {otlp.PROTOBUF} or {otlp.JSON}.")
        try:
            spans, rejected = otlp.read(await _body(request), media_type)
        except otlp.TooLarge:
            raise Problem(
                413, "Too much at once", f"Send at most {otlp.LARGEST_BODY} bytes: smaller batches of spans."
            ) from None
        except otlp.Malformed:
            raise Problem(
                400, "No trace export", "The body is no OTLP ExportTraceServiceRequest. Check the exporter's protocol."
            ) from None
        await traces.add(spans)
        return Response(otlp.answer(rejected, media_type), media_type=media_type)

    @app.get("/api/traces")
    async def search(
        journey: UUID | None = None,
        event: UUID | None = None,
        service: Annotated[str | None, Query(max_length=60)] = None,
        since: AwareDatetime | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> dict[str, list[TraceSummary]]:
        return {"traces": await traces.search(Search(journey, event, service, since, limit))}

    @app.get("/api/traces/for-event/{event_id}")
    async def for_event(event_id: UUID) -> dict[str, list[TraceSummary]]:
        return {"traces": await traces.search(Search(event=event_id))}

    @app.get("/api/traces/{trace_id}")
    async def show(trace_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]) -> dict[str, Any]:
        bars: list[Bar] = waterfall(await traces.spans(trace_id))
        if not bars:
            raise Problem(
                404,
                "No such trace",
                "Nothing is kept under this id. Traces are kept for 14 days; search for newer ones.",
            )
        return {
            "trace_id": trace_id,
            "duration_ms": max(bar.offset_ms + bar.duration_ms for bar in bars),
            "services": sorted({bar.service for bar in bars}),
            "spans": bars,
        }

    return app


async def _body(request: Request) -> bytes:
    """The body, unpacked. Stops reading what is too large."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise Problem(415, "Unknown packing", "Send the body as it is or packed with gzip.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > otlp.LARGEST_BODY:
            raise otlp.TooLarge
    return otlp.unpacked(bytes(body)) if encoding == "gzip" else bytes(body)


async def _prune_hourly(traces: Traces) -> None:
    while True:
        try:
            await traces.prune(datetime.now(UTC))
        except SQLAlchemyError as error:
            _log.warning("traces not pruned", error=class_name(error))
        await asyncio.sleep(_PRUNE_EVERY_S)


async def _told(_: Request, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        raise problem
    body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
    return JSONResponse(body, problem.status, problem.headers, media_type="application/problem+json")


async def _misunderstood(request: Request, error: Exception) -> Response:
    fields = [str(each["loc"][-1]) for each in error.errors()] if isinstance(error, RequestValidationError) else []
    detail = (
        f"Not understood: {', '.join(fields)}. journey, event and event_id are UUIDs, since is a time with its zone, "
        "limit is 1 to 500, a trace id has 32 hexadecimal digits."
    )
    return await _told(request, Problem(422, "Not understood", detail))


async def _not_now(request: Request, error: Exception) -> Response:
    _log.warning("database of traces failed", error=class_name(error))
    return await _told(request, Problem(503, "Not now", "The database does not answer. Try again.", Retry_After="5"))
