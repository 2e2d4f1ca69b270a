"""What services of today say, services of the last release read: a region is upgraded service by service.

Held against the newest folder of `contracts/released/`; before the first release, against the contracts as they stand.
That an unknown *version* waits for the upgrade is proved in `tests/integration/chassis/test_deliver_and_lanes.py`.
"""

from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.catalogue import FACTS
from contracts.compatibility import last_release, read_schemas
from contracts.envelope import Fact
from infra import contract_documents
from infra.contract_documents import schema
from tests.support.facts import data, enveloped

A_FEW = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CHECKER = jsonschema.Draft202012Validator.FORMAT_CHECKER


def released() -> dict[str, dict[str, Any]]:
    """File name -> schema, as the last release published it."""
    newest = last_release(contract_documents.ROOT / "contracts/released")
    return dict(read_schemas(newest / "schemas" if newest else contract_documents.ROOT / "contracts/schemas"))


RELEASED = released()


def unreadable(event: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """What a consumer that knows only this schema stumbles over. Fields that it does not know it passes over."""
    return [
        fault.message for fault in jsonschema.Draft202012Validator(schema, format_checker=CHECKER).iter_errors(event)
    ]


def file_of(fact: type[Fact]) -> str:
    service, name = fact.TYPE.split(".")[1:]
    return f"{service}/{name}.{fact.VERSION}.json"


@pytest.mark.parametrize("fact", FACTS, ids=[fact.__name__ for fact in FACTS])
@A_FEW
@given(st.data())
def test_the_last_release_reads_todays_events(fact: type[Fact], drawn: st.DataObject) -> None:
    sent = enveloped(fact.model_validate(drawn.draw(data(schema(fact))))).data
    known = RELEASED.get(file_of(fact))

    assert known is None or unreadable(sent, known) == [], "a fact or version that is new waits for the upgrade"


@pytest.mark.parametrize("file", RELEASED)
@A_FEW
@given(st.data())
def test_today_reads_the_events_of_the_last_release(file: str, drawn: st.DataObject) -> None:
    [fact] = [each for each in FACTS if file_of(each) == file]

    fact.model_validate(drawn.draw(data(RELEASED[file])))


def test_the_files_are_named_like_the_facts() -> None:
    """Else every event above would count as new, and nothing would be compared."""
    today = {file_of(fact) for fact in FACTS}

    assert today == set(read_schemas(contract_documents.ROOT / "contracts/schemas"))
    assert set(RELEASED) <= today


def test_an_event_that_the_last_release_could_not_read_is_found() -> None:
    schema = {"type": "object", "properties": {"why": {"enum": ["advice"]}}, "required": ["why"]}

    assert unreadable({"why": "advice", "new": 1}, schema) == []
    assert unreadable({"why": "job"}, schema) == ["'job' is not one of ['advice']"]
    assert unreadable({}, schema) == ["'why' is a required property"]
