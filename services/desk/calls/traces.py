"""What the operators' pages ask of a onebox's traces. They hold no identifier of a participant."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.desk.calls.api import Api, Out


class Trace(Out):
    """A line of the list."""

    trace_id: str
    root: str
    services: tuple[str, ...]
    started: datetime
    duration_ms: float
    error: bool
    spans: int


class Found(Out):
    traces: tuple[Trace, ...]


class Span(Out):
    """A line of the waterfall: parents before children. `offset_ms` counts from the trace's begin."""

    depth: int
    offset_ms: float
    duration_ms: float
    service: str
    name: str
    error: bool
    attributes: dict[str, Any]
    events: tuple[dict[str, Any], ...]


class Waterfall(Out):
    trace_id: str
    duration_ms: float
    services: tuple[str, ...]
    spans: tuple[Span, ...]


async def newest(api: Api) -> Found:
    return await api.get(Found, "/api/traces", limit=50)


async def of_journey(api: Api, journey: UUID) -> Found:
    """Everything that was done about one person, in whatever service."""
    return await api.get(Found, "/api/traces", journey=journey, limit=200)


async def of_event(api: Api, event: UUID) -> Found:
    """Who stated an event, and who heard it."""
    return await api.get(Found, "/api/traces", event=event)


async def trace(api: Api, trace_id: str) -> Waterfall:
    return await api.get(Waterfall, f"/api/traces/{trace_id}")
