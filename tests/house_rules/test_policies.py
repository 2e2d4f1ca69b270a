"""The policies fit their schema, and each says in words what it is for."""

import json
import re
from dataclasses import replace

import cedarpy
import pytest

from contracts import policy
from contracts.vocabulary import Category, Role
from infra.chassis.policy import Policy
from tests.house_rules.test_routes import everything, possible_for


def faults_of(text: str, schema: str) -> list[str]:
    """What Cedar finds wrong, policies without an id, and ids that are given twice."""
    checked = cedarpy.validate_policies(text, schema)
    found = [str(error) for error in checked.errors]
    statements = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    ids = [statement.get("annotations", {}).get("id") or "" for statement in statements.values()]
    found += ["a policy has no @id"] * ids.count("")
    return found + sorted(f"@id({name!r}) is given twice" for name in set(ids) if name and ids.count(name) > 1)


def words_outside(text: str) -> list[str]:
    """Roles and categories that a policy names and nobody has: a typing error would silently close a door."""
    roles = re.findall(r'roles\.contains\("([^"]*)"\)', text)
    categories = re.findall(r'granted\.contains\("([^"]*)"\)', text)
    lists = re.findall(r"\[([^\]]*)\]\.contains\(context\.category\)", text)
    categories += [word for each in lists for word in re.findall(r'"([^"]*)"', each)]
    return sorted({*roles} - {*Role}) + sorted({*categories} - {*Category})


def test_the_policies_fit_the_schema_and_each_has_a_name() -> None:
    assert faults_of(*policy.load()) == []


def test_the_policies_name_roles_and_categories_that_exist() -> None:
    assert words_outside(policy.load()[0]) == []


def roles_left_out(permitting: str, explained: str) -> list[str]:
    """Roles that no policy names and for whom no sentence says why: forgotten, or denied on purpose?"""
    named = set(re.findall(r'roles\.contains\("([^"]*)"\)', permitting))
    named |= set(re.findall(r"^// (\w+): \w", explained, flags=re.MULTILINE))
    return sorted({*Role} - named)


def test_every_role_has_a_policy_or_a_sentence_that_says_why_not() -> None:
    assert roles_left_out(policy.load()[0], (policy.FOLDER / "without_rights.cedar").read_text()) == []


def test_a_forgotten_role_is_found() -> None:
    others = " ".join(f'principal.roles.contains("{role}")' for role in Role if role is not Role.MENTOR)
    assert roles_left_out(others, "// the mentor is somewhere in here") == ["mentor"]
    assert roles_left_out(others, "// mentor: nothing yet") == []


@pytest.mark.parametrize("role", [Role.MENTOR, Role.AGENCY_ADMIN, Role.COORDINATOR])
def test_roles_without_rights_open_nothing_about_a_participant(role: Role) -> None:
    known = Policy()
    who = replace(everything(role), owner=False, party=False, involved=False)
    about = [action for action in known.actions if any(known.allows(action, who, each) for each in (None, *Category))]
    assert sorted(about) == ["cohort:read", "directory:read", "esco:read", "opportunity:read", "work-rights:read"]


def test_every_action_of_the_schema_is_open_to_somebody() -> None:
    known = Policy()

    assert sorted(action for action in known.actions if not possible_for(known, action)) == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ('permit (principal, action == Action::"participant:read", resource);', "a policy has no @id"),
        ('@id("x") permit (principal, action == Action::"participant:eat", resource);', "participant:eat"),
        ('@id("x") permit (principal, action, resource) when { resource.mood == "good" };', "mood"),
    ],
)
def test_a_fault_in_a_policy_is_found(planted: str, found: str) -> None:
    text, schema = policy.load()

    assert any(found in fault for fault in faults_of(text + planted, schema))


def test_a_name_that_is_given_twice_is_found() -> None:
    text, schema = policy.load()
    twice = '@id("a") permit (principal, action, resource);' * 2

    assert "@id('a') is given twice" in faults_of(text + twice, schema)


def test_a_role_or_category_that_does_not_exist_is_found() -> None:
    assert words_outside('principal.roles.contains("caseworkr") && resource.granted.contains("identitee")') == [
        "caseworkr",
        "identitee",
    ]
