"""Registering people from a file, step by step: choose, say what the columns are, try out, register.

Each step is a form that carries the file (`carried.py`). Whether somebody may register, and what is wrong with a row,
is intake's word; the pages are offered to those whose role may include it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from infra.importing.participants import send
from infra.importing.report import to_mend
from infra.importing.rows import Became, left_out
from infra.importing.table import Unreadable
from services.desk.calls import intake
from services.desk.calls.api import Away, LoggedOut, SaidNo
from services.desk.door import Visit, Visiting
from services.desk.look.navigation import CASEWORK
from services.desk.pages.imports.carried import LABELS, ORDERS, Carried, carried, chosen, fresh
from services.desk.pages.imports.file_door import LARGEST_BODY, FileDoor

router = APIRouter(route_class=FileDoor, include_in_schema=False)
SHOWN: Final = 100
"""Faults on a page; all are in the file to be mended."""
SAMPLE: Final = 3
"""Rows shown beside the columns."""
HERE: Final = "<!-- here -->"
"""Where a page goes on while people are registered."""


@router.get("/imports")
async def choose(visit: Visit = Visiting) -> Response:
    """The first step."""
    _offered(visit)
    return visit.page("pages/imports/choose.html", no=None)


@router.post("/imports", max_body_size=LARGEST_BODY)
async def understand(visit: Visit = Visiting) -> Response:
    """What the file holds, and which column is what, to be put right."""
    _offered(visit)
    try:
        name, data = await chosen(visit.form)
        file = await asyncio.to_thread(fresh, name, data)
    except Unreadable as no:
        return _again(visit, no)
    return _columns(visit, file)


@router.post("/imports/trial", max_body_size=LARGEST_BODY)
async def try_out(visit: Visit = Visiting) -> Response:
    """What would become of each row. Registers nobody."""
    _offered(visit)
    try:
        file = await asyncio.to_thread(carried, visit.form)
    except Unreadable as no:
        return _again(visit, no)
    if file.wrong:
        return _columns(visit, file, file.wrong)
    became = [one for batch in [batch async for batch in _sent(visit, file, trial=True)] for one in batch]
    return visit.page("pages/imports/trial.html", **_file(file), **_summary(became))


@router.post("/imports/run", max_body_size=LARGEST_BODY)
async def run(visit: Visit = Visiting) -> Response:
    """Registers them. The page grows while it happens; sent again, it goes on where it was."""
    _offered(visit)
    try:
        file = await asyncio.to_thread(carried, visit.form)
    except Unreadable as no:
        return _again(visit, no)
    if file.wrong:
        return _columns(visit, file, file.wrong)
    batches = _sent(visit, file, trial=False)
    first = await anext(batches)  # what is refused at once is a page of its own
    page = visit.page("pages/imports/run.html", **_file(file))
    before, _, after = bytes(page.body).decode().partition(HERE)
    headers = {"Content-Language": visit.language, "Cache-Control": "no-store"}
    return StreamingResponse(_growing(visit, file, first, batches, before, after), 200, headers, "text/html")


@router.post("/imports/mend", max_body_size=LARGEST_BODY)
async def mend(visit: Visit = Visiting) -> Response:
    """The rows that are not right, with what is wrong, as a file to be mended and chosen again."""
    _offered(visit)
    try:
        file = await asyncio.to_thread(carried, visit.form)
    except Unreadable as no:
        return _again(visit, no)
    became = [one for batch in [batch async for batch in _sent(visit, file, trial=True)] for one in batch]
    headers = {"Content-Disposition": 'attachment; filename="to-mend.csv"'}
    return Response(to_mend(file.table.headings, became), 200, headers, "text/csv")


def _offered(visit: Visit) -> None:
    """Raises `SaidNo` for whoever's role never includes it; of everybody else intake decides."""
    if not CASEWORK & visit.who.roles:
        raise SaidNo("intake", 403, {})


def _again(visit: Visit, no: Unreadable) -> Response:
    return visit.page("pages/imports/choose.html", 422, no=no)


def _columns(visit: Visit, file: Carried, wrong: str = "") -> Response:
    columns = [
        (
            number,
            heading,
            file.columns.get(heading, ""),
            [line.cells.get(heading, "") for line in file.table.lines[:SAMPLE]],
        )
        for number, heading in enumerate(file.table.headings)
    ]
    return visit.page(
        "pages/imports/columns.html",
        422 if wrong else 200,
        **_file(file),
        shown=columns,
        labels=LABELS,
        orders=ORDERS,
        wrong=wrong,
    )


def _file(file: Carried) -> dict[str, Any]:
    return {"carried": file, "not_sent": left_out(file.table, file.columns)}


def _summary(became: Sequence[Became]) -> dict[str, Any]:
    faults = [fault for one in became for fault in one.wrong]
    return {
        "counted": Counter(one.outcome for one in became),
        "matches": sum(one.possible_match for one in became),
        "faults": faults[:SHOWN],
        "more_faults": max(0, len(faults) - SHOWN),
        "hints": sum(bool(one.hints) for one in became),
        "to_mend": sum(one.to_mend for one in became),
    }


def _sent(visit: Visit, file: Carried, *, trial: bool) -> AsyncIterator[list[Became]]:
    """Raises `SaidNo`, `Away`, `LoggedOut`."""

    async def call(batch: dict[str, Any]) -> Any:
        return await intake.take_in(visit.calls.intake, batch)

    return send(file.table, file.columns, call, dates=file.dates or None, trial=trial, mine=file.mine)


async def _growing(
    visit: Visit, file: Carried, first: list[Became], batches: AsyncIterator[list[Became]], before: str, after: str
) -> AsyncIterator[str]:
    """The page up to here, a line per batch, and what became of all."""
    yield before
    became, broken = list(first), False
    try:
        yield _line(visit, file, became)
        async for batch in batches:
            became += batch
            yield _line(visit, file, became)
    except (SaidNo, Away, LoggedOut):
        broken = True
    done = visit.page("pages/imports/done.html", **_file(file), **_summary(became), broken=broken, done=len(became))
    yield bytes(done.body).decode()
    yield after


def _line(visit: Visit, file: Carried, became: Sequence[Became]) -> str:
    page = visit.page("pages/imports/progress.html", done=len(became), total=len(file.table.lines))
    return bytes(page.body).decode()
