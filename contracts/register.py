"""The register of facts: reads `facts.yaml` and holds it against the events themselves.

Knows what is written and what is published, not who handles what: a test brings the services and asks `used`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from contracts.catalogue import FACTS
from contracts.envelope import Envelope, Fact
from contracts.topics import SERVICES
from contracts.vocabulary import Category
from contracts.yaml_file import FileError, Part, Problem, Whole, read

FILE: Final = Path(__file__).parent / "facts.yaml"
FREE_TEXTS: Final = ("Amal has two children, and no day care.", "amal.h@example.org", "+49 170 1234567", "حنان")
"""What no pattern of a field may let through."""


class RegisterError(FileError):
    """A mistake in the register."""


class Kind(StrEnum):
    """What a field is where it belongs to no category that a grant opens."""

    IDENTIFIER = "identifier"
    ORGANISATION = "organisation"
    PROCESS = "process"
    TIME = "time"


class Granularity(StrEnum):
    """How fine a value is."""

    ONE_PERSON = "one-person"
    ONE_MEMBER_OF_STAFF = "one-member-of-staff"
    ONE_ORGANISATION = "one-organisation"
    ONE_RECORD = "one-record"
    ONE_EVENT = "one-event"
    MOMENT = "moment"
    DAY = "day"
    CODE = "code"
    CONCEPT = "concept"
    LEVEL = "level"
    COUNT = "count"
    YES_NO = "yes-no"


class Entry(Part):
    """One field. Without `consumers` it has those of its event."""

    category: Category | Kind
    granularity: Granularity
    purpose: str = Field(pattern=r"^[A-Z].{14,}\.$")
    consumers: tuple[str, ...] | None = None
    codes: str | None = None
    """Where the list of words lies, for a field whose type is `Code`."""


class FactEntry(Part):
    """One event: its own fields beside those of its family; nested ones as `skills.level`."""

    family: str | None = None
    consumers: tuple[str, ...]
    fields: dict[str, Entry]


class Register(Whole):
    """The whole file."""

    envelope: dict[str, Entry]
    families: dict[str, dict[str, Entry]]
    facts: dict[str, FactEntry]

    def problems(self) -> Iterable[Problem]:
        """References into nothing, and words that no service has."""
        for name, fact in self.facts.items():
            if fact.family is not None and fact.family not in self.families:
                yield Problem(("facts", name, "family"), f"there is no family {fact.family!r}")
            if unknown := set(fact.consumers) - set(SERVICES):
                yield Problem(("facts", name, "consumers"), f"there is no service {sorted(unknown)}")
            for field, entry in fact.fields.items():
                if unknown := set(entry.consumers or ()) - set(SERVICES):
                    yield Problem(("facts", name, "fields", field), f"there is no service {sorted(unknown)}")
        for unused in self.families.keys() - {fact.family for fact in self.facts.values()}:
            yield Problem(("families", unused), "no event belongs to this family")

    def fields_of(self, fact: type[Fact]) -> Mapping[str, Entry]:
        """Every registered field of an event, the family's first; empty if the event is not registered."""
        entry = self.facts.get(name(fact))
        if entry is None:
            return {}
        family = self.families[entry.family] if entry.family else {}
        return {**family, **entry.fields}

    def consumers(self, fact: type[Fact], field: str) -> frozenset[str]:
        """The services that may use a field of an event. Raises KeyError for an unregistered one."""
        own = self.fields_of(fact)[field].consumers
        return frozenset(self.facts[name(fact)].consumers if own is None else own)

    def used(self, fact: type[Fact], service: str) -> frozenset[str]:
        """The fields of an event that `service` may use."""
        return frozenset(field for field in self.fields_of(fact) if service in self.consumers(fact, field))


@cache
def load(path: Path = FILE) -> Register:
    """The register, checked in itself. Raises `RegisterError` naming file, line and field."""
    return read(path, Register, RegisterError)


def name(fact: type[Fact]) -> str:
    """How the register names an event: type@version."""
    return f"{fact.TYPE}@{fact.VERSION}"


def faults(register: Register, facts: Sequence[type[Fact]] = FACTS) -> list[str]:
    """Where the register and the events disagree, one sentence each; empty if they agree."""
    found = [f"{left}: there is no such event" for left in sorted(register.facts.keys() - set(map(name, facts)))]
    for fact in facts:
        if name(fact) not in register.facts:
            found.append(f"{name(fact)}: the event is not registered")
            continue
        found += [f"{name(fact)}.{field}: {what}" for field, what in _disagreements(register, fact)]
    attributes = set(Envelope.model_fields) - {"data"}
    found += [f"envelope.{field}: not registered" for field in sorted(attributes - register.envelope.keys())]
    found += [
        f"envelope.{field}: there is no such attribute" for field in sorted(register.envelope.keys() - attributes)
    ]
    return found


def _disagreements(register: Register, fact: type[Fact]) -> Iterator[tuple[str, str]]:
    leaves = {leaf.path: leaf for leaf in leaves_of(fact)}
    registered = register.fields_of(fact)
    for field in sorted(leaves.keys() - registered.keys()):
        yield field, "not registered"
    for field in sorted(registered.keys() - leaves.keys()):
        yield field, "there is no such field"
    readers = {reader for topic in fact.TOPICS for reader in topic.readers}
    for field in sorted(leaves.keys() & registered.keys()):
        if strangers := register.consumers(fact, field) - readers:
            yield field, f"{', '.join(sorted(strangers))} may not read {' or '.join(t.name for t in fact.TOPICS)}"
        listed = registered[field].codes is not None or registered[field].category is Kind.ORGANISATION
        if leaves[field].open_word and not listed:
            yield field, "a short word without a closed list: say under `codes` where the list lies"
        if leaves[field].free_text:
            yield field, "free text could hide here: give it a closed list or a pattern"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that holds a value, found in the event's JSON Schema."""

    path: str
    schemas: tuple[Mapping[str, Any], ...]
    """What a value may be, one for each alternative."""

    @property
    def _words(self) -> list[Mapping[str, Any]]:
        return [s for s in self.schemas if s.get("type") == "string" and not s.keys() & {"enum", "const", "format"}]

    @property
    def free_text(self) -> bool:
        """A sentence, an address or a name would be let through; so would any object, or anything without a type."""
        if any(s.get("type", "object") == "object" and not s.keys() & {"enum", "const"} for s in self.schemas):
            return True
        return any("pattern" not in s or any(re.search(s["pattern"], text) for text in FREE_TEXTS) for s in self._words)

    @property
    def open_word(self) -> bool:
        """Any short word is let through: the list of them lies elsewhere. Names of agencies are the region's own."""
        return any(re.search(s.get("pattern", ""), "any-word") for s in self._words)


def leaves_of(fact: type[Fact]) -> list[Leaf]:
    """Every field of an event that holds a value, those of its parts with a dotted path."""
    schema = fact.model_json_schema()
    return list(_leaves(schema, schema.get("$defs", {}), ""))


def _leaves(schema: Mapping[str, Any], parts: Mapping[str, Any], path: str) -> Iterator[Leaf]:
    alternatives = tuple(_alternatives(schema, parts))
    inner = [one for one in alternatives if one.get("type") == "object" and "properties" in one]
    for one in inner:
        for field, below in one["properties"].items():
            yield from _leaves(below, parts, f"{path}.{field}" if path else field)
    values = tuple(one for one in alternatives if one not in inner)
    if values:
        yield Leaf(path, values)


def _alternatives(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a value may be: references followed, lists opened, null left out."""
    if "$ref" in schema:
        yield from _alternatives(parts[schema["$ref"].rpartition("/")[2]], parts)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _alternatives(one, parts)
    elif schema.get("type") == "array" and "items" in schema:
        yield from _alternatives(schema["items"], parts)
    elif schema.get("type") != "null":
        yield schema
