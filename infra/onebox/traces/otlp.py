"""OTLP/HTTP requests as spans: protobuf and JSON bodies, as they come or packed with gzip.

https://opentelemetry.io/docs/specs/otlp/#otlphttp. Knows neither the database nor the framework.
"""

import base64
import binascii
import json
import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.json_format import MessageToJson, ParseDict, ParseError  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

Json: TypeAlias = str | bool | int | float | list["Json"] | dict[str, "Json"] | None

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"
LARGEST_BODY: Final = 16 * 1024 * 1024
"""Bytes, unpacked. The exporters send at most 512 spans at a time."""

_LARGEST_TIME: Final = 2**63 - 1


class TooLarge(Exception):
    """More than `LARGEST_BODY` when unpacked."""


class Malformed(Exception):
    """No OTLP trace request."""


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """One span; ids in hex, times in nanoseconds since 1970. `service` is without the prefix `lotse-`."""

    trace_id: str
    span_id: str
    parent_id: str | None
    service: str
    name: str
    began_ns: int
    ended_ns: int
    error: bool
    attributes: dict[str, Json]
    events: list[Json]
    links: list[Json]

    def words(self, key: str) -> set[str]:
        """Every value of this attribute in the span and in its events."""
        places: list[Json] = [self.attributes, *(e.get("attributes") for e in self.events if isinstance(e, dict))]
        return {str(place[key]) for place in places if isinstance(place, dict) and key in place}


def unpacked(body: bytes) -> bytes:
    """Undoes gzip without ever holding more than `LARGEST_BODY`. Raises `TooLarge`, `Malformed`."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        plain = unpacking.decompress(body, LARGEST_BODY + 1)
    except zlib.error as error:
        raise Malformed from error
    if len(plain) > LARGEST_BODY:
        raise TooLarge
    if not unpacking.eof:
        raise Malformed
    return plain


def read(body: bytes, media_type: str) -> tuple[list[ReceivedSpan], int]:
    """The spans of a request, and how many had to be rejected. Raises `Malformed`."""
    request = ExportTraceServiceRequest()
    try:
        if media_type == JSON:
            document = json.loads(body)
            if not isinstance(document, dict):
                raise Malformed
            ParseDict(_with_base64_ids(document), request, ignore_unknown_fields=True)
        else:
            request.ParseFromString(body)
    except (DecodeError, ParseError, ValueError, TypeError, RecursionError, SystemError) as error:
        # SystemError: how protobuf's C code tells of a key that is no UTF-8.
        raise Malformed from error
    spans: list[ReceivedSpan] = []
    rejected = 0
    for resource_spans in request.resource_spans:
        service = str(_mapping(resource_spans.resource.attributes).get("service.name", "unknown"))
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                if _acceptable(span):
                    spans.append(_received(span, service.removeprefix("lotse-")))
                else:
                    rejected += 1
    return spans, rejected


def answer(rejected: int, media_type: str) -> bytes:
    """The body of a 200: empty, or what was not taken and why."""
    response = ExportTraceServiceResponse()
    if rejected:
        response.partial_success.rejected_spans = rejected
        response.partial_success.error_message = (
            "A span needs a trace id of 16 bytes, a span id of 8 bytes, and an end that is not before its start."
        )
    return str(MessageToJson(response)).encode() if media_type == JSON else response.SerializeToString()


def _acceptable(span: Span) -> bool:
    ids = len(span.trace_id) == 16 and len(span.span_id) == 8 and any(span.trace_id) and any(span.span_id)
    return ids and 0 < span.start_time_unix_nano <= span.end_time_unix_nano <= _LARGEST_TIME


def _received(span: Span, service: str) -> ReceivedSpan:
    return ReceivedSpan(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex() or None,
        service=_text(service),
        name=_text(span.name),
        began_ns=span.start_time_unix_nano,
        ended_ns=span.end_time_unix_nano,
        error=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=_mapping(span.attributes),
        events=[
            {
                "name": _text(event.name),
                "offset_ms": round((event.time_unix_nano - span.start_time_unix_nano) / 1e6, 3),
                "attributes": _mapping(event.attributes),
            }
            for event in span.events
        ],
        links=[
            {
                "trace_id": link.trace_id.hex(),
                "span_id": link.span_id.hex(),
                "attributes": _mapping(link.attributes),
            }
            for link in span.links
        ],
    )


def _mapping(attributes: Iterable[KeyValue]) -> dict[str, Json]:
    return {_text(attribute.key): _value(attribute.value) for attribute in attributes}


def _value(value: AnyValue) -> Json:
    match value.WhichOneof("value"):
        case "string_value":
            return _text(value.string_value)
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return value.double_value if math.isfinite(value.double_value) else str(value.double_value)
        case "array_value":
            return [_value(each) for each in value.array_value.values]
        case "kvlist_value":
            return {**_mapping(value.kvlist_value.values)}
        case _:
            return None


def _text(text: str) -> str:
    """PostgreSQL stores every character but NUL."""
    return text.replace("\0", "")


def _with_base64_ids(document: Any) -> Any:
    """OTLP's JSON writes ids in hex where protobuf's JSON has base64."""
    if isinstance(document, dict):
        return {
            key: _base64(value) if key in {"traceId", "spanId", "parentSpanId"} else _with_base64_ids(value)
            for key, value in document.items()
        }
    return [_with_base64_ids(each) for each in document] if isinstance(document, list) else document


def _base64(hexadecimal: object) -> str:
    try:
        return base64.b64encode(binascii.unhexlify(str(hexadecimal))).decode()
    except ValueError:
        return ""  # an id of no bytes: this span is rejected, its neighbours are not
