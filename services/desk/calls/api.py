"""One call to one service's public API: with the reader's own token, a time limit, and one of three ends.

An answer; `SaidNo`, the service's own refusal with its way out; or `Away`, nothing that could be read in time. A page
shows each of them where it belongs, so that one service that is down takes no other's part of a page with it.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter
from typing import Any, Final, Generic, TypeVar

import orjson
from aiohttp import ClientError
from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.desk.calls.client import Answer, Client

T = TypeVar("T")
STALE: Final = "grants-stale"
_WITHHELD: Final = "Lotse-Withheld"


class Out(BaseModel):
    """The base of every answer's shape: what a page needs of it; a newer service may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Listed(Out, Generic[T]):
    """A page of a list. `incomplete`: something is left out for now, because nothing recent is known of grants."""

    items: tuple[T, ...]
    next: str | None = None
    incomplete: bool = False


class SaidNo(Exception):
    """A service's refusal (RFC 9457)."""

    def __init__(self, service: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(service, status)
        self.service, self.status = service, status
        self.slug = str(problem.get("type", "")).rpartition(":")[2]
        self.detail, self.way_out = str(problem.get("detail", "")), str(problem.get("way_out", ""))
        self.errors = tuple(
            (str(one.get("field", "")), str(one.get("detail", ""))) for one in problem.get("errors") or ()
        )

    @property
    def stale(self) -> bool:
        """Only for now: it is not known whether a grant still lives."""
        return self.slug == STALE


class Away(Exception):
    """A service did not answer in time, or not in a way that can be read."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class LoggedOut(Exception):
    """The token is not good any more: the log-in is over."""


@dataclass
class Tally:
    """What a page cost: for the operator, and for the benchmark."""

    calls: int = 0
    seconds: float = field(default=0.0)


@dataclass(frozen=True)
class Api:
    """One service, asked with one person's token."""

    service: str
    address: str
    token: str = field(repr=False)
    """Empty for what is no service of ours and must not get one."""
    client: Client = field(repr=False)
    seconds: float = 3.0
    tally: Tally = field(default_factory=Tally)

    async def get(self, shape: type[T], path: str, **params: object) -> T:
        """The answer in its shape. Raises `SaidNo`, `Away`, `LoggedOut`."""
        answer: T = _read(self.service, shape, await self.send("GET", path, params=_given(params)))
        return answer

    async def page(self, shape: type[T], path: str, **params: object) -> Listed[T]:
        """A page of a list."""
        answer = await self.send("GET", path, params=_given(params))
        listed: Listed[T] = _read(self.service, Listed[shape], answer)  # type: ignore[valid-type] # made at run time
        return listed.model_copy(update={"incomplete": answer.headers.get(_WITHHELD) == STALE})

    async def post(self, shape: type[T], path: str, body: object = None, *, once: str, version: int | None = None) -> T:
        """Do something; with the same `once` it is done once, however often it is sent."""
        headers = {"Idempotency-Key": once} | ({"If-Match": f'"{version}"'} if version is not None else {})
        answer: T = _read(self.service, shape, await self.send("POST", path, json=body, headers=headers))
        return answer

    async def put(self, shape: type[T], path: str, body: object, *, version: int, method: str = "PUT") -> T:
        """Put something in the place of the version that was read. `method` is PUT, or PATCH for the parts sent."""
        headers = {"If-Match": f'"{version}"'}
        answer: T = _read(self.service, shape, await self.send(method, path, json=body, headers=headers))
        return answer

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """One request. Raises `SaidNo`, `Away`, `LoggedOut`."""
        started = perf_counter()
        given = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **(headers or {})}
        try:
            answer = await self.client.send(
                method, self.address + path, params or {}, json, headers=given, seconds=self.seconds, content=content
            )
        except (ClientError, TimeoutError) as error:
            raise Away(self.service) from error
        finally:
            self.tally.calls += 1
            self.tally.seconds += perf_counter() - started
        if answer.is_success:
            return answer
        raise _refusal(self.service, answer)


@dataclass(frozen=True)
class Part(Generic[T]):
    """A part of a page: its value, or why it is not there."""

    value: T | None = None
    said_no: SaidNo | None = None
    away: Away | None = None

    def needed(self) -> T:
        """The value, for a page that is nothing without it. Raises `SaidNo`, `Away`."""
        if self.said_no is not None:
            raise self.said_no
        if self.away is not None:
            raise self.away
        value: T = self.value  # type: ignore[assignment] # None only where T allows it
        return value

    @property
    def allowed(self) -> "Part[T]":
        """The part itself, unless it is nothing for this reader at all. Raises `SaidNo`."""
        if self.said_no is not None and not self.said_no.stale:
            raise self.said_no
        return self

    @property
    def withheld(self) -> bool:
        """A right is missing, and the service says which."""
        return self.said_no is not None and self.said_no.status == 403

    @property
    def unknown(self) -> bool:
        """There is nothing, or nothing that the reader may know of."""
        return self.said_no is not None and self.said_no.status == 404


async def part(asked: Awaitable[T]) -> Part[T]:
    """Ask for a part of a page. Raises `LoggedOut` only."""
    try:
        return Part(value=await asked)
    except SaidNo as no:
        return Part(said_no=no)
    except Away as away:
        return Part(away=away)


async def nothing() -> Part[Any]:
    """A part that this page does not ask for."""
    return Part()


def _refusal(service: str, answer: Answer) -> Exception:
    if answer.status == 401:
        return LoggedOut()
    try:
        problem = orjson.loads(answer.content)
    except ValueError:
        return Away(service)
    if not isinstance(problem, dict) or (answer.status >= 500 and not str(problem.get("type")).endswith(STALE)):
        return Away(service)
    return SaidNo(service, answer.status, problem)


def _read(service: str, shape: Any, answer: Answer) -> Any:
    try:
        return _adapter(shape).validate_json(answer.content or b"null")
    except ValueError as error:  # another release that says something else than we know
        raise Away(service) from error


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    """Made once per shape: making one takes longer than reading an answer with it."""
    return TypeAdapter(shape)


def _given(params: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None and value != ""}
