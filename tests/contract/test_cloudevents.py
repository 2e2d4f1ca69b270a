"""Is what we send what CloudEvents promises? Read by the reference SDK, as anybody else would."""

from datetime import datetime
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.catalogue import FACTS, decode
from contracts.envelope import CONTENT_TYPE, Envelope, Fact
from infra.contract_documents import schema
from tests.support.facts import data, enveloped

A_FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])

every_fact = pytest.mark.parametrize("fact", FACTS, ids=[fact.__name__ for fact in FACTS])


@every_fact
@A_FEW
@given(st.data(), st.booleans())
def test_the_sdk_reads_the_attributes_that_we_wrote(fact: type[Fact], drawn: st.DataObject, caused: bool) -> None:
    sent = enveloped(fact.model_validate(drawn.draw(data(schema(fact)))), cause=caused)

    message = KafkaMessage({"content-type": CONTENT_TYPE.encode()}, sent.partitionkey, sent.to_bytes())
    read = from_structured(message, JSONFormat())

    attributes = read.get_attributes()
    assert {name: as_written(value) for name, value in attributes.items()} == {
        name: as_written(value) for name, value in sent if name != "data" and value is not None
    }
    assert read.get_data() == sent.data


@every_fact
@A_FEW
@given(st.data())
def test_what_the_sdk_writes_we_read(fact: type[Fact], drawn: st.DataObject) -> None:
    sent = enveloped(fact.model_validate(drawn.draw(data(schema(fact)))))

    back = Envelope.from_bytes(JSONFormat().write(JSONFormat().read(None, sent.to_bytes())))

    assert back == sent
    assert decode(back) == decode(sent)


@every_fact
@A_FEW
@given(st.data())
def test_data_that_the_published_schema_allows_is_what_we_send(fact: type[Fact], drawn: st.DataObject) -> None:
    made = fact.model_validate(drawn.draw(data(schema(fact))))

    jsonschema.Draft202012Validator(
        schema(fact), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(enveloped(made).data)


def test_attribute_names_are_those_that_cloudevents_allows() -> None:
    extensions = set(Envelope.model_fields) - {"data"}

    assert [name for name in extensions if not (name.isalnum() and name.islower() and len(name) <= 20)] == []


def test_the_sdk_refuses_an_event_without_a_type() -> None:
    """The check above can fail: the SDK does look."""
    value = b'{"specversion": "1.0", "id": "1", "source": "/x", "data": {}}'

    with pytest.raises(CloudEventValidationError):
        JSONFormat().read(None, value)


def as_written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(None).isoformat()
    return str(value) if isinstance(value, UUID | str) else repr(value)
