"""Two services send their spans over HTTP; an operator finds the one trace by journey and event and reads it."""

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from opentelemetry import trace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from infra.chassis import telemetry
from infra.chassis.telemetry import Telemetry
from infra.onebox.traces.app import receiver_app
from infra.onebox.traces.otlp import LARGEST_BODY, ReceivedSpan
from infra.onebox.traces.store import Search, Traces
from infra.onebox.traces.waterfall import waterfall
from tests.support.postgres import FreshDatabase

PARTICIPANT = "7d1f7a52-60a1-4c7e-9a3d-0f2c5b8e9a11"
JOURNEY = UUID("3c0e3c1a-1111-4222-8333-444455556666")
EVENT = UUID("0198f3a0-0000-7000-8000-000000000001")
UNKNOWN = UUID(int=0)


@dataclass
class Receiver:
    """A running receiver, as its operator and its senders see it."""

    url: str
    client: httpx.AsyncClient
    senders: list[Telemetry] = field(default_factory=list)

    def sender(self, service: str) -> Telemetry:
        self.senders.append(telemetry.set_up(service, self.url))
        return self.senders[-1]

    async def everything_arrived(self) -> None:
        for sender in self.senders:
            await asyncio.to_thread(sender.close)

    async def get(self, path: str, **params: Any) -> Any:
        return (await self.client.get(path, params=params)).raise_for_status().json()

    async def found(self, **params: Any) -> list[str]:
        return [each["trace_id"] for each in (await self.get("/api/traces", **params))["traces"]]

    async def post(self, body: bytes, media_type: str = "application/json", **headers: str) -> httpx.Response:
        named = {"content-type": media_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.client.post("/v1/traces", content=body, headers=named)


@asynccontextmanager
async def receiving(database_url: str) -> AsyncIterator[Receiver]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(receiver_app(database_url), log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve([listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        while not server.started:
            assert not serving.done(), "the receiver did not start"
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            yield Receiver(url, client)
        server.should_exit = True
        await serving


@pytest.fixture
async def receiver(postgres: FreshDatabase) -> AsyncIterator[Receiver]:
    async with receiving(postgres()) as receiver:
        yield receiver


def otlp_span(**changes: Any) -> dict[str, Any]:
    began = changes.pop("began_ns", time.time_ns())
    return {
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": "b7ad6b7169203331",
        "name": "publish event",
        "startTimeUnixNano": str(began),
        "endTimeUnixNano": str(began + 2_000_000),
        "attributes": [{"key": "lotse.event", "value": {"stringValue": str(EVENT)}}],
        **changes,
    }


def otlp(*spans: dict[str, Any], service: str = "lotse-intake") -> bytes:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}).encode()


def intake_app(intake: Telemetry, carried: list[str | None]) -> FastAPI:
    app = FastAPI(telemetry=intake.for_fastapi())

    @app.post("/v1/participants/{participant_id}/profile")
    async def change(participant_id: UUID) -> None:
        with telemetry.span("transaction", journey=JOURNEY):
            telemetry.note("event recorded", event=EVENT, event_type="lotse.intake.profile-changed")
            trace.get_current_span().set_attribute("participant", str(participant_id))
            carried.append(telemetry.current_traceparent())

    return app


async def test_a_trace_over_two_services_is_found_by_journey_and_by_event(receiver: Receiver) -> None:
    intake, matching = receiver.sender("intake"), receiver.sender("matching")
    carried: list[str | None] = []
    transport = httpx.ASGITransport(intake_app(intake, carried))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        await client.post(f"/v1/participants/{PARTICIPANT}/profile?look={PARTICIPANT}")
    with pytest.raises(LookupError), matching.continued(carried[0], "handle event", event=EVENT, consumer="matching"):
        raise LookupError(PARTICIPANT)
    with matching.continued(None, "another thing", journey=UNKNOWN):
        pass
    await receiver.everything_arrived()

    assert carried[0] is not None
    trace_id = carried[0].split("-")[1]
    assert await receiver.found(journey=JOURNEY) == [trace_id]
    assert await receiver.found(event=EVENT) == [trace_id]
    assert await receiver.found(event=EVENT, service="matching") == [trace_id]
    assert await receiver.found(event=EVENT, service="referrals") == []
    assert len(await receiver.found()) == 2
    (summary,) = (await receiver.get(f"/api/traces/for-event/{EVENT}"))["traces"]
    assert summary["root"] == "POST /v1/participants/{participant_id}/profile"
    assert (sorted(summary["services"]), summary["spans"], summary["error"]) == (["intake", "matching"], 3, True)

    shown = await receiver.get(f"/api/traces/{trace_id}")
    assert [(bar["depth"], bar["service"], bar["name"], bar["error"]) for bar in shown["spans"]] == [
        (0, "intake", "POST /v1/participants/{participant_id}/profile", False),
        (1, "intake", "transaction", False),
        (2, "matching", "handle event", True),
    ]
    assert shown["spans"][2]["attributes"]["error.type"] == "LookupError"
    assert shown["spans"][1]["events"][0]["attributes"]["lotse.event"] == str(EVENT)
    assert PARTICIPANT not in json.dumps(shown)


async def test_a_participant_sent_around_the_cleaning_would_be_seen(receiver: Receiver) -> None:
    """Positive control of the test above: the receiver shows what it gets."""
    planted = {"key": "participant", "value": {"stringValue": PARTICIPANT}}
    await receiver.post(otlp(otlp_span(attributes=[planted])))

    assert PARTICIPANT in json.dumps(await receiver.get("/api/traces/0af7651916cd43dd8448eb211c80319c"))


async def test_a_drained_event_is_found_with_the_trace_it_came_from(receiver: Receiver) -> None:
    referrals = receiver.sender("referrals")
    with referrals.continued(None, "handle event", event=EVENT):
        first = telemetry.current_traceparent()
    with referrals.continued(first, "drain lane", link=True, event=EVENT):
        pass
    await receiver.everything_arrived()

    drained, original = await receiver.found(event=EVENT)
    assert first is not None
    assert original == first.split("-")[1]
    (bar,) = (await receiver.get(f"/api/traces/{drained}"))["spans"]
    assert [link["trace_id"] for link in bar["links"]] == [original]


async def test_the_newest_come_first_and_since_and_limit_narrow(receiver: Receiver) -> None:
    now = datetime.now(UTC)
    for hours in (3, 1, 2):
        began = int((now - timedelta(hours=hours)).timestamp() * 1e9)
        await receiver.post(otlp(otlp_span(traceId=f"{hours:032x}", began_ns=began)))

    assert [int(found) for found in await receiver.found()] == [1, 2, 3]
    assert [int(found) for found in await receiver.found(limit=1)] == [1]
    since = (now - timedelta(hours=2, minutes=30)).isoformat()
    assert [int(found) for found in await receiver.found(since=since)] == [1, 2]


async def test_json_and_gzip_are_understood_and_a_repeated_export_changes_nothing(receiver: Receiver) -> None:
    body = otlp(otlp_span())
    for _ in range(2):
        answer = await receiver.post(gzip.compress(body), content_encoding="gzip")
        assert (answer.status_code, answer.json()) == (200, {})

    (summary,) = (await receiver.get("/api/traces"))["traces"]
    assert (summary["spans"], summary["duration_ms"]) == (1, 2.0)


async def test_spans_without_proper_ids_are_rejected_and_the_others_kept(receiver: Receiver) -> None:
    body = otlp(otlp_span(), otlp_span(traceId="beef"), otlp_span(spanId="no hex é"), otlp_span(endTimeUnixNano="1"))
    answer = await receiver.post(body)

    assert answer.status_code == 200
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "3"
    assert len(await receiver.found()) == 1


async def test_text_that_postgresql_cannot_store_does_not_lose_the_batch(receiver: Receiver) -> None:
    strange = {"key": "a\0b", "value": {"arrayValue": {"values": [{"doubleValue": "NaN"}, {"stringValue": "c\0d"}]}}}
    answer = await receiver.post(otlp(otlp_span(attributes=[strange], name="e\0f")))

    assert answer.status_code == 200
    (bar,) = (await receiver.get("/api/traces/0af7651916cd43dd8448eb211c80319c"))["spans"]
    assert (bar["name"], bar["attributes"]) == ("ef", {"ab": ["nan", "cd"]})


@pytest.mark.parametrize(
    ("body", "media_type", "packing", "status"),
    [
        pytest.param(b"{}", "text/plain", "identity", 415, id="unknown format"),
        pytest.param(b"{}", "application/json", "br", 415, id="unknown packing"),
        pytest.param(b"{", "application/json", "identity", 400, id="broken json"),
        pytest.param(b"[]", "application/json", "identity", 400, id="another json"),
        pytest.param(
            b'{"resourceSpans": [{"resource": "\\ud800"}]}', "application/json", "identity", 400, id="no otlp"
        ),
        pytest.param(otlp(otlp_span(name="\ud800")), "application/json", "identity", 400, id="no utf-8"),
        pytest.param(b"\xff\xff", "application/x-protobuf", "identity", 400, id="broken protobuf"),
        pytest.param(b"no gzip", "application/x-protobuf", "gzip", 400, id="broken gzip"),
        pytest.param(gzip.compress(b"1234")[:-4], "application/x-protobuf", "gzip", 400, id="cut off"),
        pytest.param(gzip.compress(b" " * (LARGEST_BODY + 1)), "application/json", "gzip", 413, id="bomb"),
        pytest.param(b" " * (LARGEST_BODY + 1), "application/json", "identity", 413, id="too large"),
    ],
)
async def test_what_is_no_export_is_refused_in_words(
    receiver: Receiver, body: bytes, media_type: str, packing: str, status: int
) -> None:
    answer = await receiver.post(body, media_type, content_encoding=packing)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def test_unknown_traces_bad_questions_and_foreign_hosts_are_refused(receiver: Receiver) -> None:
    missing = await receiver.client.get(f"/api/traces/{'0' * 32}")
    misread = await receiver.client.get("/api/traces", params={"journey": "anna"})
    rebound = await receiver.client.get("/api/traces", headers={"host": "elsewhere.example"})

    assert (missing.status_code, misread.status_code, rebound.status_code) == (404, 422, 400)
    assert "14 days" in missing.json()["detail"]
    assert "journey" in misread.json()["detail"]
    assert "anna" not in misread.text


async def test_traces_older_than_two_weeks_are_deleted(postgres: FreshDatabase) -> None:
    now = datetime.now(UTC)
    traces = Traces(postgres())
    await traces.prepare()
    await traces.prepare()
    for days in (13, 15):
        await traces.add([span(f"{days:032x}", "a" * 16, began=now - timedelta(days=days))])

    assert await traces.prune(now) == 1
    assert [int(left.trace_id, 16) for left in await traces.search(Search())] == [13]
    assert await traces.spans(f"{15:032x}") == []
    await traces.close()


async def test_spans_of_one_trace_that_arrive_at_once_are_all_counted(postgres: FreshDatabase) -> None:
    traces = Traces(postgres())
    await traces.prepare()
    await asyncio.gather(*(traces.add([span("b" * 32, f"{number:016x}")]) for number in range(12)))

    (summary,) = await traces.search(Search())
    assert summary.spans == 12
    await traces.close()


def span(trace_id: str, span_id: str, parent_id: str | None = None, *, began: datetime | None = None) -> ReceivedSpan:
    start = int((began or datetime.now(UTC)).timestamp() * 1e9)
    return ReceivedSpan(trace_id, span_id, parent_id, "intake", "step", start, start + 1_000_000, False, {}, [], [])


def test_spans_without_a_known_root_are_drawn_as_well() -> None:
    orphan, child = span("a" * 32, "1" * 16, "9" * 16), span("a" * 32, "2" * 16, "1" * 16)
    chicken, egg = span("a" * 32, "3" * 16, "4" * 16), span("a" * 32, "4" * 16, "3" * 16)

    bars = waterfall([child, egg, orphan, chicken])

    assert [bar.depth for bar in bars if bar.span_id in (orphan.span_id, child.span_id)] == [0, 1]
    assert sorted(bar.depth for bar in bars if bar.span_id in (chicken.span_id, egg.span_id)) == [0, 1]


async def test_a_transaction_tells_how_many_statements_it_took_and_none_of_them(
    receiver: Receiver, postgres: FreshDatabase
) -> None:
    intake, engine = receiver.sender("intake"), create_async_engine(postgres())
    telemetry.watch_engine(engine)
    with intake.continued(None, "handle event", event=EVENT), telemetry.span("transaction"):
        async with engine.begin() as conn:
            for _ in range(3):
                await conn.execute(text("select :who"), {"who": PARTICIPANT})
    await engine.dispose()
    await receiver.everything_arrived()

    (found,) = await receiver.found(event=EVENT)
    shown = await receiver.get(f"/api/traces/{found}")
    assert shown["spans"][1]["attributes"] == {"db.statements": 3}
    assert PARTICIPANT not in json.dumps(shown)
