"""Traces: one per click, over all services, to the last e-mail.

Each service has a tracer provider of its own, because onebox runs four of them in one process; the global provider
stays unset, so that nothing we did not wire makes spans. Roots of traces are HTTP requests and `continued`; `span`
adds a step to a running trace and records nothing outside of one, so that pollers leave no trace.

SQL is not instrumented: a span per statement would carry statements and cost more than many of the statements
themselves. `db.transaction` opens one span per transaction; `watch_engine` adds how many statements it took.

What a span may hold: `harmless.py`. How spans leave: `spans.py`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID, uuid4

import httpx
from fastapi.telemetry import TelemetryConfig
from opentelemetry import context as contexts
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor, RequestInfo
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.refusal import Refused
from infra.chassis.harmless import class_name
from infra.chassis.metrics import Metrics
from infra.chassis.spans import CountRequests, exporting

UNTRACED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: no spans, no HTTP metrics."""

_TRACE_CONTEXT: Final = TraceContextTextMapPropagator()
_STATEMENTS: Final = "lotse.statements"
_INSTANCE: Final = "service.instance.id"

_here: ContextVar["Telemetry | None"] = ContextVar("telemetry", default=None)
_set_up: dict[str, "Telemetry"] = {}
"""By `service.instance.id`, which each span names with its resource: an API and a worker may share a process."""


class Marks(TypedDict, total=False):
    """All that we say in spans of our own. `journey` is the correlation id, the only trace of a participant."""

    journey: UUID
    event: UUID
    event_type: str
    topic: str
    consumer: str
    agency: str
    channel: str
    outcome: str
    attempt: int
    count: int


@dataclass
class Call:
    """A request under way: the headers that make it part of the trace, and the status of its answer, 0 before."""

    headers: Mapping[str, str]
    status: int = 0


@dataclass(frozen=True, eq=False)
class Telemetry:
    """The traces and metrics of one service. Made by `set_up`, ended by `close`."""

    service: str
    instance: str
    provider: TracerProvider
    tracer: Tracer
    metrics: Metrics

    def for_fastapi(self) -> TelemetryConfig:
        """For `FastAPI(telemetry=...)`: FastAPI prefers this provider to the global one, per application.

        FastAPI's logs are off since they hold messages and stacks of exceptions, its spans per dependency since our
        own steps say more, its metrics since `CountRequests` makes them from the spans.
        """
        return {
            "tracer_provider": self.provider,
            "tracing": True,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
            "exclude": lambda scope: scope["path"] in UNTRACED,
        }

    def watch_client(self, client: httpx.AsyncClient | httpx.Client) -> None:
        """Spans for the requests of this client, which pass the trace on. Only for our own services' addresses."""
        hook = _note_server_async if isinstance(client, httpx.AsyncClient) else _note_server
        HTTPXClientInstrumentor.instrument_client(client, tracer_provider=self.provider, request_hook=hook)

    @contextmanager
    def calling(self, method: str, host: str, port: int | None) -> Iterator[Call]:
        """A request to one of our own services as a step of the running trace, with any HTTP client.

        A refusal is an answer; the step has failed if none came, or if the other service failed.
        """
        attributes: dict[str, str | int] = {"http.request.method": method, "server.address": host}
        if port is not None:
            attributes["server.port"] = port
        step = self.tracer.start_span(method, kind=SpanKind.CLIENT, attributes=attributes)
        place = step.get_span_context()
        call = Call({"traceparent": f"00-{place.trace_id:032x}-{place.span_id:016x}-{place.trace_flags:02x}"})
        try:
            yield call
        except Exception as error:
            step.set_attribute("error.type", class_name(error))
            step.set_status(StatusCode.ERROR)
            raise
        finally:
            if call.status:
                step.set_attribute("http.response.status_code", call.status)
            if call.status >= 500:
                step.set_status(StatusCode.ERROR)
            step.end()

    @contextmanager
    def here(self) -> Iterator[None]:
        """Makes this the telemetry of the running task: `continued` and the log use it."""
        token = _here.set(self)
        try:
            yield
        finally:
            _here.reset(token)

    @contextmanager
    def continued(
        self, traceparent: str | None, name: str, *, link: bool = False, **marks: Unpack[Marks]
    ) -> Iterator[None]:
        """A span that continues the trace of `traceparent` (W3C), or begins one if that is missing or malformed.

        With `link` it begins a new trace that points to the old one: for what happens much later, such as draining
        a parked lane.
        """
        remote = _TRACE_CONTEXT.extract({"traceparent": traceparent} if traceparent else {}, context=Context())
        origin = trace.get_current_span(remote).get_span_context()
        links = [Link(origin)] if link and origin.is_valid else []
        with self.here(), _opened(self.tracer, name, marks, Context() if link else remote, links):
            yield

    def flush(self) -> None:
        """Exports what has ended so far. Blocks up to the export's time-out."""
        self.provider.force_flush()

    def close(self) -> None:
        """Exports the rest and ends the exporter's thread. Blocks up to the export's time-out."""
        _set_up.pop(self.instance, None)
        self.provider.shutdown()


def set_up(service: str, otlp_url: str | None) -> Telemetry:
    """The telemetry of `service` (its short name, e.g. `intake`), exporting to `otlp_url` if there is one.

    `otlp_url` is the base address of an OTLP/HTTP receiver or its full `/v1/traces`. Failing export never disturbs the
    service.
    """
    # No baggage: it would carry whatever a caller sends to everyone whom we call.
    propagate.set_global_textmap(_TRACE_CONTEXT)
    # All traces are kept whatever the caller's sampling flag says: operators look for the one that went wrong.
    instance = str(uuid4())
    resource = Resource({"service.name": f"lotse-{service}", _INSTANCE: instance})
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource)
    metrics = Metrics(service)
    provider.add_span_processor(CountRequests(metrics))
    if otlp_url is not None:
        provider.add_span_processor(exporting(otlp_url))
    telemetry = Telemetry(service, instance, provider, provider.get_tracer("lotse"), metrics)
    _set_up[instance] = telemetry
    return telemetry


def current_traceparent() -> str | None:
    """The W3C `traceparent` of the running span, for an outbox row or a message; None outside of a trace."""
    carrier: dict[str, str] = {}
    _TRACE_CONTEXT.inject(carrier)
    return carrier.get("traceparent")


def current_service() -> str | None:
    """The short name of the service whose code is running, as far as the running span or task knows."""
    if (telemetry := _of_current_span() or _here.get()) is not None:
        return telemetry.service
    return None


@contextmanager
def continued(traceparent: str | None, name: str, *, link: bool = False, **marks: Unpack[Marks]) -> Iterator[None]:
    """`Telemetry.continued` of the running task, else of the process if it serves one service only.

    Where neither says which service this is, nothing is recorded, but the trace goes on.
    """
    telemetry = _here.get()
    if telemetry is None and len({each.service for each in _set_up.values()}) == 1:
        telemetry = next(reversed(_set_up.values()))
    if telemetry is not None:
        with telemetry.continued(traceparent, name, link=link, **marks):
            yield
        return
    token = contexts.attach(_TRACE_CONTEXT.extract({"traceparent": traceparent} if traceparent else {}))
    try:
        yield
    finally:
        contexts.detach(token)


@contextmanager
def span(name: str, **marks: Unpack[Marks]) -> Iterator[None]:
    """A step of the running trace, e.g. `span("transaction")`; outside of a trace nothing is recorded.

    An exception that passes through marks the step as failed, with its class only; a `Refused` is an answer and leaves
    its slug.
    """
    telemetry = _of_current_span()
    if telemetry is None:
        yield
        return
    with _opened(telemetry.tracer, name, marks, None, []):
        yield


def mark(**marks: Unpack[Marks]) -> None:
    """Adds what became known meanwhile to the running span."""
    trace.get_current_span().set_attributes(_words(marks))


def note(name: str, **marks: Unpack[Marks]) -> None:
    """Adds a moment to the running span, e.g. `note("event recorded", event=..., event_type=...)`."""
    trace.get_current_span().add_event(name, _words(marks))


def watch_engine(engine: AsyncEngine) -> None:
    """Writes the number of a transaction's statements on the span in which it ends; never their text."""

    def count(connection: Connection, *_: object) -> None:
        connection.info[_STATEMENTS] = connection.info.get(_STATEMENTS, 0) + 1

    def tell(connection: Connection) -> None:
        if connection.invalidated:
            # It broke, or its statement was cancelled. Asking it would raise in the middle of its closing, and leak it.
            return
        trace.get_current_span().set_attribute("db.statements", connection.info.pop(_STATEMENTS, 0))

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    event.listen(engine.sync_engine, "commit", tell)
    event.listen(engine.sync_engine, "rollback", tell)


@contextmanager
def _opened(tracer: Tracer, name: str, marks: Marks, context: Context | None, links: list[Link]) -> Iterator[None]:
    with tracer.start_as_current_span(
        name,
        context=context,
        links=links,
        attributes=_words(marks),
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield
        except Refused as refusal:
            opened.set_attribute("lotse.refused", refusal.slug)
            raise
        except Exception as error:
            opened.set_attribute("error.type", class_name(error))
            opened.set_status(StatusCode.ERROR)
            raise


def _words(marks: Marks) -> dict[str, str | int]:
    given: dict[str, Any] = {**marks}
    return {f"lotse.{key}": str(value) if isinstance(value, UUID) else value for key, value in given.items()}


def _of_current_span() -> Telemetry | None:
    current = trace.get_current_span()
    if not isinstance(current, ReadableSpan) or not current.is_recording():
        return None
    return _set_up.get(str(current.resource.attributes.get(_INSTANCE)))


def _note_server(opened: Span, request: RequestInfo) -> None:
    url = httpx.URL(str(request.url))
    # The instrumentation still writes the older words for method and status unless an environment variable is set.
    opened.set_attributes({"server.address": url.host, "http.request.method": request.method.decode()})
    if url.port is not None:
        opened.set_attribute("server.port", url.port)


async def _note_server_async(opened: Span, request: RequestInfo) -> None:
    _note_server(opened, request)
