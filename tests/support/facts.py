"""Builders of events from what is published about them: any value that a fact's JSON Schema allows.

An outsider has nothing but the schema, so nothing but the schema is used here.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

from contracts.envelope import Envelope, Fact, dataschema

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
DAYS = st.dates(date(2020, 1, 1), date(2060, 1, 1))


def data(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values in JSON that the schema allows."""
    return _values(schema, schema.get("$defs", {}))


def facts(fact: type[Fact]) -> st.SearchStrategy[Fact]:
    """Facts of this kind."""
    return data(fact.model_json_schema()).map(fact.model_validate)


def enveloped(fact: Fact, *, cause: bool = True) -> Envelope:
    """The fact as a service would send it."""
    return Envelope(
        id=uuid4(),
        source="/demo-region/" + fact.TYPE.split(".")[1],
        type=fact.TYPE,
        subject=str(fact.key),
        time=datetime.now(UTC),
        dataschema=dataschema(type(fact)),
        partitionkey=str(fact.key),
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" if cause else None,
        agency="job-centre" if cause else None,
        causationid=uuid4() if cause else None,
        correlationid=uuid4(),
        data=fact.model_dump(mode="json"),
    )


def _values(schema: dict[str, Any], parts: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _values(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        return st.one_of([_values(one, parts) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "object":
            fields = {field: _values(below, parts) for field, below in schema["properties"].items()}
            needed = set(schema.get("required", ()))
            return st.fixed_dictionaries(
                {field: fields[field] for field in fields if field in needed},
                optional={field: fields[field] for field in fields if field not in needed},
            )
        case "array":
            return st.lists(_values(schema["items"], parts), max_size=3)
        case "string":
            return _texts(schema)
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 1000))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    raise AssertionError(f"no builder for {schema}")


def _texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    match schema.get("format"):
        case "uuid":
            return st.uuids().map(str)
        case "date-time":
            return MOMENTS.map(lambda moment: moment.isoformat())
        case "date":
            return DAYS.map(lambda day: day.isoformat())
    pattern = schema["pattern"].removeprefix("^").removesuffix("$")
    letters = st.characters(min_codepoint=32, max_codepoint=126)
    longest = schema.get("maxLength", 1000)
    return st.from_regex(pattern, fullmatch=True, alphabet=letters).filter(lambda text: len(text) <= longest)
