"""Asking the cells: log-ins of every role, the request of a cell, and whether the answer is the table's."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.vocabulary import Category, ParticipantId, Role
from infra.chassis.db import sqlalchemy_url
from infra.chassis.identity.embedded.store import IssuerStore
from infra.chassis.identity.embedded.tokens import AUDIENCE, Holder, Mint
from infra.onebox.layout import Box
from tests.matrix.table import NOBODY, PERSON, Answer, Cell, Where

HOME, OTHER, LINKED = "matrix-home", "matrix-granted", "matrix-linked"
"""Agencies of the matrix's own: nobody else in the shared region meets its people."""
AGENCIES: Final = {Where.HOME: HOME, Where.OTHER: OTHER, Where.LINKED: LINKED, Where.NO_AGENCY: None}
AT_ONCE: Final = 6
FRESH: Final = timedelta(minutes=3)
"""Tokens live for five."""


@dataclass
class Kept:
    """A prepared record: what stands for the placeholders of a row, and the words that it must not give away."""

    ids: dict[str, str]
    names: tuple[str, ...]
    phone: str


@dataclass
class Tokens:
    """Signs log-ins of any role and agency with the region's own issuer key."""

    mint: Mint
    _made: dict[tuple[str, str | None, str | None, str], tuple[datetime, str]] = field(default_factory=dict)

    @classmethod
    async def of(cls, box: Box) -> "Tokens":
        url = box.settings["intake"].bus_url.get_secret_value()
        engine = create_async_engine(
            sqlalchemy_url(url.replace("//bus@", "//issuer@").replace("lotse_bus", "lotse_issuer"))
        )
        try:
            return cls(Mint(box.issuer, await IssuerStore(engine).keys()))
        finally:
            await engine.dispose()

    def token(self, role: str, agency: str | None, participant: str | None = None, use: str = "") -> str:
        """Somebody's access token; another person's for each `use`, so that no allowance is used up."""
        key, now = (role, agency, participant, use), datetime.now(UTC)
        made = self._made.get(key)
        if made is None or now - made[0] > FRESH:
            roles = frozenset() if role == NOBODY else frozenset({Role(role)})
            person = ParticipantId(UUID(participant)) if participant else None
            holder = Holder(person or uuid4(), "matrix", roles, agency=agency, participant=person)
            token = self.mint.access_token(holder, "lotse-desk", now, audience=AUDIENCE, sid=None)
            made = self._made[key] = (now, token)
        return made[1]


@dataclass
class Matrix:
    """A service of the running region, its prepared records, and what was asked of it."""

    box: Box
    service: str
    tokens: Tokens
    http: httpx.AsyncClient
    records: dict[str, Kept] = field(default_factory=dict)
    asked: int = 0

    async def send(self, method: str, path: str, token: str, service: str | None = None, **more: Any) -> httpx.Response:
        self.asked += 1
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        base = self.box.addresses[service or self.service]
        return await self.http.request(method, base + path, headers=headers, **more)

    async def wrong(self, cells: Iterable[Cell], *, enough: int = 1_000_000) -> list[str]:
        """What of these cells is not as the table says; stops at `enough`."""
        found: list[str] = []
        waiting = iter(cells)

        async def work() -> None:
            for cell in waiting:
                if len(found) >= enough:
                    return
                fault = await self.fault(cell)
                if fault:
                    found.append(f"{cell}: {fault}")

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
        return found

    async def fault(self, cell: Cell) -> str | None:
        """What is wrong with the answer to this cell; None if it is as the table says."""
        row = cell.row
        kept, main = self.records[cell.situation.record], next(iter(self.records.values()))
        values = main.ids | kept.ids
        headers = {} if row.if_match is None else {"If-Match": f'"{row.if_match}"'}
        body = None if row.body is None else json.loads(filled(json.dumps(row.body), values))
        answer = await self.send(
            row.method, filled(row.ask.split(" ", 1)[1], values), self._token(cell, main), json=body, headers=headers
        )
        return self._compared(cell, answer) or told_too_much(cell, answer.text, kept)

    def _token(self, cell: Cell, main: Kept) -> str:
        where, use = cell.situation.where, cell.row.ask
        if where is Where.PERSON:
            return self.tokens.token(PERSON, None, main.ids["participant"], use)
        return self.tokens.token(cell.role, AGENCIES[where], use=use)

    def _compared(self, cell: Cell, answer: httpx.Response) -> str | None:
        row, status = cell.row, answer.status_code
        got = f"got {status} {answer.text[:200]}"
        match cell.expected:
            case Answer.YES if status != row.answer:
                return f"should be let in ({row.answer}), {got}"
            case Answer.YES if row.shows is not None and not shown(answer.json(), row.shows):
                return f"should be shown, {got}"
            case Answer.WITHHELD if status == 200 and shown(answer.json(), str(row.shows)):
                return f"must not be shown, {got}"
            case Answer.WITHHELD if status not in (200, 403, 404):
                return f"should be refused or not shown, {got}"
            case Answer.EITHER if status not in (403, 404):
                return f"should be refused, {got}"
            case Answer.HIDDEN if status != 404 or answer.content != uniform():
                return f"should be the one uniform 404, {got}"
            case Answer.NAMED if status != 403:
                return f"should be 403, {got}"
            case Answer.NAMED if row.needed and cell.situation.where is Where.OTHER:
                named = answer.json().get("category")
                return None if named in row.needed else f"should name {row.opens}, {got}"
        return None


def filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def shown(body: Any, path: str) -> bool:
    """Whether the answer has something at `path`: `identity`, `items.level=team`, `*` (not empty), `*.domain=legal`."""
    for part in path.split("."):
        name, equals, value = part.partition("=")
        if part == "*":
            continue
        if equals:
            return any(str(one.get(name)) == value for one in body)
        body = body.get(name)
    return bool(body)


def told_too_much(cell: Cell, text: str, kept: Kept) -> str | None:
    """The person's words in an answer to somebody to whom they are not open, whatever the row is about."""
    here = cell.situation
    if cell.allowed and here.where in (Where.HOME, Where.PERSON):
        return None
    closed = () if Category.IDENTITY in here.open and here.where is Where.OTHER else kept.names
    closed += () if Category.CONTACT in here.open and here.where is Where.OTHER else (kept.phone,)
    return "tells a word of the person" if any(word in text for word in closed) else None


@cache
def uniform() -> bytes:
    """The body of the one 404."""
    from contracts.refusal import NotFound
    from infra.chassis.problems import answer

    return bytes(answer(NotFound()).body)
