"""A service's API in words: which route asks for which right, and OpenAPI with what the edge adds to every route.

Only reads what routes declare; nothing here answers a request.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from infra.chassis.idempotency import LONGEST_KEY

ACTION: Final = "x-lotse-action"
"""Extension of an operation: the action of `contracts/policy` that it asks for."""

MACHINERY: Final = "/v1/operations"
"""What operators see rests on no grant."""

_STALE: Final = {
    "description": "`grants-stale`: for some time nothing was heard of the grant on which this rests; try again",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_WITHHELD: Final = {
    "description": "`grants-stale`: for now, what rests on other agencies' grants is missing from this answer.",
    "schema": {"type": "string"},
}
_TOKEN: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token of the region's OpenID Connect issuer.",
}
_REPEATABLE: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
    "description": "Chosen by the caller: the same key and body again give the first answer again and act once.",
}
_VERSION: Final = {
    "required": True,
    "schema": {"type": "string", "pattern": '^(W/)?"?[0-9]{1,12}"?$'},
    "description": "The ETag of what was read; without it 428, with an older one 412.",
}


def routes_of(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, BaseRoute]]:
    """(path, route) of every route of an app, those of included routers, too."""
    for context in iter_route_contexts(routes):
        yield context.path or "", context.original_route


def action_of(route: APIRoute) -> str | None:
    """The action that a route declares through `may(...)`, or None."""
    return _action(route.dependant)


def _action(dependant: Dependant) -> str | None:
    found = getattr(dependant.call, "__lotse_action__", None)
    return found or next(filter(None, map(_action, dependant.dependencies)), None)


def with_edge(openapi: dict[str, Any], routes: Sequence[BaseRoute], *, rests_on_others: bool) -> dict[str, Any]:
    """The OpenAPI document, completed: the token, the action per operation, `Idempotency-Key` on every POST.

    `rests_on_others`: the service knows grants by hearsay, so that its knowledge of them can be too old.
    """
    openapi = _named_by_capability(openapi)
    openapi.setdefault("components", {}).setdefault("securitySchemes", {})["token"] = _TOKEN
    openapi["security"] = [{"token": []}]
    for path, route in routes_of(routes):
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        for method in route.methods or ():
            operation = openapi["paths"][path][method.lower()]
            operation[ACTION] = action_of(route)
            if rests_on_others and not path.startswith(MACHINERY):
                _may_be_stale(operation)
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "if-match":
                    parameter.update(_VERSION)
            if method == "POST":
                operation.setdefault("parameters", []).append(_REPEATABLE)
    return openapi


def _named_by_capability(openapi: dict[str, Any]) -> dict[str, Any]:
    """Where two capabilities use one name, the capability's stands before it.

    FastAPI would put the file's path there: moving code within a capability would change the contract.
    """
    text = json.dumps(openapi)
    for long in (name for name in openapi.get("components", {}).get("schemas", {}) if "__" in name):
        place, _, name = long.rpartition("__")
        capability = place.split("__")[2]  # services__intake__participant__..., infra__chassis__lanes
        short = capability.title().replace("_", "") + name
        text = text.replace(f'"{long}"', f'"{short}"').replace(f'/schemas/{long}"', f'/schemas/{short}"')
    found: dict[str, Any] = json.loads(text)
    return found


def _may_be_stale(operation: dict[str, Any]) -> None:
    operation["responses"]["503"] = _STALE
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            answer.setdefault("headers", {})["Lotse-Withheld"] = _WITHHELD
