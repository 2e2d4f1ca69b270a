"""The parts of a programme template whose kind decides their fields: what opens a stage, and what raises attention.

Only data and the arithmetic of a rule; who is told and what happens then belongs to referrals.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from contracts.vocabulary import LanguageCode, NeedDomain, OpportunityKind
from contracts.yaml_file import Part

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""An id inside a template: short, stable, lower case."""


def _english_and_german(names: dict[LanguageCode, str]) -> dict[LanguageCode, str]:
    for language in ("en", "de"):
        if not names.get(language, "").strip():
            raise ValueError(f"a text for '{language}' is required")
    return names


Words = Annotated[dict[LanguageCode, str], AfterValidator(_english_and_german)]
"""A text per language; English and German always, others as a region needs them."""

Severity = Literal["low", "medium", "high"]

_SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")


def at_least(severity: Severity, floor: Severity) -> bool:
    """Whether a barrier of `severity` weighs as much as `floor` or more."""
    return _SEVERITIES.index(severity) >= _SEVERITIES.index(floor)


class Sourced(Part):
    """Something a document says. Without `source` it is our own choice and may be changed without asking anybody."""

    source: Slug | None = None


class Eligible(Sourced):
    """Intake answered `eligibility-decided` with yes."""

    kind: Literal["eligible"]


class StageCompleted(Sourced):
    """An earlier stage is done."""

    kind: Literal["stage-completed"]
    stage: Slug


class PlacementAgreed(Sourced):
    """A placement of this kind is confirmed or runs already."""

    kind: Literal["placement-agreed"]
    placement: OpportunityKind


class NoOpenBarrier(Sourced):
    """No open barrier of one of these domains with this severity or more."""

    kind: Literal["no-open-barrier"]
    domains: Annotated[tuple[NeedDomain, ...], Field(min_length=1)]
    severity: Severity

    def blocked_by(self, domain: NeedDomain, severity: Severity) -> bool:
        """Whether an open barrier keeps this gate shut."""
        return domain in self.domains and at_least(severity, self.severity)


Gate = Annotated[Eligible | StageCompleted | PlacementAgreed | NoOpenBarrier, Field(discriminator="kind")]
"""A condition of entering a stage."""


class WarningRule(Sourced):
    """What all early-warning rules have. The id travels on events, so it must not name a need."""

    id: Slug
    responsible: Slug
    """The function of the consortium that has to look at it."""
    told: tuple[Slug, ...] = ()
    """Functions that hear of it, too."""


class Absences(WarningRule):
    """So many absences within so many days."""

    kind: Literal["absences"]
    times: Annotated[int, Field(ge=1)]
    within_days: Annotated[int, Field(ge=1)]

    def fires(self, absent_on: Iterable[date], on: date) -> bool:
        """Whether the days of absence reach the limit in the `within_days` days that end with `on`."""
        first = on - timedelta(days=self.within_days - 1)
        return len({day for day in absent_on if first <= day <= on}) >= self.times


class MissedFeedback(WarningRule):
    """A feedback point of the stage is still open so many days after it was due."""

    kind: Literal["missed-feedback"]
    overdue_days: Annotated[int, Field(ge=0)]


class MissedGuidance(WarningRule):
    """No guidance talk so many days after the stage's interval ended."""

    kind: Literal["missed-guidance"]
    overdue_days: Annotated[int, Field(ge=0)]


class OpenBarrier(WarningRule):
    """A barrier of this severity or more stays open for so many days, whatever its domain."""

    kind: Literal["open-barrier"]
    severity: Severity
    open_days: Annotated[int, Field(ge=0)]


class PlacementTrouble(WarningRule):
    """A placement of these kinds ended before its time."""

    kind: Literal["placement-trouble"]
    placements: Annotated[tuple[OpportunityKind, ...], Field(min_length=1)]


EarlyWarningRule = Annotated[
    Absences | MissedFeedback | MissedGuidance | OpenBarrier | PlacementTrouble, Field(discriminator="kind")
]
"""When the programme wants somebody to look. A rule raises attention; a human decides what follows."""
