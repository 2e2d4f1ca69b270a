"""May this schema follow that one under the same version? Compares what is published today with the last release.

Both directions count. The archive is read again for years, so today's code must read yesterday's events; and while a
region is upgraded, service by service, yesterday's code must read today's. What is not allowed here gets a new version
of the fact: an unknown version waits for the upgrade, a value nobody knows would be parked.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

CHANNEL: Final = "x-lotse-channel"
"""Keyword of our schemas: key field and topics, with their number of partitions."""

_ABOUT_VALUES: Final = (
    "const", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
)  # fmt: skip

Schemas = Mapping[str, Mapping[str, Any]]
"""Path below `schemas/`, e.g. `intake/grant-given.1.json` -> JSON Schema."""


def last_release(folder: Path) -> Path | None:
    """The newest release kept in a folder of releases, by number; None before the first."""
    releases = [kept for kept in folder.iterdir() if kept.is_dir()] if folder.is_dir() else []
    return max(releases, key=lambda kept: [int(part) for part in kept.name.split(".")], default=None)


def read_schemas(folder: Path) -> dict[str, dict[str, Any]]:
    """All schemas below a folder."""
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))
    }


def breaks(released: Schemas, today: Schemas) -> list[str]:
    """What may not be done without a new version, one sentence each; empty if everything may."""
    found = []
    for name, before in released.items():
        after = today.get(name)
        if after is None:
            found.append(f"{name}: was published and is gone; old events could no longer be read")
            continue
        if before.get(CHANNEL) != after.get(CHANNEL):
            found.append(f"{name}: key, topics or partitions changed; the order of events would be lost")
        found += [f"{name}: {what}" for what in _compare(_whole(before), _whole(after), "the fact")]
    return found


def _compare(before: Mapping[str, Any], after: Mapping[str, Any], at: str) -> Iterator[str]:
    if "anyOf" in before or "anyOf" in after:
        yield from _alternatives(before.get("anyOf", [before]), after.get("anyOf", [after]), at)
        return
    if before.get("type") != after.get("type"):
        yield f"{at} was {before.get('type')} and is {after.get('type')}"
        return
    if ("enum" in before) != ("enum" in after):
        yield f"{at} had a closed list of words, or has one now"
    if gone := _words(before) - _words(after):
        yield f"{at} no longer knows {', '.join(sorted(gone))}, which archived events hold"
    if ("enum" in before) and (fresh := _words(after) - _words(before)):
        yield f"{at} has the new word {', '.join(sorted(fresh))}, which services of the last release would park"
    if changed := [keyword for keyword in _ABOUT_VALUES if before.get(keyword) != after.get(keyword)]:
        yield f"{at} has other rules for its values ({', '.join(changed)})"
    if "items" in before or "items" in after:
        yield from _compare(before.get("items", {}), after.get("items", {}), f"an item of {at}")
    yield from _fields(before, after, at)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], at: str) -> Iterator[str]:
    old, new = before.get("properties", {}), after.get("properties", {})
    needed_before, needed_now = set(before.get("required", ())), set(after.get("required", ()))
    for field in old:
        if field not in new:
            yield f"{at} lost the field {field}"
        elif field in needed_now - needed_before:
            yield f"{at} now needs {field}, which archived events may lack"
        elif field in needed_before - needed_now:
            yield f"{at} may now lack {field}, which services of the last release need"
        else:
            yield from _compare(old[field], new[field], field)
    for field in sorted((new.keys() - old.keys()) & needed_now):
        yield f"{at} needs the new field {field}, which archived events lack; give it a default"


def _alternatives(before: list[Any], after: list[Any], at: str) -> Iterator[str]:
    if [one.get("type") for one in before] != [one.get("type") for one in after]:
        yield f"{at} can be something else than before"
        return
    for one, other in zip(before, after, strict=True):
        yield from _compare(one, other, at)


def _words(schema: Mapping[str, Any]) -> set[str]:
    return set(map(str, schema.get("enum", ())))


def _whole(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with its references put in place; our facts don't refer to themselves."""
    parts = schema.get("$defs", {})

    def put_in(one: Any) -> Any:
        if isinstance(one, dict):
            if "$ref" in one:
                return put_in(parts[one["$ref"].rpartition("/")[2]])
            return {key: put_in(value) for key, value in one.items() if key != "$defs"}
        return [put_in(item) for item in one] if isinstance(one, list) else one

    whole: Mapping[str, Any] = put_in(schema)
    return whole
