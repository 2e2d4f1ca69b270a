"""Every route asks for a right, through the edge, and somebody may have it. Read from the apps, not from a list."""

from collections.abc import Sequence

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from contracts.vocabulary import Category, Role
from infra.chassis.api import assemble
from infra.chassis.caller import Caller, may
from infra.chassis.described import action_of, routes_of
from infra.chassis.edge import Edge
from infra.chassis.policy import Policy, Relation
from infra.chassis.service import Service
from infra.onebox.services import all_services

OPEN = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"})
"""Open to all: they tell whether the service lives and what its API looks like."""

every_service = pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)


def faults_of(routes: Sequence[BaseRoute], policy: Policy) -> list[str]:
    """Routes that could answer somebody who has no right, or that nobody could ever use."""
    found = []
    for path, route in routes_of(routes):
        if path in OPEN:
            continue
        action = action_of(route) if isinstance(route, APIRoute) else None
        if not of_the_chassis(route):
            found.append(f"{path}: goes around the edge; use route_class=Edge")
        if action is None:
            found.append(f"{path}: declares no action; take `who: Caller = may(...)`")
        elif action not in policy.actions:
            found.append(f"{path}: {action} is not in contracts/policy/schema.cedarschema")
        elif not possible_for(policy, action):
            found.append(f"{path}: no policy permits {action} to any role")
    return found


def of_the_chassis(route: BaseRoute) -> bool:
    """Edge, or a route class that the chassis brings beside it for streams."""
    return isinstance(route, Edge) or (
        type(route) is not APIRoute and type(route).__module__.startswith("infra.chassis.")
    )


def possible_for(policy: Policy, action: str) -> list[Role]:
    """The roles that may do it when everything speaks for them."""
    return [role for role in Role if any(policy.allows(action, everything(role), each) for each in (None, *Category))]


def everything(role: Role) -> Relation:
    """A caller of one role with every relation to the record and every grant."""
    of_agency = role is not Role.PARTICIPANT
    return Relation(
        roles=frozenset({role}),
        staff_of_an_agency=of_agency,
        a_participant=not of_agency,
        owner=of_agency,
        other_owner=False,
        party=of_agency,
        invited=of_agency,
        author=of_agency,
        matchable=True,
        involved=True,
        at_home=of_agency,
        own_person=not of_agency,
        about_somebody=True,
        granted=frozenset(Category),
    )


@every_service
def test_every_route_asks_for_a_right_that_somebody_can_have(service: Service) -> None:
    assert faults_of(assemble(service).routes, Policy()) == []


@every_service
def test_a_service_has_routes_beside_those_of_all(service: Service) -> None:
    """Else the rule above would hold for nothing."""
    own = [path for path, _ in routes_of(assemble(service).routes) if path not in OPEN and "/operations/" not in path]
    assert own != []


def test_an_unguarded_route_is_found() -> None:
    router = APIRouter(route_class=Edge)

    @router.get("/anybody")
    async def anybody() -> None: ...

    assert faults_of(router.routes, Policy()) == ["/anybody: declares no action; take `who: Caller = may(...)`"]


def test_a_route_around_the_edge_is_found() -> None:
    router = APIRouter()

    @router.get("/around")
    async def around(who: Caller = may("participant:read")) -> None: ...

    assert faults_of(router.routes, Policy()) == ["/around: goes around the edge; use route_class=Edge"]


def test_an_action_that_does_not_exist_is_found() -> None:
    router = APIRouter(route_class=Edge)

    @router.get("/typo")
    async def typo(who: Caller = may("participant:raed")) -> None: ...

    assert faults_of(router.routes, Policy()) == [
        "/typo: participant:raed is not in contracts/policy/schema.cedarschema"
    ]


def test_an_action_that_no_policy_permits_is_found() -> None:
    router = APIRouter(route_class=Edge)

    @router.get("/nobody")
    async def nobody(who: Caller = may("participant:eat")) -> None: ...

    policy = Policy()
    policy.actions |= {"participant:eat"}
    policy.allows = lambda *_: False  # type: ignore[assignment]
    assert faults_of(router.routes, policy) == ["/nobody: no policy permits participant:eat to any role"]
