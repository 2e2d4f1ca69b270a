"""A placement as far as a course depends on it: at which company, and from when until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contracts.refusal import Invalid
from contracts.vocabulary import AgencyId, OpportunityKind, PlacementId


@dataclass(frozen=True, slots=True)
class Placement:
    """Confirmed, running (`started_on`) or over (`ended_on`)."""

    id: PlacementId
    kind: OpportunityKind
    employer: AgencyId
    started_on: date | None = None
    ended_on: date | None = None

    @property
    def agreed(self) -> bool:
        """Confirmed or running."""
        return self.ended_on is None

    def runs_on(self, day: date) -> bool:
        """First and last day included."""
        if self.started_on is None or day < self.started_on:
            return False
        return self.ended_on is None or day <= self.ended_on

    def within(self, first: date, last: date | None) -> bool:
        """Whether it ran on any day from `first` to `last`; `last` None means: still open."""
        if self.started_on is None or (last is not None and self.started_on > last):
            return False
        return self.ended_on is None or self.ended_on >= first


def of_company(placements: Iterable[Placement], company: AgencyId, day: date, named: PlacementId | None) -> PlacementId:
    """The company's placement of this participant that runs on `day`, the `named` one if given. Raises `Invalid`."""
    for placement in placements:
        if placement.employer == company and placement.runs_on(day) and named in (None, placement.id):
            return placement.id
    raise Invalid(
        "This participant had no such placement with your company on this day.",
        way_out="Record a day between the first and the last of the placement.",
        field="on",
    )


def companies(placements: Iterable[Placement], first: date, last: date | None) -> frozenset[AgencyId]:
    """The companies that have a part in a journey of that time. Earlier and later employers have none."""
    return frozenset(one.employer for one in placements if one.within(first, last))
