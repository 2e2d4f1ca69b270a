"""Can services of the last release and of today read each other's events? Pairs are made up."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contracts.compatibility import CHANNEL, breaks, last_release, read_schemas
from infra import contract_documents

RELEASED = contract_documents.ROOT / "contracts/released"
NAME = "intake/visit-noted.1.json"
SCHEMA: dict[str, Any] = {
    CHANNEL: {"key": "participant", "topics": {"lotse.intake": 12}},
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "participant": {"type": "string", "format": "uuid"},
        "why": {"$ref": "#/$defs/Why"},
        "days": {"type": "array", "items": {"$ref": "#/$defs/Day"}},
        "place": {"anyOf": [{"type": "string", "pattern": "^[a-z]+$"}, {"type": "null"}]},
    },
    "required": ["at", "participant", "why", "days"],
    "$defs": {
        "Why": {"type": "string", "enum": ["advice", "form", "language"]},
        "Day": {"type": "object", "properties": {"on": {"type": "string", "format": "date"}}, "required": ["on"]},
    },
}


def after(change: str) -> list[str]:
    """What the comparison says of a change to the schema, written as Python on `s`."""
    changed = deepcopy(SCHEMA)
    exec(change, {"s": changed, "p": changed["properties"]})  # noqa: S102 - the lines below and no others
    return [found.removeprefix(f"{NAME}: ") for found in breaks({NAME: SCHEMA}, {NAME: changed})]


def test_todays_schemas_keep_what_the_last_release_promised() -> None:
    newest = last_release(RELEASED)
    released = read_schemas(newest / "schemas") if newest else {}

    assert breaks(released, read_schemas(contract_documents.ROOT / "contracts/schemas")) == []


@pytest.mark.parametrize(
    "change",
    [
        "pass",
        "p['weather'] = {'type': 'string'}",
        "s['$defs']['Day']['properties']['from'] = {'type': 'string'}",
        "s['title'] = s['description'] = 'said better'",
    ],
)
def test_what_may_be_done_under_the_same_version(change: str) -> None:
    assert after(change) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("del p['place']", "the fact lost the field place"),
        ("s['required'].append('place')", "the fact now needs place, which archived events may lack"),
        ("s['required'].remove('why')", "the fact may now lack why, which services of the last release need"),
        (
            "p['mood'] = {'type': 'string'}; s['required'].append('mood')",
            "the fact needs the new field mood, which archived events lack; give it a default",
        ),
        ("s['$defs']['Why']['enum'].remove('form')", "why no longer knows form, which archived events hold"),
        (
            "s['$defs']['Why']['enum'].append('job')",
            "why has the new word job, which services of the last release would park",
        ),
        ("p['why'] = {'type': 'string'}", "why had a closed list of words, or has one now"),
        ("p['at']['format'] = 'date'", "at has other rules for its values (format)"),
        ("p['participant'] = {'type': 'integer'}", "participant was string and is integer"),
        ("del s['$defs']['Day']['properties']['on']", "an item of days lost the field on"),
        ("p['place'] = p['place']['anyOf'][0]", "place can be something else than before"),
        ("p['place']['anyOf'][0]['pattern'] = '^[a-z]{3}$'", "place has other rules for its values (pattern)"),
        (
            f"s['{CHANNEL}']['key'] = 'at'",
            "key, topics or partitions changed; the order of events would be lost",
        ),
        (
            f"s['{CHANNEL}']['topics'] = {{'lotse.intake.care': 12}}",
            "key, topics or partitions changed; the order of events would be lost",
        ),
    ],
)
def test_what_needs_a_new_version(change: str, said: str) -> None:
    assert said in after(change)


def test_a_fact_that_was_published_does_not_disappear() -> None:
    assert breaks({NAME: SCHEMA}, {}) == [f"{NAME}: was published and is gone; old events could no longer be read"]
    assert breaks({NAME: SCHEMA}, {NAME: SCHEMA, "intake/visit-noted.2.json": {}}) == []


def test_the_newest_release_counts_by_number(tmp_path: Path) -> None:
    assert last_release(tmp_path / "nowhere") is None
    (tmp_path / "README.md").write_text("no release")
    assert last_release(tmp_path) is None

    for version in ("1.9.0", "1.10.0", "0.20.5"):
        (tmp_path / version).mkdir()

    assert last_release(tmp_path) == tmp_path / "1.10.0"


def test_a_release_is_kept_once_and_as_it_was(tmp_path: Path) -> None:
    contract_documents.write(tmp_path)

    kept = contract_documents.keep("1.0.0", tmp_path)

    assert last_release(tmp_path / "contracts/released") == kept.parent
    assert read_schemas(kept) == read_schemas(tmp_path / "contracts/schemas")
    with pytest.raises(FileExistsError):
        contract_documents.keep("1.0.0", tmp_path)
