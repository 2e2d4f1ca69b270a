"""A trace runs through several services of one process, and no span of it tells who the person is."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from contracts.refusal import Stale
from infra.chassis import telemetry
from infra.chassis.spans import CleanSpans, UndisturbedExport
from infra.chassis.telemetry import Telemetry

PARTICIPANT = "7d1f7a52-60a1-4c7e-9a3d-0f2c5b8e9a11"
NAME = "Oksana-Shevchenko"
JOURNEY = UUID("3c0e3c1a-1111-4222-8333-444455556666")
EVENT = UUID("0198f3a0-0000-7000-8000-000000000001")
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Watched:
    """The telemetry of a service with two exporters: what leaves, and what would leave without cleaning."""

    def __init__(self, service: str) -> None:
        self.telemetry = telemetry.set_up(service, None)
        self._left, self._raw = InMemorySpanExporter(), InMemorySpanExporter()
        self.telemetry.provider.add_span_processor(CleanSpans(SimpleSpanProcessor(self._left)))
        self.telemetry.provider.add_span_processor(SimpleSpanProcessor(self._raw))

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self._left.get_finished_spans()

    @property
    def text(self) -> str:
        return "".join(str(span.to_json()) for span in self.spans)

    @property
    def uncleaned_text(self) -> str:
        return "".join(str(span.to_json()) for span in self._raw.get_finished_spans())


@pytest.fixture
def intake() -> Iterator[Watched]:
    watched = Watched("intake")
    yield watched
    watched.telemetry.close()


@pytest.fixture
def matching() -> Iterator[Watched]:
    watched = Watched("matching")
    yield watched
    watched.telemetry.close()


def app_of(service: Telemetry, carried: list[str | None]) -> FastAPI:
    app = FastAPI(telemetry=service.for_fastapi())

    @app.get("/v1/participants/{participant_id}")
    async def show(participant_id: UUID) -> str:
        with telemetry.span("transaction", journey=JOURNEY):
            telemetry.note("event recorded", event=EVENT, event_type="lotse.intake.participant-registered")
            carried.append(telemetry.current_traceparent())
        return "shown"

    @app.get("/v1/broken/{participant_id}")
    async def broken(participant_id: UUID) -> str:
        raise ValueError(f"{NAME} {participant_id}")

    @app.get("/v1/feed")
    async def feed() -> StreamingResponse:
        async def going_on() -> AsyncIterator[bytes]:
            while True:
                yield b": still here\n\n"
                await asyncio.sleep(0.01)

        return StreamingResponse(going_on())

    @app.get("/healthz")
    async def healthz() -> str:
        return "well"

    return app


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{NAME.lower()}.example") as client:
        yield client


async def test_one_trace_goes_from_the_click_through_the_bus_into_another_service(
    intake: Watched, matching: Watched
) -> None:
    carried: list[str | None] = []
    async with client_of(app_of(intake.telemetry, carried)) as client:
        await client.get(f"/v1/participants/{PARTICIPANT}")
    with (
        matching.telemetry.continued(carried[0], "handle event", event=EVENT, consumer="matching"),
        telemetry.span("transaction"),
    ):
        pass

    transaction, request = intake.spans
    inner, handled = matching.spans
    assert {span.context.trace_id for span in [transaction, request, inner, handled]} == {request.context.trace_id}
    assert handled.parent is not None
    assert handled.parent.span_id == transaction.context.span_id
    assert inner.parent is not None
    assert inner.parent.span_id == handled.context.span_id
    assert [span.resource.attributes["service.name"] for span in (request, handled, inner)] == [
        "lotse-intake",
        "lotse-matching",
        "lotse-matching",
    ]
    assert transaction.attributes == {"lotse.journey": str(JOURNEY)}
    assert handled.attributes == {"lotse.event": str(EVENT), "lotse.consumer": "matching"}


async def test_two_services_of_one_process_keep_their_own_spans_when_one_calls_the_other(
    intake: Watched, matching: Watched
) -> None:
    async with client_of(app_of(intake.telemetry, [])) as client:
        matching.telemetry.watch_client(client)
        with matching.telemetry.continued(None, "send mail"):
            await client.get(f"/v1/participants/{PARTICIPANT}")

    called, sent = matching.spans
    transaction, served = intake.spans
    assert (called.name, served.name) == ("GET", "GET /v1/participants/{participant_id}")
    assert served.parent is not None
    assert served.parent.span_id == called.context.span_id
    assert called.attributes is not None
    assert called.attributes["server.address"] == f"{NAME.lower()}.example"
    assert called.context.trace_id == served.context.trace_id == sent.context.trace_id == transaction.context.trace_id


async def test_neither_path_nor_query_nor_host_nor_exception_nor_tracestate_leaves(intake: Watched) -> None:
    async with client_of(app_of(intake.telemetry, [])) as client:
        sent = {"traceparent": TRACEPARENT, "tracestate": f"name={NAME}", "baggage": f"name={NAME}"}
        await client.get(f"/v1/participants/{PARTICIPANT}?name={NAME}", headers=sent)
        await client.get(f"/v1/broken/{PARTICIPANT}", headers=sent)
        await client.get(f"/v1/unknown/{PARTICIPANT}", headers=sent)

    assert PARTICIPANT in intake.uncleaned_text
    assert NAME in intake.uncleaned_text
    assert PARTICIPANT not in intake.text
    assert NAME.lower() not in intake.text.lower()
    _, shown, broken, unknown = intake.spans
    assert [span.name for span in (shown, broken, unknown)] == [
        "GET /v1/participants/{participant_id}",
        "GET /v1/broken/{participant_id}",
        "GET",
    ]
    assert broken.attributes is not None
    assert broken.attributes["error.type"] == "ValueError"
    assert broken.status.status_code is StatusCode.ERROR
    assert format(shown.context.trace_id, "032x") in TRACEPARENT


async def test_a_failing_call_leaves_its_class_only(matching: Watched) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no way to {request.url}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse), base_url="http://intake.test:8000") as client:
        matching.telemetry.watch_client(client)
        with pytest.raises(httpx.ConnectError):
            await client.get(f"/v1/participants/{PARTICIPANT}")

    assert f"no way to http://intake.test:8000/v1/participants/{PARTICIPANT}" in matching.uncleaned_text
    assert PARTICIPANT not in matching.text
    (call,) = matching.spans
    assert call.attributes == {
        "http.request.method": "GET",
        "server.address": "intake.test",
        "server.port": 8000,
    }
    assert [dict(event.attributes or {}) for event in call.events] == [{"exception.type": "httpx.ConnectError"}]
    assert (call.status.status_code, call.status.description) == (StatusCode.ERROR, None)


@pytest.mark.parametrize(("status", "failed"), [(200, False), (404, False), (503, True)])
async def test_a_call_goes_on_the_trace_and_a_refusal_is_no_failure(
    intake: Watched, matching: Watched, status: int, failed: bool
) -> None:
    with (
        matching.telemetry.continued(TRACEPARENT, "send mail"),
        matching.telemetry.calling("GET", "intake.test", 8000) as call,
    ):
        call.status = status
        with intake.telemetry.continued(call.headers["traceparent"], "handle event"):
            pass

    called, sent = matching.spans
    (heard,) = intake.spans
    assert called.parent is not None
    assert heard.parent is not None
    assert called.parent.span_id == sent.context.span_id
    assert heard.parent.span_id == called.context.span_id
    assert (called.status.status_code is StatusCode.ERROR) is failed
    assert called.attributes == {
        "http.request.method": "GET",
        "server.address": "intake.test",
        "server.port": 8000,
        "http.response.status_code": status,
    }


def test_a_call_without_an_answer_leaves_the_class_of_its_error_only(matching: Watched) -> None:
    with pytest.raises(TimeoutError), matching.telemetry.calling("POST", "intake.test", None):
        raise TimeoutError(NAME)

    (call,) = matching.spans
    assert call.status.status_code is StatusCode.ERROR
    assert call.attributes is not None
    assert call.attributes["error.type"] == "TimeoutError"
    assert NAME not in matching.text


async def test_a_stream_whose_listener_leaves_is_no_failure(intake: Watched) -> None:
    app, sent = app_of(intake.telemetry, []), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await sent.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            sent.set()

    scope = {"type": "http", "method": "GET", "path": "/v1/feed", "query_string": b"", "headers": []}
    async with asyncio.timeout(20):
        await app(scope, receive, send)

    (served,) = intake.spans
    assert served.status.status_code is StatusCode.UNSET
    assert served.attributes is not None
    assert served.attributes["lotse.outcome"] == "left"
    assert "error.type" not in served.attributes
    assert "ConnectionError" in intake.uncleaned_text, "FastAPI still tells it like this"


def test_our_own_spans_are_cleaned_too(intake: Watched) -> None:
    with intake.telemetry.continued(None, f"look for {PARTICIPANT}", agency=PARTICIPANT, event_type=NAME):
        current = trace.get_current_span()
        current.set_attribute("participant", PARTICIPANT)
        current.set_attribute("lotse.count", "4915112345678")
        current.add_event(NAME, {"name": NAME})
        current.record_exception(ValueError(PARTICIPANT))

    assert PARTICIPANT in intake.uncleaned_text
    assert PARTICIPANT not in intake.text
    assert NAME not in intake.text
    (span,) = intake.spans
    assert (span.name, span.attributes) == ("unnamed", {})
    assert [event.name for event in span.events] == ["unnamed", "exception"]


def test_an_exception_marks_the_step_with_its_class(intake: Watched) -> None:
    with pytest.raises(ValueError, match=NAME), intake.telemetry.continued(None, "handle event"):
        raise ValueError(NAME)
    with pytest.raises(Stale), intake.telemetry.continued(None, "handle command"):
        raise Stale

    failed, refused = intake.spans
    assert (failed.status.status_code, failed.attributes) == (StatusCode.ERROR, {"error.type": "ValueError"})
    assert (refused.status.status_code, refused.attributes) == (StatusCode.UNSET, {"lotse.refused": "stale"})


def test_a_retry_begins_a_new_trace_with_a_link_to_the_old_one(matching: Watched) -> None:
    with matching.telemetry.continued(TRACEPARENT, "drain lane", link=True, event=EVENT):
        pass

    (drained,) = matching.spans
    assert drained.parent is None
    assert format(drained.context.trace_id, "032x") not in TRACEPARENT
    assert [format(link.context.trace_id, "032x") in TRACEPARENT for link in drained.links] == [True]


@pytest.mark.parametrize("malformed", [None, "", "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
def test_a_missing_or_malformed_traceparent_begins_a_trace(matching: Watched, malformed: str | None) -> None:
    with matching.telemetry.continued(malformed, "handle event"):
        assert telemetry.current_traceparent() is not None

    assert matching.spans[0].parent is None


def test_outside_of_a_trace_a_step_records_nothing(intake: Watched) -> None:
    with telemetry.span("transaction"):
        assert telemetry.current_traceparent() is None

    assert intake.spans == ()


def test_the_running_task_says_whose_trace_is_continued(intake: Watched, matching: Watched) -> None:
    with matching.telemetry.here(), telemetry.continued(TRACEPARENT, "publish event"):
        assert telemetry.current_service() == "matching"
    with telemetry.continued(TRACEPARENT, "nobody's"):
        assert telemetry.current_traceparent() == TRACEPARENT

    assert [span.name for span in (*matching.spans, *intake.spans)] == ["publish event"]


async def test_requests_are_counted_by_route_template(intake: Watched, matching: Watched) -> None:
    async with client_of(app_of(intake.telemetry, [])) as client:
        for path in (f"/v1/participants/{PARTICIPANT}", f"/v1/broken/{PARTICIPANT}", f"/x/{PARTICIPANT}", "/healthz"):
            await client.get(path)

    text = intake.telemetry.metrics.render().decode()
    counted = {line for line in text.splitlines() if line.startswith("lotse_http_requests_total{")}
    assert counted == {
        'lotse_http_requests_total{method="GET",route="/v1/participants/{participant_id}",status="200"} 1.0',
        'lotse_http_requests_total{method="GET",route="/v1/broken/{participant_id}",status="500"} 1.0',
        'lotse_http_requests_total{method="GET",route="unmatched",status="404"} 1.0',
    }
    assert PARTICIPANT not in text
    assert "lotse_http_requests_total{" not in matching.telemetry.metrics.render().decode()
    assert [span for span in intake.spans if "healthz" in span.name] == []


class Broken(SpanExporter):
    """A receiver that is away."""

    def __init__(self) -> None:
        self.attempts = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.attempts += 1
        raise ConnectionError(NAME)


def test_failing_export_is_told_once_and_not_tried_at_every_span(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    away, service = Broken(), telemetry.set_up("referrals", None)
    service.provider.add_span_processor(CleanSpans(SimpleSpanProcessor(UndisturbedExport(away))))
    for _ in range(20):
        with service.continued(None, "handle event"):
            pass
    service.close()

    assert away.attempts == 1
    assert capsys.readouterr().out.count("traces not exported") == 1


def test_nobody_listening_at_the_address_disturbs_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    service = telemetry.set_up("referrals", "http://127.0.0.1:9")
    for _ in range(3):
        with service.continued(None, "handle event"):
            pass
        service.flush()
    service.close()
    logging.getLogger().removeHandler(handler)

    assert capsys.readouterr().out.count("traces not exported") == 1
    assert heard.getvalue() == ""
