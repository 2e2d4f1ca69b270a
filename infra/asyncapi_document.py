"""The events in AsyncAPI 3.0: which topics there are, who writes and who reads them, and what a message looks like.

Abstract about servers: a region has its own, and agencies never read topics.
"""

import tomllib
from collections.abc import Callable, Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

from contracts import heartbeat
from contracts.catalogue import FACTS, published_on
from contracts.envelope import CONTENT_TYPE, Envelope, Fact, dataschema
from contracts.topics import SERVICES, TOPICS, Topic, read_by
from infra.chassis.outbox import POSITION

DRAFT: Final = "application/schema+json;version=draft-2020-12"
_PROJECT: Final = Path(__file__).parent.parent / "pyproject.toml"

_ABOUT: Final = """
Everything that Lotse's services tell each other. Each message is one CloudEvent 1.0 in structured mode: the message
value is the whole event as JSON (content type `application/cloudevents+json`), its `data` is the fact, its `dataschema`
names the fact's JSON Schema. Messages of one key keep their order. Delivery is at least once: a repeat has the same
`id`. No message holds a name, a contact, a birth date or free text; see `facts.yaml` for every field.
"""


def describe(schema_file: Callable[[type[Fact]], str]) -> dict[str, Any]:
    """The whole document; `schema_file` says where the schema of a fact lies below `schemas/`."""
    version = tomllib.loads(_PROJECT.read_text())["project"]["version"]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Lotse: events", "version": version, "description": cleandoc(_ABOUT)},
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "region": {
                "host": "{bus}",
                "protocol": "kafka",
                "description": "The bus of one region. On one machine the embedded bus takes its place.",
                "variables": {"bus": {"description": "Bootstrap servers; never reachable for agencies."}},
            }
        },
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": _operations(),
        "components": {
            "schemas": {"Envelope": {"schemaFormat": DRAFT, "schema": _envelope()}},
            "messages": {
                **{_message_name(fact): _message(fact, schema_file(fact)) for fact in FACTS},
                heartbeat.TYPE: _heartbeat(),
            },
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "title": topic.name,
        "description": f"Written by {topic.publisher} alone; read by {_listed(topic.readers) or 'no service'}.",
        "servers": [{"$ref": "#/servers/region"}],
        "messages": {
            _message_name(fact): {"$ref": f"#/components/messages/{_message_name(fact)}"}
            for fact in published_on(topic)
        }
        | ({heartbeat.TYPE: {"$ref": f"#/components/messages/{heartbeat.TYPE}"}} if topic == heartbeat.TOPIC else {}),
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": int(topic.retention.total_seconds() * 1000),
                },
                "bindingVersion": "0.5.0",
            }
        },
        "x-lotse-publisher": topic.publisher,
        "x-lotse-readers": sorted(topic.readers),
    }


def _operations() -> dict[str, Any]:
    sends = {
        f"{topic.publisher}-sends-{topic.name}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{topic.name}"},
            "summary": f"{topic.publisher} tells its facts on {topic.name}.",
        }
        for topic in TOPICS
    }
    receives = {
        f"{service}-receives-{topic.name}": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{topic.name}"},
            "summary": f"{service} reads {topic.name}.",
        }
        for service in SERVICES
        for topic in read_by(service)
    }
    return sends | receives


def _message(fact: type[Fact], file: str) -> dict[str, Any]:
    return {
        "name": fact.TYPE,
        "title": fact.__name__,
        "summary": cleandoc(fact.__doc__ or "").partition("\n\n")[0].replace("\n", " "),
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "required": ["content-type"],
            "properties": {
                "content-type": {"type": "string", "const": CONTENT_TYPE},
                "traceparent": {"type": "string", "description": "W3C Trace Context of the click that caused it."},
                POSITION: {"type": "string", "description": "Where the publisher keeps the fact; for its rebuilds."},
            },
        },
        "payload": {
            "schemaFormat": DRAFT,
            "schema": {
                "allOf": [{"$ref": "#/components/schemas/Envelope/schema"}],
                "properties": {
                    "type": {"const": fact.TYPE},
                    "dataschema": {"const": dataschema(fact)},
                    "data": {"$ref": f"schemas/{file}"},
                },
            },
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid", "description": f"The value of `{fact.KEY}`."},
                "bindingVersion": "0.5.0",
            }
        },
        "x-lotse-key": fact.KEY,
    }


def _heartbeat() -> dict[str, Any]:
    """The one message that is no fact."""
    return {
        "name": heartbeat.TYPE,
        "title": "Heartbeat",
        "summary": "All that was stated up to `behind` seconds before `time` lies before it in its partition.",
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "required": ["content-type", heartbeat.HEADER],
            "properties": {
                "content-type": {"type": "string", "const": CONTENT_TYPE},
                heartbeat.HEADER: {"type": "string", "description": "No fact has it: pass over what does."},
            },
        },
        "payload": {
            "schemaFormat": DRAFT,
            "schema": {
                "allOf": [{"$ref": "#/components/schemas/Envelope/schema"}],
                "properties": {
                    "type": {"const": heartbeat.TYPE},
                    "dataschema": {"const": heartbeat.DATASCHEMA},
                    "data": heartbeat.Beat.model_json_schema(),
                },
            },
        },
    }


def _envelope() -> Mapping[str, Any]:
    made = Envelope.model_json_schema()
    made["properties"]["specversion"] = {"const": "1.0"}
    made["required"] = sorted({*made["required"], "specversion"})
    return made


def _message_name(fact: type[Fact]) -> str:
    return f"{fact.TYPE}.{fact.VERSION}"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
