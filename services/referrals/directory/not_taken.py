"""What stands in an object of a directory file and in no entry of ours: named, never dropped in silence."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from services.referrals.directory.hsds import LocationSaid, Schedule, ServiceSaid


def without_nothing(data: Any) -> Any:
    """The data without what is null: exports write that for "not said"."""
    if isinstance(data, dict):
        return {key: without_nothing(value) for key, value in data.items() if value is not None}
    return [without_nothing(one) for one in data] if isinstance(data, list) else data


def not_taken(said: BaseModel) -> list[str]:
    """Names of the fields that stand there and that no entry of ours holds, such as `schedules.wkst`; each once."""
    return list(dict.fromkeys(_not_taken(said, "")))


def _not_taken(said: BaseModel, before: str) -> Iterator[str]:
    yield from (before + name for name in said.model_extra or ())
    for name in type(said).model_fields:
        value = getattr(said, name)
        for one in value if isinstance(value, list) else ():
            yield from _not_taken(one, f"{before}{name}.")
    if isinstance(said, LocationSaid) and said.latitude is not None and not said.on_earth:
        yield from ("latitude", "longitude")
    if isinstance(said, ServiceSaid):
        yield from (f"{name}[1:]" for name in ("contacts", "phones") if len(getattr(said, name)) > 1)
        if said.contacts and said.phones:
            yield "phones"
        if any(len(one.phones) > 1 for one in said.contacts):
            yield "contacts.phones[1:]"
    if isinstance(said, Schedule) and said.byday and said.bymonthday:
        yield before + "bymonthday"
