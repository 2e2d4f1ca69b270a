"""Taking a directory file (HSDS 3) to referrals: its objects one by one, whatever they are nested in, and their report.

A file holds one object, a list, a page of an API (`contents`), several lists by name (`organizations`, `services` ...),
or one object per line. It is read to its end before anything is sent. Knows the shape of HSDS, no rule.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from infra.importing.encoding import BROKEN, decoded
from infra.importing.participants import language_code
from infra.importing.table import MOST_ROWS, Unreadable, Wrong, whole

PATH: Final = "/v1/imports/directory"
BATCH: Final = 50
LARGEST_BATCH: Final = 500_000
"""Characters; a service takes no body of a megabyte."""
ORDER: Final = ("organization", "location", "service")
LISTS: Final = {"organizations": "organization", "locations": "location", "services": "service"}
NEED_TAXONOMY: Final = "lotse-need"
"""A term of this taxonomy says for which need a service helps."""

Call = Callable[[dict[str, Any]], Awaitable[Any]]
"""Sends a batch to referrals and gives the body of its answer."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the file. `place` says where it stands: `services[2].organization`, or `line 7`.

    `brief`: what is nested in another object, or listed on a page without its parts, says less than it could.
    """

    row: int
    place: str
    kind: str
    data: Mapping[str, Any]
    brief: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, str(self.data.get("id", self.place))


@dataclass(frozen=True, slots=True)
class Directory:
    """A file that was read: its objects, each once, and what is wrong with what is none."""

    objects: tuple[Found, ...]
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Became:
    """What became of an object; `outcome` is referrals' word."""

    found: Found
    outcome: str
    wrong: tuple[Wrong, ...]
    not_taken: tuple[str, ...]


def read_directory(file: Path) -> Directory:
    """Raises `Unreadable` with what to do; for broken JSON with its line and column."""
    text, _ = decoded(whole(file))
    if BROKEN.search(text):
        line = text[: next(BROKEN.finditer(text)).start()].count("\n") + 1
        way_out = f"Save it as UTF-8; look at line {line}. Nothing was sent."
        raise Unreadable("A letter was broken when the file was saved.", way_out=way_out, field="file")
    wrong: list[Wrong] = []
    try:
        tops = [("", json.loads(text))]
    except (ValueError, RecursionError) as broken:
        tops = list(_lines(text, wrong))
        if not tops or len(wrong) >= len(tops):
            raise _no_json(broken) from broken
    found: dict[tuple[str, str], Found] = {}
    for place, top in tops:
        for one in _objects(place, top, wrong):
            _add(found, replace(one, row=len(found) + 1), wrong)
    if not found and not wrong:
        raise Unreadable("The file holds no object of HSDS.", way_out="See docs/imports.md.", field="file")
    if len(found) > MOST_ROWS:
        raise Unreadable(f"The file has {len(found):,} objects.", way_out="Split it.", field="file")
    return Directory(tuple(found.values()), tuple(wrong))


def _no_json(broken: Exception) -> Unreadable:
    at = f" at line {broken.lineno}, column {broken.colno}" if isinstance(broken, json.JSONDecodeError) else ""
    way_out = "Mend it there, or export it again: perhaps the end is missing. Nothing was sent."
    return Unreadable(f"The file is no JSON{at}.", way_out=way_out, field="file")


def _lines(text: str, wrong: list[Wrong]) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except (ValueError, RecursionError):
            wrong.append(Wrong(number, f"line {number}", "This line is no JSON object.", "Write one object per line."))


def _objects(place: str, value: Any, wrong: list[Wrong], kind: str | None = None) -> Iterator[Found]:
    """All objects within a value, in the order in which they stand there."""
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _objects(f"{place}[{number}]", one, wrong, kind)
        return
    if not isinstance(value, dict):
        what = "This is no object."
        wrong.append(
            Wrong(0, place or "file", what, "Leave it out, or write an organization, a service or a location.")
        )
        return
    if kind is None and "contents" in value:
        for one in _objects(_at(place, "contents"), value["contents"], wrong):
            yield replace(one, brief=one.brief or not any(isinstance(part, list) for part in one.data.values()))
        return
    lists = [name for name in LISTS if isinstance(value.get(name), list)]
    if kind is None and lists and "id" not in value:
        for name in lists:
            yield from _objects(_at(place, name), value[name], wrong, LISTS[name])
        for name in value.keys() - LISTS.keys():
            wrong.append(Wrong(0, _at(place, name), "This list is not taken.", "Nest it in the objects it belongs to."))
        return
    match kind or _kind(value):
        case "organization":
            yield from _organisation(place, value, wrong)
        case "location":
            yield Found(0, place, "location", _spoken(value))
        case "service":
            yield from _service(place, value, wrong)
        case "service_at_location":
            yield from _at_location(place, value, wrong)
        case _:
            what = "This is neither an organization nor a service nor a location."
            wrong.append(Wrong(0, place or "file", what, "Leave it out: nothing else is taken in by itself."))


def _kind(value: Mapping[str, Any]) -> str | None:
    """What an object is, by the fields that only it has."""
    if "location_type" in value:
        return "location"
    if "status" in value:
        return "service"
    if isinstance(value.get("service"), dict) or {"service_id", "location_id"} <= value.keys():
        return "service_at_location"
    return "organization" if "name" in value and "taxonomy" not in value else None


def _organisation(place: str, value: Mapping[str, Any], wrong: list[Wrong], *, brief: bool = False) -> Iterator[Found]:
    own = {name: one for name, one in value.items() if name not in ("services", "locations")}
    yield Found(0, place, "organization", own, brief)
    yield from _objects(_at(place, "locations"), value.get("locations") or [], wrong, "location")
    for number, one in enumerate(value.get("services") or []):
        within = {"organization_id": value.get("id"), **one} if isinstance(one, dict) else one
        yield from _objects(f"{_at(place, 'services')}[{number}]", within, wrong, "service")


def _service(place: str, value: Mapping[str, Any], wrong: list[Wrong]) -> Iterator[Found]:
    own = dict(_spoken(value))
    if isinstance(organisation := own.pop("organization", None), dict):
        yield from _organisation(_at(place, "organization"), organisation, wrong, brief=True)
        own.setdefault("organization_id", organisation.get("id"))
    links = []
    for number, link in enumerate(own.pop("service_at_locations", None) or []):
        if isinstance(link, dict) and isinstance(location := link.get("location"), dict):
            yield Found(0, f"{_at(place, 'service_at_locations')}[{number}].location", "location", _spoken(location))
            link = {**link, "location_id": location.get("id")}
            del link["location"]
        links.append(link)
    if links:
        own["service_at_locations"] = links
    yield Found(0, place, "service", own)


def _at_location(place: str, value: Mapping[str, Any], wrong: list[Wrong]) -> Iterator[Found]:
    """The service with this place."""
    service = value.get("service")
    if not isinstance(service, dict):
        what = "This link of a service and a place names a service that is not in it."
        wrong.append(Wrong(0, place or "file", what, "Nest it in its service, as service_at_locations."))
        return
    link = {name: one for name, one in value.items() if name != "service"}
    links = [*(service.get("service_at_locations") or []), link]
    yield from _service(_at(place, "service"), {**service, "service_at_locations": links}, wrong)


def _spoken(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object; languages without a code get that of their name, if it is one in English or German."""
    if not isinstance(value.get("languages"), list):
        return value
    languages = [
        {**one, "code": language_code(str(one["name"]))}
        if isinstance(one, dict) and not one.get("code") and one.get("name")
        else one
        for one in value["languages"]
    ]
    return {**value, "languages": languages}


def _add(found: dict[tuple[str, str], Found], one: Found, wrong: list[Wrong]) -> None:
    """The same object may stand in many places; what stands there in full says more than what is nested."""
    before = found.get(one.key)
    if before is None or (before.brief and not one.brief):
        found[one.key] = replace(one, row=before.row) if before else one
    elif not one.brief and before.data != one.data:
        what = f"The same id stands at {before.place or 'the top'}, and says something else."
        wrong.append(Wrong(before.row, one.place, what, "Leave one of the two out; the first was taken."))


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def need_of(data: Mapping[str, Any], needs: Mapping[str, str], need: str | None) -> str | None:
    """What a service helps with: said for it by id or name, by a term of its own, or for the whole file."""
    for said in map(str, (data.get("id"), data.get("name"))):
        if said in needs:
            return needs[said]
    for attribute in data.get("attributes") or ():
        term = attribute.get("taxonomy_term") if isinstance(attribute, dict) else None
        if isinstance(term, dict):
            if term.get("taxonomy") == NEED_TAXONOMY:
                return str(term.get("code"))
            for said in map(str, (term.get("code"), term.get("name"))):
                if said in needs:
                    return needs[said]
    return need


async def send(
    directory: Directory, call: Call, *, needs: Mapping[str, str], need: str | None, trial: bool
) -> AsyncIterator[list[Became]]:
    """What became of the objects, batch after batch: organisations and locations first, then services."""
    for batch in _batches(directory.objects):
        objects = [
            {"row": one.row, "kind": one.kind, "data": one.data, "brief": one.brief}
            | ({"need": need_of(one.data, needs, need)} if one.kind == "service" else {})
            for one in batch
        ]
        answer = await call({"objects": objects, "trial": trial})
        yield [_became(one, said) for one, said in zip(batch, answer["objects"], strict=True)]


def _batches(objects: Sequence[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for one in sorted(objects, key=lambda one: ORDER.index(one.kind)):
        more = len(json.dumps(one.data))
        if batch and (len(batch) == BATCH or size + more > LARGEST_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += more
    if batch:
        yield batch


def _became(found: Found, answer: dict[str, Any]) -> Became:
    wrong = tuple(
        Wrong(found.row, _at(found.place, one["column"]), one["what"], one["way_out"]) for one in answer["faults"]
    )
    return Became(found, answer["outcome"], wrong, tuple(answer["not_taken"]))
