"""Traces: found by a person's trace number, by an event or by their own id; one as a waterfall.

The embedded receiver asks nobody who he is, so each page first asks the services whether they know the reader as an
operator. A deployment with Jaeger has the traces there: pages lead to it, since its own pages show them better than a
copy of ours would, and since its JSON is made for them alone.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import operations, traces
from services.desk.calls.api import Api, Part, SaidNo, nothing, part
from services.desk.calls.traces import Found, Span, Waterfall
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)

SERVICES: Final = ("intake", "matching", "referrals", "notifications")
KINDS: Final = ("number", "event", "trace")
TRACE: Final = re.compile(r"[0-9a-f]{32}")
SCALE: Final = 1000
"""How wide a whole trace is, in the units of its bars."""


@dataclass(frozen=True, slots=True)
class Row:
    """A span and its bar: where it begins and how wide it is."""

    span: Span
    x: float
    width: float


@router.get("/operations/traces")
async def newest(visit: Visit = Visiting) -> Response:
    """The newest ones, and the form that finds others."""
    await _operator(visit)
    return await _listed(visit, Draft({"kind": KINDS[0]}))


@router.post("/operations/traces")
async def search(visit: Visit = Visiting) -> Response:
    """By POST: a trace number is a pseudonym of somebody, and has no place in addresses."""
    await _operator(visit)
    kind, words = visit.form["kind"], visit.form["words"].lower()
    if kind == "trace" and TRACE.fullmatch(words):
        return visit.go(f"/operations/traces/{words}")
    if words.startswith("p-"):
        wrong = N_("A reference code leads to a person, so traces do not know it. Ask the responsible agency for the"
                   " trace number: it stands on the person’s page “Who has looked”.")  # fmt: skip
        return await _listed(visit, Draft.mistaken(visit.form, {"words": wrong}))
    try:
        about = UUID(words)
    except ValueError:
        wrong = N_("Give it whole, as it was copied: numbers and the letters a to f.")
        return await _listed(visit, Draft.mistaken(visit.form, {"words": wrong}))
    return await _listed(visit, Draft(typed=visit.form), kind=kind, about=about)


@router.get("/operations/traces/{trace}")
async def one(trace: str, visit: Visit = Visiting) -> Response:
    """A waterfall, and the same in words."""
    await _operator(visit)
    if not TRACE.fullmatch(trace):
        raise SaidNo("traces", 404, {})
    if not visit.desk.settings.traces_url:
        return visit.page("pages/traces/elsewhere.html", links=_links(visit, trace=trace))
    found = await traces.trace(visit.calls.traces, trace)
    return visit.page("pages/traces/trace.html", one=found, rows=_rows(found), scale=SCALE)


async def _listed(visit: Visit, draft: Draft, *, kind: str = "", about: UUID | None = None) -> Response:
    if not visit.desk.settings.traces_url:
        links = _links(visit, kind=kind, about=about)
        return visit.page("pages/traces/elsewhere.html", draft.status, links=links, d=draft, kinds=KINDS)
    asked = nothing() if draft.wrong else part(_found(visit.calls.traces, kind, about))
    found: Part[Found] = await asked
    return visit.page(
        "pages/traces/traces.html", draft.status, found=found, d=draft, kinds=KINDS, searched=about is not None
    )


async def _found(api: Api, kind: str, about: UUID | None) -> Found:
    if about is None:
        return await traces.newest(api)
    return await (traces.of_event(api, about) if kind == "event" else traces.of_journey(api, about))


async def _operator(visit: Visit) -> None:
    """Raises `SaidNo` unless a service knows the reader as an operator, `Away` if none can say."""
    said: Part[operations.Lag] = await nothing()
    for name in SERVICES:
        said = await part(operations.lag(getattr(visit.calls, name)))
        if said.away is None:
            break
    said.needed()


def _rows(found: Waterfall) -> list[Row]:
    whole = max(found.duration_ms, 0.001)
    return [
        Row(span, round(SCALE * span.offset_ms / whole, 1), max(round(SCALE * span.duration_ms / whole, 1), 3.0))
        for span in found.spans
    ]


def _links(visit: Visit, *, kind: str = "", about: UUID | None = None, trace: str = "") -> list[tuple[str, str]]:
    """(service or nothing, address at Jaeger); Jaeger searches service by service."""
    base = (visit.desk.settings.traces_link or "").rstrip("/")
    if not base:
        return []
    if trace:
        return [("", f"{base}/trace/{trace}")]
    if about is None:
        return [("", f"{base}/search")]
    tag = quote(f'{{"lotse.{"event" if kind == "event" else "journey"}":"{about}"}}')
    return [(name, f"{base}/search?service=lotse-{name}&lookback=2d&limit=200&tags={tag}") for name in SERVICES]
