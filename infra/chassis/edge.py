"""The edge of a service: what every request goes through, in this order.

token -> transaction -> earlier answer to the same Idempotency-Key? -> the route -> was a right decided? -> keep the
answer -> commit. Routes see only a `Caller` and a `Tx`; none of them commits, and none can forget the rest.
"""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute

from contracts.refusal import Invalid, Stale
from infra.chassis import access, audit, freshness, idempotency
from infra.chassis.again import unless_deadlocked
from infra.chassis.audit import Entry
from infra.chassis.caller import Caller
from infra.chassis.db import Actor, Tx
from infra.chassis.freshness import GrantsStale
from infra.chassis.idempotency import Given
from infra.chassis.identity.oidc import Unauthenticated
from infra.chassis.identity.principal import Principal
from infra.chassis.problems import IfMatchMissing

WITHHELD: Final = "Lotse-Withheld"
"""Header of an answer from which something is missing for now, and why: `grants-stale`."""


class NothingDecided(RuntimeError):
    """A route answered without asking for a right: a fault of ours, so nothing is sent."""


class Edge(APIRoute):
    """The route class of every ordinary route: `APIRouter(route_class=Edge)`."""

    TEXT: ClassVar[bool] = True
    """What is sent is text; of a file the use case looks at the content."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            runtime = request.app.state.runtime
            principal = await authenticate(request)
            key = request.headers.get("idempotency-key") if request.method == "POST" else None
            body = await request.body() if request.method in ("POST", "PUT", "PATCH") else b""
            _no_nul(request, body if self.TEXT else b"")
            by = Actor(principal.subject, principal.agency)

            async def once() -> Response:
                request.state.caller = None
                async with runtime.db.transaction(by) as tx:
                    request.state.tx = tx
                    if key is not None:
                        version = request.headers.get("if-match", "")
                        fingerprint = idempotency.fingerprint(request.method, _target(request), version, body)
                        given = await idempotency.recall(tx, runtime.vault, principal.subject, key, fingerprint)
                        if given is not None:
                            await _still_fresh(tx, given, principal)
                            await _note_repeat(tx, principal, given.participant, self.path)
                            return _again(given)
                    response = await inner(request)
                    caller: Caller | None = getattr(request.state, "caller", None)
                    if caller is None or not caller.decided:
                        raise NothingDecided(self.path)
                    if key is not None:
                        etag, location = response.headers.get("etag"), response.headers.get("location")
                        kept = Given(response.status_code, bytes(response.body), etag, location, caller.about)
                        await idempotency.remember(tx, runtime.vault, principal.subject, key, kept)
                    response.headers.setdefault("Cache-Control", "no-store")
                    if tx.withheld:
                        response.headers[WITHHELD] = GrantsStale.slug
                    return response

            return await unless_deadlocked(once)

        return handle


class RawEdge(Edge):
    """The route class of routes that take or give a file as it is; they say `max_body_size`."""

    TEXT = False


async def _note_repeat(tx: Tx, principal: Principal, participant: UUID | None, path: str) -> None:
    """The kept answer is shown once more; of whoever was erased meanwhile none is kept."""
    about = () if participant is None else (participant,)
    own = participant is None or bool(await access.own(tx, about, principal.agency, principal.participant))
    await audit.note(tx, Entry("repeat", participant, path, own=own))


async def _still_fresh(tx: Tx, given: Given, principal: Principal) -> None:
    """An earlier answer is no way around grants of which nothing recent is known. Raises `GrantsStale`."""
    if given.participant is None or given.participant == principal.participant:
        return
    standing = await access.standing(tx, given.participant, principal.agency)
    if standing.owner != principal.agency and freshness.place_of(given.participant) in tx.stale:
        raise GrantsStale


def _no_nul(request: Request, body: bytes) -> None:
    """No text of ours holds a NUL, and the database takes none: refuse it wherever it hides."""
    target = _target(request)
    if b"\\u0000" in body or b"\0" in body or "\0" in target or "%00" in target:
        raise Invalid("A NUL character is no text.", way_out="Remove it and send the request again.", field="body")


def _target(request: Request) -> str:
    """Path and query: a repeat with another query is another request."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


async def authenticate(request: Request) -> Principal:
    """The verified principal; also left in `request.state.principal`. Raises `Unauthenticated`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated()
    principal: Principal = await request.app.state.runtime.verifier.verify(token)
    request.state.principal = principal
    return principal


def _again(given: Given) -> Response:
    headers = {"Idempotency-Replayed": "true", "Cache-Control": "no-store"}
    if given.etag:
        headers["ETag"] = given.etag
    if given.location:
        headers["Location"] = given.location
    return Response(given.body, given.status, headers, "application/json" if given.body else None)


# The dependencies are coroutines although they wait for nothing: plain functions would each cost a trip to a thread.


async def _tx(request: Request) -> Tx:
    tx: Tx = request.state.tx
    return tx


async def _runtime(request: Request) -> Any:
    return request.app.state.runtime


InTx: Any = Depends(_tx)
"""Default of a route's parameter `tx: Tx`: the request's transaction."""
Running: Any = Depends(_runtime)
"""Default of a route's parameter `runtime: Runtime`."""


async def _if_match(if_match: str | None = Header(default=None)) -> int:
    """The version that the caller has read. Raises `IfMatchMissing`, or `Stale` for an ETag of another kind."""
    if if_match is None:
        raise IfMatchMissing(
            "This change needs the version it builds on.",
            way_out="Read the record and send its ETag as If-Match.",
            field="If-Match",
        )
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 12:
        raise Stale
    return int(text)


IfMatch: Any = Depends(_if_match)
"""Default of a route's parameter `version: int`."""


def etag(response: Response, version: int) -> None:
    """Tell the caller the version of what it gets."""
    response.headers["ETag"] = f'"{version}"'
