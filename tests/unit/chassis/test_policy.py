"""Is a decision about the relation the decision about the real request? Cedar is asked both ways."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cedarpy
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import policy as policies
from contracts.vocabulary import Category, ParticipantId, Role
from infra.chassis.identity.principal import Kind, Principal
from infra.chassis.policy import Policy, Record, relate

AGENCIES = ("job-centre", "family-advice", "harbour-hotel")
PEOPLE = tuple(UUID(int=number) for number in range(1, 4))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DECIDED = Policy()
TEXT, SCHEMA = policies.load()

some_agencies = st.frozensets(st.sampled_from(AGENCIES), max_size=2)
people = st.sampled_from(PEOPLE)


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    """Staff with an agency and any roles, or a participant."""
    if draw(st.integers(0, 4)) == 0:
        person = draw(people)
        return _principal(person, Kind.PARTICIPANT, frozenset({Role.PARTICIPANT}), None, ParticipantId(person))
    roles = draw(st.frozensets(st.sampled_from([role for role in Role if role is not Role.PARTICIPANT]), max_size=2))
    return _principal(draw(people), Kind.STAFF, roles, draw(st.sampled_from(AGENCIES)), None)


records = st.builds(
    Record,
    st.just("thing"),
    st.just("1"),
    st.none() | people.map(ParticipantId),
    owners=some_agencies,
    parties=some_agencies,
    invited=some_agencies,
    authors=some_agencies,
    matchable=st.booleans(),
    staff=st.frozensets(people, max_size=2),
)
categories = st.none() | st.sampled_from(Category)


@settings(max_examples=150, deadline=None)
@given(
    principals(),
    records,
    st.sampled_from(AGENCIES),
    st.frozensets(st.sampled_from(Category), max_size=4),
    st.sampled_from(sorted(DECIDED.actions)),
    categories,
)
def test_the_relation_is_decided_like_the_request_itself(
    who: Principal,
    record: Record,
    home: str,
    granted: frozenset[Category],
    action: str,
    category: Category | None,
) -> None:
    home_or_none = home if record.participant is not None else None
    opened = granted if record.participant is not None else frozenset[Category]()

    by_relation = DECIDED.allows(action, relate(who, record, home_or_none, opened), category)

    assert by_relation == in_full(who, record, home_or_none, opened, action, category)


def test_the_comparison_can_fail() -> None:
    """Somebody of another agency does not stand like the owner; a sloppy reduction would not see that."""
    who = _principal(PEOPLE[0], Kind.STAFF, frozenset({Role.CASEWORKER}), "job-centre", None)
    own, foreign = (
        Record("participant", participant=ParticipantId(PEOPLE[1]), owners=frozenset({a})) for a in AGENCIES[:2]
    )

    assert in_full(who, own, "job-centre", frozenset(), "participant:change", None)
    assert not in_full(who, foreign, "family-advice", frozenset(), "participant:change", None)
    assert relate(who, own, "job-centre", frozenset()) != relate(who, foreign, "family-advice", frozenset())


def test_nobody_without_a_role_may_change_or_read_a_participant() -> None:
    who = _principal(PEOPLE[0], Kind.STAFF, frozenset(), "job-centre", None)
    record = Record.of_participant(ParticipantId(PEOPLE[1]))

    relation = relate(who, record, "job-centre", frozenset(Category))

    assert not any(DECIDED.allows(a, relation, c) for a in ("participant:read", "participant:change") for c in Category)


def in_full(
    who: Principal,
    record: Record,
    home: str | None,
    granted: frozenset[Category],
    action: str,
    category: Category | None,
) -> bool:
    """Cedar's answer with every real name and id in the request."""
    user: dict[str, Any] = {
        "roles": sorted(who.roles),
        "agency": who.agency or "",
        "participant": str(who.participant or ""),
        "id": str(who.subject),
        "system": who.kind is Kind.SYSTEM,
    }
    thing: dict[str, Any] = {
        "owners": sorted(record.owners),
        "parties": sorted(record.parties),
        "invited": sorted(record.invited),
        "authors": sorted(record.authors),
        "matchable": record.matchable,
        "staff": sorted(map(str, record.staff)),
        "home": home or "nobody's",
        "participant": str(record.participant or "nobody"),
        "granted": sorted(granted),
        "restricted": False,
    }
    entities = [
        {"uid": {"type": "User", "id": str(who.subject)}, "attrs": user, "parents": []},
        {"uid": {"type": "Record", "id": record.id}, "attrs": thing, "parents": []},
    ]
    request = {
        "principal": f'User::"{who.subject}"',
        "action": f"Action::{json.dumps(action)}",
        "resource": f'Record::"{record.id}"',
        "context": {"category": category or ""},
    }
    answer = cedarpy.is_authorized(request, TEXT, json.dumps(entities), SCHEMA)
    assert not answer.diagnostics.errors
    return bool(answer.allowed)


def _principal(
    subject: UUID, kind: Kind, roles: frozenset[Role], agency: str | None, participant: ParticipantId | None
) -> Principal:
    return Principal(subject, kind, roles, agency, participant, "desk", NOON, NOON + timedelta(minutes=5))
