"""Rights that open a part of something: the policies decide which part, and nothing beside them does."""

from dataclasses import replace

import pytest

from contracts.vocabulary import Category, NeedDomain, Role
from infra.chassis.policy import Policy, Relation

POLICY = Policy()
NOBODY = Relation(
    roles=frozenset(),
    staff_of_an_agency=True,
    a_participant=False,
    owner=False,
    other_owner=True,
    party=False,
    invited=False,
    author=False,
    matchable=False,
    involved=False,
    at_home=False,
    own_person=False,
    about_somebody=True,
)
IDENTITY, CONTACT, FAMILY = Category.IDENTITY, Category.CONTACT, Category.of_barrier(NeedDomain.FAMILY)


def somebody(role: Role, *granted: Category, **stands: bool) -> Relation:
    """An agency's member of one role, who stands so to the record."""
    return replace(NOBODY, roles=frozenset({role}), granted=frozenset(granted), **stands)


def parts(who: Relation, category: Category, *actions: str) -> set[str]:
    return {action.partition(":")[2] for action in actions if POLICY.allows(action, who, category)}


ATTENDANCE = ("attendance:read", "attendance:read-own")
FEEDBACK = ("feedback:read", "feedback:read-beside", "feedback:read-own")


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (somebody(Role.CASEWORKER, at_home=True), {"read"}),
        (somebody(Role.COACH, Category.JOURNEY, owner=True), {"read"}),
        (somebody(Role.CASEWORKER, Category.JOURNEY, owner=True), {"read"}),
        (somebody(Role.COACH, Category.JOURNEY, owner=True, author=True), {"read", "read-own"}),
        (somebody(Role.COACH, owner=True, author=True), {"read-own"}),
        (somebody(Role.COACH, owner=True), set()),
        (somebody(Role.COACH, Category.JOURNEY), set()),
        (somebody(Role.COACH, Category.ATTENDANCE), {"read"}),
        (somebody(Role.CASEWORKER, Category.ATTENDANCE), {"read"}),
        (somebody(Role.EMPLOYER, party=True), {"read-own"}),
        (somebody(Role.EMPLOYER, author=True), {"read-own"}),
        (somebody(Role.EMPLOYER, Category.ATTENDANCE), set()),
        (somebody(Role.AGENCY_ADMIN, at_home=True, owner=True, author=True), set()),
    ],
)
def test_whose_days_somebody_sees(who: Relation, seen: set[str]) -> None:
    assert parts(who, Category.ATTENDANCE, *ATTENDANCE) == seen


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (somebody(Role.CASEWORKER, at_home=True), {"read"}),
        (somebody(Role.COACH, Category.JOURNEY, owner=True), {"read"}),
        (somebody(Role.COACH, owner=True, author=True), {"read-own"}),
        (somebody(Role.COACH, Category.FEEDBACK), {"read"}),
        (somebody(Role.EMPLOYER, IDENTITY, party=True), {"read-own", "read-beside"}),
        (somebody(Role.EMPLOYER, party=True), {"read-own"}),
        (somebody(Role.EMPLOYER, IDENTITY), set()),
        (somebody(Role.EMPLOYER, author=True), {"read-own"}),
        (somebody(Role.CASEWORKER, party=True), set()),
    ],
)
def test_whose_corners_of_the_triangle_somebody_sees(who: Relation, seen: set[str]) -> None:
    assert parts(who, Category.FEEDBACK, *FEEDBACK) == seen


@pytest.mark.parametrize(
    ("who", "read"),
    [
        (somebody(Role.EMPLOYER, invited=True, matchable=True), True),
        (somebody(Role.EMPLOYER, invited=True), False),
        (somebody(Role.EMPLOYER, matchable=True), False),
        (somebody(Role.EMPLOYER, party=True), True),
        (somebody(Role.COACH, invited=True, matchable=True), False),
    ],
)
def test_a_proposal_is_shown_while_the_participant_agrees_to_be_matched(who: Relation, read: bool) -> None:
    assert POLICY.allows("placement:read", who, Category.PLACEMENT) is read
    assert who.some_right is who.party, "nobody learns of a proposal by being refused"


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (somebody(Role.CASEWORKER, at_home=True, owner=True), {"read", "act", "read-words", "send"}),
        (somebody(Role.CASEWORKER, owner=True), {"read", "act", "read-words"}),
        (somebody(Role.CASEWORKER, at_home=True), set()),
        (somebody(Role.CASEWORKER, IDENTITY, CONTACT, FAMILY, party=True), {"read", "act", "read-words"}),
        (somebody(Role.CASEWORKER, IDENTITY, FAMILY, party=True), {"read", "act"}),
        (somebody(Role.CASEWORKER, IDENTITY, CONTACT, FAMILY, invited=True), {"read", "act"}),
        (somebody(Role.CASEWORKER, IDENTITY, CONTACT, Category.of_barrier(NeedDomain.LEGAL), invited=True), set()),
        (somebody(Role.CASEWORKER, IDENTITY, CONTACT, FAMILY), set()),
        (somebody(Role.COACH, IDENTITY, CONTACT, FAMILY, invited=True, party=True), set()),
    ],
)
def test_what_the_sides_of_a_referral_see_of_it(who: Relation, seen: set[str]) -> None:
    names = (f"referral:{each}" for each in ("read", "act", "read-words", "send"))
    assert parts(who, FAMILY, *names) == seen
