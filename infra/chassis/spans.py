"""What happens to a span between its end and the operator's screen: cleaned, counted, exported.

Nothing leaves the process but through `CleanSpans`, whoever made the span: FastAPI, httpx or we. The exporter may fail
as it likes, the service does not notice. What a span may hold is listed in `harmless.py`.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import requests  # type: ignore[import-untyped, unused-ignore]
import structlog
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, SpanKind, Status

from infra.chassis.harmless import SPAN_WORDS, Value, only_listed, span_name
from infra.chassis.metrics import Metrics

_log = structlog.get_logger(__name__)

PAUSE_AFTER_FAILURE: Final = 5.0
"""Seconds without a further attempt; spans ending meanwhile are dropped, so that closing never waits for a backlog."""
SILENCE: Final = 60.0
"""Seconds between two log lines about failed export."""
LEFT: Final = "left"
"""The outcome of an answer whose caller went away."""
_GONE: Final = "ConnectionError"
"""How FastAPI names it."""
_BATCH_DELAY_MS: Final = 500
"""Short, so that an operator sees at once what just happened."""
_EXPORT_TIMEOUT_S: Final = 3.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def exporting(otlp_url: str) -> SpanProcessor:
    """Cleans ended spans and sends them in batches over OTLP/HTTP, from a thread of its own."""
    # `UndisturbedExport` says it, once a minute; the libraries would at each attempt.
    for noisy in ("opentelemetry.exporter", "opentelemetry.sdk._shared_internal"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    exporter = UndisturbedExport(_exporter(otlp_url))
    return CleanSpans(BatchSpanProcessor(exporter, max_queue_size=8192, schedule_delay_millis=_BATCH_DELAY_MS))


class CleanSpans(SpanProcessor):
    """Hands each ended span on to `then` as a copy holding only what `harmless.SPAN_WORDS` allows."""

    def __init__(self, then: SpanProcessor) -> None:
        self._then = then

    def on_end(self, span: ReadableSpan) -> None:
        self._then.on_end(cleaned(span))

    def shutdown(self) -> None:
        self._then.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._then.force_flush(timeout_millis)


def cleaned(span: ReadableSpan) -> ReadableSpan:
    """A copy without unlisted attributes, unexpected names, texts of exceptions and statuses, and the tracestate."""
    attributes, status = _listed(span.attributes), Status(span.status.status_code)
    if span.kind is SpanKind.SERVER:
        attributes = {key: value for key, value in attributes.items() if not key.startswith("server.")}
        if _left(attributes):
            attributes.pop("error.type")
            attributes["lotse.outcome"], status = LEFT, Status()
    return ReadableSpan(
        name=_name(span.name),
        context=_without_state(span.get_span_context()),
        parent=_without_state(span.parent),
        resource=span.resource,
        attributes=attributes,
        events=[Event(_name(event.name), _listed(event.attributes), event.timestamp) for event in span.events],
        links=[Link(_context_of(link), _listed(link.attributes)) for link in span.links],
        kind=span.kind,
        status=status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _left(attributes: Mapping[str, Value]) -> bool:
    """The caller went away while a good answer was on its way: the end of every stream, and nobody's fault.

    A fault of ours has no status, or one from 500 on; what a service asks of others raises errors of its client.
    """
    status = attributes.get("http.response.status_code")
    return attributes.get("error.type") == _GONE and isinstance(status, int) and status < 400


def _listed(attributes: Mapping[str, object] | None) -> dict[str, Value]:
    return only_listed(attributes or {}, SPAN_WORDS)


def _name(name: str) -> str:
    return str(span_name(name) or "unnamed")


def _context_of(link: Link) -> SpanContext:
    context: SpanContext = link.context
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _without_state(context: SpanContext | None) -> SpanContext | None:
    """The tracestate is whatever a caller sent, so it ends here."""
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


_COUNTED: Final = frozenset({"http.request.method", "http.route", "http.response.status_code"})


class CountRequests(SpanProcessor):
    """Feeds the HTTP metrics from FastAPI's own server spans: it alone knows the route template for certain."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def on_end(self, span: ReadableSpan) -> None:
        if span.kind is not SpanKind.SERVER or span.start_time is None or span.end_time is None:
            return
        seen = only_listed(
            {name: told for name, told in (span.attributes or {}).items() if name in _COUNTED}, SPAN_WORDS
        )
        method, path = str(seen.get("http.request.method", "WS")), str(seen.get("http.route", "unmatched"))
        self._metrics.http_requests.labels(method, path, str(seen.get("http.response.status_code", "none"))).inc()
        self._metrics.http_seconds.labels(method, path).observe((span.end_time - span.start_time) / 1e9)


class UndisturbedExport(SpanExporter):
    """An exporter whose failures end here: told once a minute, and not tried again for some seconds."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._next_try = 0.0
        self._next_word = 0.0
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        now = time.monotonic()
        if now >= self._next_try:
            try:
                result = self._inner.export(spans)
            except Exception:
                result = SpanExportResult.FAILURE
            if result is SpanExportResult.SUCCESS:
                return result
            self._next_try = time.monotonic() + PAUSE_AFTER_FAILURE
        self._lost += len(spans)
        if now >= self._next_word:
            self._next_word = now + SILENCE
            _log.warning("traces not exported", count=self._lost)
            self._lost = 0
        return SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self._inner.shutdown()


def _exporter(otlp_url: str) -> OTLPSpanExporter:
    base = otlp_url.rstrip("/")
    session = requests.Session()
    # A proxy named in the environment is no way to this very machine.
    session.trust_env = urlsplit(base).hostname not in _LOOPBACK
    return OTLPSpanExporter(
        endpoint=base if base.endswith("/v1/traces") else f"{base}/v1/traces",
        compression=Compression.Gzip,
        timeout=_EXPORT_TIMEOUT_S,
        session=session,
    )
