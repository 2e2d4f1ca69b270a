"""Nothing that a service hears is overlooked, and nothing that it decides is forgotten."""

import importlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import pytest

from contracts.catalogue import published_on
from contracts.envelope import Fact
from contracts.events import intake
from infra.chassis.service import Service
from infra.onebox.services import all_services
from tests.support.source import ROOT

every_service = pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)


def unheard(service: Service) -> list[str]:
    """Events of the topics that a service reads which its incoming.py does not mention, or mentions twice."""
    heard = {fact for topic in service.topics for fact in published_on(topic)}
    used = {*service.reactions, *(fact for handlers in service.projections.values() for fact in handlers)}
    found = [f"{fact.__name__} is neither used nor ignored" for fact in heard - used - service.ignored]
    found += [f"{fact.__name__} is used and ignored" for fact in used & service.ignored]
    found += [f"{fact.__name__} is on no topic that {service.name} reads" for fact in (used | service.ignored) - heard]
    return sorted(found)


STAY: Final[Mapping[str, str]] = {
    "intake.assessment.BarrierRecorded": "the whole current state is said instead, as BarriersUpdated",
    "intake.assessment.BarrierChanged": "the whole current state is said instead, as BarriersUpdated",
    "intake.duplicates.MatchConfirmed": "one side's yes; SamePersonLinked follows the second",
    "intake.duplicates.MatchDeclined": "nobody learns that somebody said no",
    "intake.grant.PlacementBegan": "told by matching already",
    "intake.grant.TermShortened": "access is open as before; GrantEnded follows when the shorter term is over",
    "intake.rights.IdentityChecked": "the request itself says so to whoever may see it",
    "intake.rights.TermExtended": "the request itself says so to whoever may see it",
    "intake.rights.CarriedOut": "what was done tells of itself: an erasure, an ended grant, a rectified record",
    "intake.rights.TakenBack": "nothing follows",
    "matching.opportunity.OpportunityChanged": "a draft is nobody's business yet",
    "intake.note.NoteWritten": "that somebody wrote something down is told to nobody",
    "intake.note.NoteCorrected": "nor that it was corrected",
    "matching.opportunity.PlaceTaken": "told by the placement's own event",
    "matching.opportunity.PlaceFreed": "told by the placement's own event",
}
"""Domain events that change rows of their own capability and are said to nobody, on purpose. `tx.say` refuses them."""


def unsaid(
    domains: Iterable[ModuleType], outgoing: Mapping[Any, Any], inside: Mapping[Any, Any], stay: Container[str] = ()
) -> list[str]:
    """Events of domain modules that neither leave the service, nor concern another capability, nor stay on purpose."""
    return sorted(
        named(domain, event)
        for domain in domains
        for event in events_of(domain)
        if event not in outgoing and event not in inside and named(domain, event) not in stay
    )


def events_of(domain: ModuleType) -> list[type[Any]]:
    """The members of a domain's union `Event`; of a family of events each one, of a single class that one."""
    union = getattr(domain, "Event", None)
    members = get_args(union) if get_origin(union) in (Union, UnionType) else (union,) if union else ()
    return [event for member in members for event in member.__subclasses__() or [member]]


def named(domain: ModuleType, event: type[Any]) -> str:
    """`intake.grant.GrantGiven`"""
    return f"{domain.__name__.removeprefix('services.').removesuffix('.domain')}.{event.__name__}"


def domains_of(service: Service) -> list[ModuleType]:
    folder = Path(importlib.import_module(f"services.{service.name}").__file__ or "").parent
    files = sorted(folder.glob("*/domain.py"))
    return [importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts)) for file in files]


@every_service
def test_every_event_that_a_service_hears_is_used_or_ignored_on_purpose(service: Service) -> None:
    assert unheard(service) == []


@every_service
def test_every_domain_event_leaves_or_concerns_somebody_inside(service: Service) -> None:
    assert unsaid(domains_of(service), service.outgoing, service.inside, STAY) == []


def test_what_stays_inside_exists_and_stays() -> None:
    """Else a name in the list would outlive its event, or hide that it is said after all."""
    said = {event for service in all_services() for event in {*service.outgoing, *service.inside}}
    there = {
        named(domain, event): event
        for service in all_services()
        for domain in domains_of(service)
        for event in events_of(domain)
    }
    assert sorted(STAY.keys() - there.keys()) == []
    assert sorted(name for name in STAY if there[name] in said) == []


@every_service
def test_what_is_said_is_a_frozen_dataclass_of_the_service(service: Service) -> None:
    wrong = [
        event.__name__
        for event in {*service.outgoing, *service.inside}
        if not frozen(event) or not event.__module__.startswith(f"services.{service.name}.")
    ]
    assert wrong == []


def frozen(event: type[Any]) -> bool:
    """Whether instances of a dataclass can't be changed."""
    parameters = getattr(event, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)


@every_service
def test_every_service_says_something(service: Service) -> None:
    """Else the rules about what is said would hold for nothing."""
    assert service.outgoing != {}


async def handler(*_: Any) -> None: ...


def test_an_event_that_incoming_forgot_is_found() -> None:
    [matching] = [service for service in all_services() if service.name == "matching"]
    heard = {fact for topic in matching.topics for fact in published_on(topic)}
    forgetful = made_up(matching, ignored=heard - {intake.GrantGiven})

    assert unheard(forgetful) == ["GrantGiven is neither used nor ignored"]


def test_an_event_that_is_used_and_ignored_is_found() -> None:
    [matching] = [service for service in all_services() if service.name == "matching"]
    heard = {fact for topic in matching.topics for fact in published_on(topic)}
    torn = made_up(matching, ignored=heard, reactions={intake.GrantGiven: handler})

    assert unheard(torn) == ["GrantGiven is used and ignored"]


def test_an_event_that_never_arrives_is_found() -> None:
    [matching] = [service for service in all_services() if service.name == "matching"]
    heard = {fact for topic in matching.topics for fact in published_on(topic)}
    hopeful = made_up(matching, ignored=heard, reactions={intake.BarriersUpdated: handler})

    assert unheard(hopeful) == ["BarriersUpdated is on no topic that matching reads"]


def test_a_domain_event_that_goes_nowhere_is_found() -> None:
    @dataclass(frozen=True)
    class Noted: ...

    @dataclass(frozen=True)
    class Forgotten: ...

    domain = ModuleType("visit")
    domain.Event = Noted | Forgotten  # type: ignore[attr-defined]

    assert unsaid([domain], {Noted: list}, {}) == ["visit.Forgotten"]
    assert unsaid([domain], {Noted: list}, {Forgotten: ()}) == []
    assert unsaid([domain], {Noted: list}, {}, {"visit.Forgotten": "made up"}) == []


def test_every_member_of_a_family_of_events_counts() -> None:
    class Acted: ...

    class Accepted(Acted): ...

    domain = ModuleType("visit")
    domain.Event = Acted  # type: ignore[attr-defined]

    assert unsaid([domain], {Acted: list}, {}) == ["visit.Accepted"]


def made_up(like: Service, ignored: set[type[Fact]], reactions: Mapping[type[Fact], Any] | None = None) -> Service:
    return Service(like.name, like.settings, (), like.migrations, ignored=frozenset(ignored), reactions=reactions or {})
