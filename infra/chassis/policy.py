"""Decides single actions with the Cedar policies of `contracts/policy`. Deny by default.

A policy can only compare what is asked for with the one who asks. Requests are therefore reduced to that relation
before Cedar sees them (the asking agency is always called `self`, every other one `other`), and the same relation is
decided once.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self
from uuid import UUID

import cedarpy

from contracts import policy as policies
from contracts.vocabulary import Category, ParticipantId, Role
from infra.chassis.identity.principal import Kind, Principal

SELF: Final = "self"
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Record:
    """What is asked for, as far as a right can depend on it."""

    kind: str
    id: str = ""
    participant: ParticipantId | None = None
    owners: frozenset[str] = frozenset()
    """Agencies whose own record this is."""
    parties: frozenset[str] = frozenset()
    """Agencies with a part in it."""
    invited: frozenset[str] = frozenset()
    """Agencies for whose answer it waits."""
    authors: frozenset[str] = frozenset()
    """Agencies that recorded some of it themselves."""
    matchable: bool = False
    """The participant's profile is open to regional matching."""
    staff: frozenset[UUID] = frozenset()

    @classmethod
    def of_participant(cls, participant: ParticipantId, kind: str = "participant") -> Self:
        """Something of a participant for which nothing but owner and grants count."""
        return cls(kind, str(participant), participant)

    @property
    def subject(self) -> str:
        """How the audit trail names it."""
        return f"{self.kind}/{self.id}" if self.id else self.kind


@dataclass(frozen=True, slots=True)
class Relation:
    """What the one who asks is to what is asked for: all that a decision depends on."""

    roles: frozenset[Role]
    staff_of_an_agency: bool
    a_participant: bool
    owner: bool
    other_owner: bool
    party: bool
    invited: bool
    author: bool
    matchable: bool
    involved: bool
    at_home: bool
    own_person: bool
    about_somebody: bool
    granted: frozenset[Category] = field(default_factory=frozenset)
    system: bool = False
    restricted: bool = False
    """The participant's record is kept and not used."""

    @property
    def some_right(self) -> bool:
        """The caller already knows of this record: a refusal may say why.

        Being the owner of a record *about a participant* is no such right by itself: when the grant it rested on is
        over, the participant's other resources answer as if they did not exist. Nor is being invited: who was not let
        in learns nothing of the invitation.
        """
        known_owner = self.owner and not self.about_somebody
        part = self.party or self.author or self.involved
        return known_owner or part or self.at_home or self.own_person or bool(self.granted)


def relate(
    principal: Principal, record: Record, home: str | None, granted: frozenset[Category], *, restricted: bool = False
) -> Relation:
    """Reduce a request to the relation between caller and record."""
    agency = principal.agency
    return Relation(
        roles=principal.roles,
        staff_of_an_agency=agency is not None,
        a_participant=principal.participant is not None,
        owner=agency in record.owners,
        other_owner=bool(record.owners - {agency}),
        party=agency in record.parties,
        invited=agency in record.invited,
        author=agency in record.authors,
        matchable=record.matchable,
        involved=principal.subject in record.staff,
        at_home=agency is not None and agency == home,
        own_person=record.participant is not None and record.participant == principal.participant,
        about_somebody=record.participant is not None,
        granted=granted,
        system=principal.kind is Kind.SYSTEM,
        restricted=restricted,
    )


class Policy:
    """The policies, parsed once."""

    def __init__(self) -> None:
        text, schema = policies.load()
        self._schema = cedarpy.Schema.from_str(schema)
        result = cedarpy.validate_policies(text, schema)
        if not result:
            raise ValueError("contracts/policy: " + "; ".join(str(error) for error in result.errors))
        self._policies = cedarpy.PolicySet.from_str(text)
        self.actions = _actions(schema)
        self.allows = lru_cache(maxsize=8192)(self._decide)

    def _decide(self, action: str, relation: Relation, category: Category | None) -> bool:
        """True if a policy permits it. (Call it as `allows`.)"""
        if action not in self.actions:
            raise ValueError(f"{action!r} is not in contracts/policy/schema.cedarschema")
        request = {
            "principal": 'User::"self"',
            "action": f"Action::{json.dumps(action)}",
            "resource": 'Record::"it"',
            "context": {"category": category or ""},
        }
        answer = cedarpy.is_authorized(request, self._policies, _entities(relation), self._schema)
        if answer.diagnostics.errors:
            raise ValueError("; ".join(map(str, answer.diagnostics.errors)))
        return answer.allowed


def _entities(relation: Relation) -> str:
    """The two entities of the request in Cedar's JSON."""
    user = {
        "roles": sorted(relation.roles),
        "agency": SELF if relation.staff_of_an_agency else "",
        "participant": SELF if relation.a_participant else "",
        "id": SELF,
        "system": relation.system,
    }
    record = {
        "owners": [SELF] * relation.owner + [OTHER] * relation.other_owner,
        "parties": [SELF] * relation.party,
        "invited": [SELF] * relation.invited,
        "authors": [SELF] * relation.author,
        "matchable": relation.matchable,
        "staff": [SELF] * relation.involved,
        "home": SELF if relation.at_home else OTHER,
        "participant": SELF if relation.own_person else OTHER,
        "granted": sorted(relation.granted),
        "restricted": relation.restricted,
    }
    return json.dumps(
        [
            {"uid": {"type": "User", "id": "self"}, "attrs": user, "parents": []},
            {"uid": {"type": "Record", "id": "it"}, "attrs": record, "parents": []},
        ]
    )


def _actions(schema: str) -> frozenset[str]:
    """Every action named in the schema: nothing else is quoted there."""
    return frozenset(schema.split('"')[1::2])
