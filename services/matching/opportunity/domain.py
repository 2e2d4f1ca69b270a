"""An opportunity's life: drafted, on offer, filled, closed; and never more people than places.

Holds no person: only how many places are taken. Title and description are the company's own words about the job.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import (
    AgencyId,
    Cefr,
    ConceptUri,
    LanguageCode,
    OpportunityId,
    OpportunityKind,
    SkillLevel,
)


class OpportunityState(StrEnum):
    """Where an opportunity stands."""

    DRAFT = "draft"
    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"


class NoPlaceLeft(Conflict):
    """All places are taken."""

    slug = "no-place-left"


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """A skill without which the place can't be taken, at this level or a higher one."""

    concept: ConceptUri
    level: SkillLevel


@dataclass(frozen=True, slots=True)
class SkillWish:
    """A skill that helps, and how much compared with the other wishes."""

    concept: ConceptUri
    level: SkillLevel
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LanguageNeed:
    """A language without which the place can't be taken."""

    language: LanguageCode
    level: Cefr


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered and asked for."""

    kind: OpportunityKind
    title: str
    occupation: ConceptUri
    region: str
    capacity: int
    starts_on: date
    must_skills: tuple[SkillNeed, ...] = ()
    can_skills: tuple[SkillWish, ...] = ()
    language_needs: tuple[LanguageNeed, ...] = ()
    description: str = ""

    def __post_init__(self) -> None:
        """Raises `Invalid` for an offer that contradicts itself."""
        if self.capacity < 1:
            raise Invalid("An opportunity has at least one place.", way_out="Give the number.", field="capacity")
        asked = [need.concept for need in self.must_skills] + [wish.concept for wish in self.can_skills]
        if len(set(asked)) < len(asked):
            raise Invalid(
                "A skill is asked for twice.",
                way_out="Name each skill once, as a must or as a wish.",
                field="can_skills",
            )
        if len({need.language for need in self.language_needs}) < len(self.language_needs):
            raise Invalid(
                "A language is asked for twice.", way_out="Name the level that is needed.", field="language_needs"
            )


@dataclass(frozen=True, slots=True)
class Opportunity:
    """The state of an opportunity; `taken` counts confirmed people who have not left."""

    id: OpportunityId
    agency: AgencyId
    offer: Offer
    state: OpportunityState = OpportunityState.DRAFT
    taken: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class OpportunityChanged:
    """A draft says something else now."""

    opportunity: OpportunityId
    offer: Offer
    at: datetime


@dataclass(frozen=True, slots=True)
class OpportunityPublished:
    opportunity: OpportunityId
    agency: AgencyId
    kind: OpportunityKind
    capacity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OpportunityClosed:
    opportunity: OpportunityId
    agency: AgencyId
    at: datetime


@dataclass(frozen=True, slots=True)
class PlaceTaken:
    """Both sides agreed on somebody."""

    opportunity: OpportunityId
    at: datetime


@dataclass(frozen=True, slots=True)
class PlaceFreed:
    """Somebody left, or never came."""

    opportunity: OpportunityId
    at: datetime


Event = OpportunityChanged | OpportunityPublished | OpportunityClosed | PlaceTaken | PlaceFreed

ON_OFFER = frozenset({OpportunityState.OPEN, OpportunityState.FILLED})


def change(opportunity: Opportunity, offer: Offer, *, now: datetime) -> list[Event]:
    """A draft is rewritten. Raises `Conflict` once it is published: people answered to what it said."""
    if opportunity.state is not OpportunityState.DRAFT:
        raise Conflict(
            "What was published stays as it is.", way_out="Close it and publish a new one with the changed text."
        )
    return [] if offer == opportunity.offer else [OpportunityChanged(opportunity.id, offer, now)]


def publish(opportunity: Opportunity, *, now: datetime) -> list[Event]:
    """From now on everybody who places people sees it. Raises `Conflict`."""
    if opportunity.state is not OpportunityState.DRAFT:
        raise Conflict(f"This opportunity is {opportunity.state.value} already.", way_out="Nothing has to be done.")
    offer = opportunity.offer
    return [OpportunityPublished(opportunity.id, opportunity.agency, offer.kind, offer.capacity, now)]


def close(opportunity: Opportunity, *, now: datetime) -> list[Event]:
    """It is no longer on offer; who has a place keeps it. Raises `Conflict`."""
    if opportunity.state not in ON_OFFER:
        raise Conflict(
            f"This opportunity is {opportunity.state.value}, not on offer.", way_out="Nothing has to be closed."
        )
    return [OpportunityClosed(opportunity.id, opportunity.agency, now)]


def take_place(opportunity: Opportunity, *, now: datetime) -> list[Event]:
    """One more place is taken. Raises `NoPlaceLeft`, or `Conflict` if it is not on offer."""
    if opportunity.state is OpportunityState.FILLED:
        raise NoPlaceLeft(
            "All places of this opportunity are taken; your answer was not recorded.",
            way_out="Answer again when a place is free, or decline. A caseworker can propose another opportunity.",
        )
    if opportunity.state is not OpportunityState.OPEN:
        raise Conflict(
            "This opportunity is not on offer; your answer was not recorded.",
            way_out="Decline. A caseworker can propose another opportunity.",
        )
    return [PlaceTaken(opportunity.id, now)]


def free_place(opportunity: Opportunity, *, now: datetime) -> list[Event]:
    """A place is free again; a filled opportunity is on offer once more."""
    return [PlaceFreed(opportunity.id, now)]


def evolve(opportunity: Opportunity, event: Event) -> Opportunity:
    """The state after the event. Raises ValueError for an event that can't follow."""
    after = replace(opportunity, version=opportunity.version + 1)
    match opportunity.state, event:
        case OpportunityState.DRAFT, OpportunityChanged():
            return replace(after, offer=event.offer)
        case OpportunityState.DRAFT, OpportunityPublished():
            return replace(after, state=OpportunityState.OPEN)
        case ((OpportunityState.OPEN | OpportunityState.FILLED), OpportunityClosed()):
            return replace(after, state=OpportunityState.CLOSED)
        case OpportunityState.OPEN, PlaceTaken() if opportunity.taken < opportunity.offer.capacity:
            full = opportunity.taken + 1 == opportunity.offer.capacity
            state = OpportunityState.FILLED if full else OpportunityState.OPEN
            return replace(after, taken=opportunity.taken + 1, state=state)
        case ((OpportunityState.OPEN | OpportunityState.FILLED), PlaceFreed()) if opportunity.taken > 0:
            return replace(after, taken=opportunity.taken - 1, state=OpportunityState.OPEN)
        case OpportunityState.CLOSED, PlaceFreed() if opportunity.taken > 0:
            return replace(after, taken=opportunity.taken - 1)
    raise ValueError(f"{type(event).__name__} can't follow on {opportunity.state.value}")
