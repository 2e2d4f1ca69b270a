"""A trace as a list to draw: parents before children, each with its depth and its distance from the start. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from infra.onebox.traces.otlp import Json, ReceivedSpan


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the waterfall. `offset_ms` counts from the start of the trace, an event's from that of its span."""

    span_id: str
    parent_id: str | None
    depth: int
    offset_ms: float
    duration_ms: float
    service: str
    name: str
    error: bool
    attributes: dict[str, Json]
    events: list[Json]
    links: list[Json]


def waterfall(spans: Sequence[ReceivedSpan]) -> list[Bar]:
    """The spans of one trace, depth first, siblings by start. One whose parent has not arrived stands at depth 0."""
    known = {span.span_id: span for span in spans}
    children: dict[str | None, list[ReceivedSpan]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: (span.began_ns, span.span_id)):
        children[span.parent_id if span.parent_id in known else None].append(span)
    began = min((span.began_ns for span in spans), default=0)

    bars: list[Bar] = []
    drawn: set[str] = set()

    def draw(first: Sequence[ReceivedSpan]) -> None:
        waiting = [(span, 0) for span in reversed(first)]
        while waiting:
            span, depth = waiting.pop()
            if span.span_id in drawn:
                continue
            drawn.add(span.span_id)
            bars.append(_bar(span, depth, began))
            waiting += [(child, depth + 1) for child in reversed(children[span.span_id])]

    draw(children[None])
    # Spans that name each other as parents hang on no root.
    draw([span for span in known.values() if span.span_id not in drawn])
    return bars


def _bar(span: ReceivedSpan, depth: int, began: int) -> Bar:
    return Bar(
        span_id=span.span_id,
        parent_id=span.parent_id,
        depth=depth,
        offset_ms=round((span.began_ns - began) / 1e6, 3),
        duration_ms=round((span.ended_ns - span.began_ns) / 1e6, 3),
        service=span.service,
        name=span.name,
        error=span.error,
        attributes=span.attributes,
        events=span.events,
        links=span.links,
    )
