"""Routes as the services' own OpenAPI tells them, and requests that fit them: so that no list can be forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from infra.onebox.layout import Box
from infra.story.cast import Person


@dataclass(frozen=True)
class Route:
    """One operation of one service."""

    service: str
    method: str
    path: str
    operation: dict[str, Any]
    schemas: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.service}{self.path}"

    @property
    def parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.operation.get("parameters", [])
        return found

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of the JSON body, if the route takes one."""
        content = self.operation.get("requestBody", {}).get("content", {})
        found: dict[str, Any] | None = content.get("application/json", {}).get("schema")
        return found

    @property
    def query(self) -> str:
        """What it can't be asked without, as the end of an address; empty if there is nothing."""
        needed = [one for one in self.parameters if one["in"] == "query" and one.get("required")]
        asked = [(one["name"], example(one["schema"], self.schemas, one["name"])) for one in needed]
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def needs_version(self) -> bool:
        return "428" in self.operation["responses"]


async def routes(box: Box, asker: Person) -> list[Route]:
    """All routes of all running services."""
    found = []
    for name in box.addresses:
        described = (await asker.http.get(f"{box.addresses[name]}/openapi.json")).raise_for_status().json()
        schemas = described.get("components", {}).get("schemas", {})
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                found.append(Route(name, method.upper(), path, operation, schemas))
    assert {route.service for route in found} == set(box.addresses), "every service was asked"
    return found


TEXTS: Final = {
    "recipient": "family-advice",
    "receiver": "family-advice",
    "programme": "talents-fast-track@1",
    "procedure": "talents-fast-track@1",
    "concept": "http://data.europa.eu/esco/skill/0",
    "occupation": "http://data.europa.eu/esco/occupation/0",
    "language": "de",
    "country": "DE",
    "status": "recognised-refugee",
    "reason": "a reason that is long enough",
    "text_version": "standard-1",
}
"""What a field of this name accepts where its pattern is more than a schema can be asked to invent."""


def example(schema: dict[str, Any], schemas: dict[str, Any], name: str = "") -> Any:
    """A smallest value that the schema accepts."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(next(s for s in schema[choice] if s.get("type") != "null"), schemas, name)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            some = {field: example(fields[field], schemas, field) for field in schema.get("required", [])}
            free = schema.get("additionalProperties")
            if isinstance(free, dict) and len(some) < schema.get("minProperties", 0):
                some["some skill"] = example(free, schemas)
            return some
        case "array":
            return [example(schema["items"], schemas, name) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0)) + ("exclusiveMinimum" in schema)
        case "boolean":
            return True
        case _:
            formats = {
                "uuid": "00000000-0000-4000-8000-000000000000",
                "date": "2026-12-01",
                "date-time": "2027-12-01T00:00:00Z",
            }
            text = formats.get(schema.get("format", ""), TEXTS.get(name, "text"))
            return text.ljust(schema.get("minLength", 0), "x")


def wrong_values(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """(what is wrong, a body with exactly that fault)"""
    good = example(schema, schemas)
    yield "not an object", "text"
    yield "unknown field", {**good, "shoe_size": 42}
    for field in good:
        yield f"{field} is missing", {name: value for name, value in good.items() if name != field}
        yield f"{field} is of a wrong type", {**good, field: {"a": ["b"]}}
