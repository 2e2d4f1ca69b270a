"""The one format in which a service says no: RFC 9457, with a stable `type` and the way out in words.

The only table from a refusal to an HTTP status. Bodies and logs never hold what the caller sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from contracts.refusal import Conflict, Invalid, NotAllowed, NotFound, Refused, Stale, TooMany, Unavailable
from infra.chassis.identity.oidc import Unauthenticated

log = structlog.get_logger()

BASE: Final = "urn:lotse:problem:"
MEDIA_TYPE: Final = "application/problem+json"


class IfMatchMissing(Refused):
    """A change without the version it builds on."""

    slug = "if-match-missing"


STATUS: Final[dict[type[Refused], int]] = {
    Invalid: 422,
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Stale: 412,
    TooMany: 429,
    Unavailable: 503,
    Unauthenticated: 401,
    IfMatchMissing: 428,
}


class Problem(BaseModel):
    """RFC 9457 with two members of ours: `way_out` and, for a wrong input, `errors`."""

    type: str
    title: str
    status: int
    detail: str
    way_out: str
    errors: list[dict[str, str]] | None = None


def status_of(refused: Refused) -> int:
    """The status of the nearest listed class."""
    return next((STATUS[cls] for cls in type(refused).__mro__ if cls in STATUS), 400)


def answer(refused: Refused) -> JSONResponse:
    """A refusal as an HTTP answer."""
    status = status_of(refused)
    body: dict[str, Any] = {
        "type": BASE + refused.slug,
        "title": refused.slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": refused.detail,
        "way_out": refused.way_out,
        **refused.more,
    }
    if refused.field:
        body["errors"] = [{"field": refused.field, "detail": refused.detail}]
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status == 503:
        headers["Retry-After"] = "5"
    if isinstance(refused, TooMany):
        headers["Retry-After"] = str(refused.seconds)
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's OpenAPI: the refusals it can give beside those that all can."""
    every = {401, 403, 404, 422, *statuses}
    return {
        status: {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": _WORDS.get(status, "Refused")}
        for status in sorted(every)
    }


_WORDS: Final = {
    401: "No valid token",
    403: "A right is missing; names the category and how to ask for it",
    404: "Nothing is known under this address",
    409: "Not in this state",
    412: "Somebody changed it meanwhile",
    422: "The input is wrong; names the field",
    428: "If-Match is missing",
    429: "Asked too often; `Retry-After` says when to come back",
    503: "Not possible for now",
}


def install(app: FastAPI) -> None:
    """Make every error of this app a problem."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        return answer(cast(Refused, error))

    async def wrong_input(_: Request, error: Exception) -> JSONResponse:
        return _wrong_input(cast(RequestValidationError, error).errors())

    async def http(request: Request, error: Exception) -> JSONResponse:
        status = cast(HTTPException, error).status_code
        # FastAPI's only 400: bytes that are no text. To the caller that is an input like any other that is wrong.
        return _unreadable() if status == 400 else _plain(status, _allowed(request) if status == 405 else None)

    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected failure", route=_route(request), error=type(error).__name__)
        return _plain(500)

    # Starlette types a handler by the base class; each is registered for the one class that it is given.
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(RequestValidationError, wrong_input)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)


def _wrong_input(errors: Sequence[Any]) -> JSONResponse:
    fields = [
        {"field": ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0]), "detail": str(error["msg"])}
        for error in errors
    ]
    return _invalid(fields)


def _unreadable() -> JSONResponse:
    return _invalid([{"field": "body", "detail": "The body is no JSON in UTF-8."}])


def _invalid(fields: Sequence[dict[str, str]]) -> JSONResponse:
    body = {
        "type": BASE + "invalid",
        "title": "Invalid",
        "status": 422,
        "detail": "The input does not fit this route.",
        "way_out": f"Correct the field{'s' if len(fields) > 1 else ''} named in `errors` and send it again.",
        "errors": fields,
    }
    return JSONResponse(body, 422, media_type=MEDIA_TYPE)


def _allowed(request: Request) -> dict[str, str]:
    """`Allow` with every method of the address: each of its routes knows its own only."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    methods = {
        method
        for route in iter_route_contexts(request.app.routes)
        if compile_path(route.path or "")[0].match(path)
        for method in getattr(route.original_route, "methods", None) or ()
    }
    return {"Allow": ", ".join(sorted(methods))}


def _plain(status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """`headers` are those that belong to the status: `Allow` of a 405."""
    slug, detail, way_out = {
        404: ("not-found", "Nothing is known under this address.", NotFound().way_out),
        405: ("method-not-allowed", "This address does not know that method.", "See the API's OpenAPI description."),
        413: ("too-large", "The request is too large.", "Send less than 1 MB; files go through the import."),
        500: (
            "unexpected",
            "Something went wrong on our side; nothing was changed.",
            "Try again. If it stays, tell the operator the time and what you did.",
        ),
    }.get(status, ("refused", "The request was refused.", "See the API's OpenAPI description."))
    body = {
        "type": BASE + slug,
        "title": slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "way_out": way_out,
    }
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def _route(request: Request) -> str:
    return getattr(request.scope.get("route"), "path", "unknown")
