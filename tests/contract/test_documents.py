"""Are the generated contracts current, sound and complete? An outsider has nothing but these files."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import Phase, find, settings
from referencing import Registry, Resource

from contracts.catalogue import FACTS
from contracts.envelope import dataschema
from contracts.topics import TOPICS
from infra import contract_documents
from infra.chassis.service import Service
from infra.onebox.services import all_services
from tests.support.facts import data, enveloped

CONTRACTS = contract_documents.ROOT / "contracts"

ASYNCAPI: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["asyncapi", "info", "servers", "channels", "operations", "components"],
    "propertyNames": {"pattern": "^(asyncapi|id|info|servers|defaultContentType|channels|operations|components|x-.+)$"},
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"required": ["title", "version"]},
        "servers": {"additionalProperties": {"required": ["host", "protocol"]}},
        "channels": {
            "additionalProperties": {
                "required": ["address", "messages"],
                "properties": {
                    "messages": {"additionalProperties": {"$ref": "#/$defs/reference"}},
                    "servers": {"items": {"$ref": "#/$defs/reference"}},
                    "bindings": {
                        "properties": {
                            "kafka": {
                                "propertyNames": {
                                    "enum": ["topic", "partitions", "replicas", "topicConfiguration", "bindingVersion"]
                                },
                                "properties": {"partitions": {"type": "integer", "minimum": 1}},
                            }
                        }
                    },
                },
            }
        },
        "operations": {
            "additionalProperties": {
                "required": ["action", "channel"],
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "channel": {"$ref": "#/$defs/reference"},
                },
            }
        },
        "components": {
            "properties": {
                "messages": {
                    "propertyNames": {"pattern": r"^[\w.\-]+$"},
                    "additionalProperties": {
                        "required": ["name", "contentType", "headers", "payload"],
                        "properties": {"payload": {"required": ["schemaFormat", "schema"]}},
                    },
                }
            }
        },
    },
    "$defs": {
        "reference": {
            "type": "object",
            "required": ["$ref"],
            "properties": {"$ref": {"pattern": "^#/"}},
            "additionalProperties": False,
        }
    },
}
"""What of the AsyncAPI 3.0.0 specification matters here: the shape of its root, channels, operations and messages."""


def faults_of_asyncapi(document: dict[str, Any]) -> list[str]:
    """Departures from that shape, and references into nothing."""
    shape = [error.message for error in jsonschema.Draft202012Validator(ASYNCAPI).iter_errors(document)]
    return [*shape, *(f"{to} leads nowhere" for to in references(document) if not leads_somewhere(document, to))]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return here + [found for value in part.values() for found in references(value)]
    return [found for item in part for found in references(item)] if isinstance(part, list) else []


def leads_somewhere(document: Any, to: str) -> bool:
    file, _, pointer = to.partition("#")
    if file:
        return (CONTRACTS / file).is_file()
    for step in pointer.split("/")[1:]:
        if step == "$defs" and isinstance(document, dict) and "$defs" not in document:
            return True  # inside the envelope's own schema, which brings its parts along
        document = document.get(step)
        if document is None:
            return False
    return True


def asyncapi() -> dict[str, Any]:
    return deepcopy(_asyncapi())


@cache
def _asyncapi() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((CONTRACTS / "asyncapi.yaml").read_text(), yaml.CSafeLoader)
    return loaded


def test_the_committed_files_are_what_the_code_says() -> None:
    assert contract_documents.difference() == [], "run `lotse contracts` and commit the result"


def test_a_stale_a_missing_and_a_left_over_file_are_found(tmp_path: Path) -> None:
    contract_documents.write(tmp_path)
    assert contract_documents.difference(tmp_path) == []

    schemas = tmp_path / "contracts/schemas/intake"
    (schemas / "grant-given.1.json").write_text("{}\n")
    (schemas / "grant-ended.1.json").unlink()
    (schemas / "of-old.1.json").write_text("{}\n")

    assert contract_documents.difference(tmp_path) == [
        "contracts/schemas/intake/grant-ended.1.json",
        "contracts/schemas/intake/grant-given.1.json",
        "contracts/schemas/intake/of-old.1.json",
    ]
    contract_documents.write(tmp_path)
    assert contract_documents.difference(tmp_path) == []


def test_the_same_code_gives_the_same_bytes() -> None:
    assert contract_documents.documents() == contract_documents.documents()


@pytest.mark.parametrize("fact", FACTS, ids=[fact.__name__ for fact in FACTS])
def test_every_schema_is_one_and_is_named_by_its_events(fact: Any) -> None:
    schema = json.loads((CONTRACTS / "schemas" / contract_documents.schema_file(fact)).read_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == dataschema(fact)


def test_the_topics_file_is_asyncapi() -> None:
    assert faults_of_asyncapi(asyncapi()) == []


def test_a_fault_in_the_topics_file_is_found() -> None:
    lost, shapeless = asyncapi(), asyncapi()
    lost["operations"]["intake-sends-lotse.intake"]["channel"]["$ref"] = "#/channels/lotse.nowhere"
    del shapeless["channels"]["lotse.intake"]["address"]

    assert faults_of_asyncapi(lost) == ["#/channels/lotse.nowhere leads nowhere"]
    assert faults_of_asyncapi(shapeless) == ["'address' is a required property"]


def test_every_topic_is_described_with_who_writes_and_who_reads_it() -> None:
    document = asyncapi()
    said = {(at["action"], name) for name, at in document["operations"].items()}

    assert document["channels"].keys() == {topic.name for topic in TOPICS}
    assert said == {("send", f"{topic.publisher}-sends-{topic.name}") for topic in TOPICS} | {
        ("receive", f"{reader}-receives-{topic.name}") for topic in TOPICS for reader in topic.readers
    }


@pytest.mark.parametrize("fact", FACTS, ids=[fact.__name__ for fact in FACTS])
def test_a_message_fits_the_payload_that_the_topics_file_describes(fact: Any) -> None:
    document = asyncapi()
    payload = document["components"]["messages"][f"{fact.TYPE}.{fact.VERSION}"]["payload"]["schema"]
    schema = json.loads((CONTRACTS / "schemas" / contract_documents.schema_file(fact)).read_text())
    [to] = [to for to in references(payload["properties"]["data"])]
    whole = {
        "$id": "urn:lotse:test",
        **payload,
        "allOf": [document["components"]["schemas"]["Envelope"]["schema"]],
        "properties": {**payload["properties"], "data": {"$ref": schema["$id"]}},
    }
    known: Registry[Any] = Registry().with_resource(schema["$id"], Resource.from_contents(schema))
    message = json.loads(enveloped(fact.model_validate(example(schema))).to_bytes())
    validator = jsonschema.Draft202012Validator(whole, registry=known)

    validator.validate(message)
    assert to == f"schemas/{contract_documents.schema_file(fact)}"
    assert not validator.is_valid({**message, "type": "lotse.intake.something-else"})
    assert not validator.is_valid({**message, "data": {}})


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_every_operation_of_an_api_says_which_right_it_needs(service: Service) -> None:
    document = json.loads((CONTRACTS / f"openapi/{service.name}.json").read_text())
    operations = {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }

    assert document["openapi"].startswith("3.1")
    assert [name for name, operation in operations.items() if not operation.get("x-lotse-action")] == []
    assert [name for name, operation in operations.items() if not operation.get("summary")] == []
    assert [to for to in references(document) if not leads_somewhere(document, to)] == []
    assert [name for name in document["components"]["schemas"] if "__" in name] == [], "they would tell where code lies"


def example(schema: dict[str, Any]) -> Any:
    """One value that the schema allows."""
    return find(data(schema), lambda _: True, settings=settings(database=None, phases=[Phase.generate]))


def bodies() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """(route, the schema of its JSON body, the document) of every service."""
    for service in all_services():
        document = json.loads((CONTRACTS / f"openapi/{service.name}.json").read_text())
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                media = operation.get("requestBody", {}).get("content", {}).get("application/json")
                if media is not None:
                    yield f"{service.name} {method} {path}", media["schema"], document


def test_every_body_has_an_example_that_fits_its_schema() -> None:
    without, wrong = [], []
    for route, schema, document in bodies():
        names = [to.rpartition("/")[2] for to in references(schema)]
        examples = schema.get("examples") or document["components"]["schemas"][names[0]].get("examples")
        if not examples:
            without.append(route)
        checks = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
        wrong += [f"{route}: {fault.message}" for one in examples or () for fault in checks.iter_errors(one)]
    assert without == []
    assert wrong == []
    broken = jsonschema.Draft202012Validator({"type": "object", "required": ["a"]})
    assert list(broken.iter_errors({})), "the validator finds what is wrong"
