"""What a country's file of work rights holds: rules that answer for some rights and circumstances between two dates."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.vocabulary import Allowed
from contracts.yaml_file import Location, Part, Problem, Whole

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
Start = Literal["since", "applied_on"]
"""The day from which months are counted: the status began, or the asylum application was lodged."""


class Right(StrEnum):
    """What is asked for."""

    WORK = "work"
    TRAINING = "training"
    INTERNSHIP = "internship"
    INTEGRATION_COURSE = "integration_course"


class Rule(Part):
    """One answer. The first rule of a status that covers the right, the date and the circumstances applies."""

    id: Slug
    rights: Annotated[tuple[Right, ...], Field(min_length=1)]
    answer: Allowed
    valid_from: date
    """First day on which the law says so."""
    valid_until: date | None = None
    """Last day on which the law says so; none while it is in force."""
    in_reception_centre: bool | None = None
    """Whether the rule is for people who must live in a reception centre; none for both."""
    counted_from: Start | None = None
    from_month: Annotated[int, Field(ge=1, le=120)] | None = None
    """The rule begins when so many months have ended, on the day after."""
    before_month: Annotated[int, Field(ge=1, le=120)] | None = None
    """The rule ends when so many months have ended, on that day."""
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    note: str | None = None


class Status(Part):
    """A residence status and its rules, in the order in which they are tried."""

    code: Slug
    name: Mapping[Literal["en", "de"], str]
    ends_with_document: bool = True
    """Whether the right ends when the document expires."""
    includes: tuple[Slug, ...] = ()
    """Rule sets that come after the status's own rules."""
    rules: tuple[Rule, ...] = ()


class Country(Whole):
    """The work rights of one country."""

    country: CountryCode
    name: Mapping[Literal["en", "de"], str]
    law_as_of: date
    """The state of the law that the file describes; what was decided later is not in it."""
    laws: Mapping[str, str]
    """Abbreviation as used in `sources`, and the full name."""
    rule_sets: Mapping[Slug, tuple[Rule, ...]] = {}
    statuses: Annotated[tuple[Status, ...], Field(min_length=1)]

    def status(self, code: str) -> Status | None:
        """The status of this code, if the file has it."""
        return next((status for status in self.statuses if status.code == code), None)

    def rules(self, status: Status) -> tuple[Rule, ...]:
        """All rules of a status, its own first."""
        return status.rules + tuple(rule for name in status.includes for rule in self.rule_sets[name])

    def problems(self) -> Iterator[Problem]:
        """References into nothing, names given twice, rules that can never apply."""
        seen: set[str] = set()
        for number, status in enumerate(self.statuses):
            at: Location = ("statuses", number)
            if status.code in seen:
                yield Problem((*at, "code"), f"'{status.code}' is given twice")
            seen.add(status.code)
            for position, name in enumerate(status.includes):
                if name not in self.rule_sets:
                    yield Problem((*at, "includes", position), f"no rule set is called '{name}'")
            if not status.rules and not status.includes:
                yield Problem(at, f"'{status.code}' has no rules")
            yield from self._problems_of_rules((*at, "rules"), status.rules)
        for name, rules in self.rule_sets.items():
            yield from self._problems_of_rules(("rule_sets", name), rules)

    def _problems_of_rules(self, at: Location, rules: tuple[Rule, ...]) -> Iterator[Problem]:
        seen: set[str] = set()
        for number, rule in enumerate(rules):
            place: Location = (*at, number)
            if rule.id in seen:
                yield Problem((*place, "id"), f"'{rule.id}' is given twice")
            seen.add(rule.id)
            if rule.valid_until and rule.valid_until < rule.valid_from:
                yield Problem((*place, "valid_until"), "the rule ends before it begins")
            months = (rule.from_month, rule.before_month)
            if rule.counted_from and months == (None, None):
                yield Problem((*place, "counted_from"), "say from_month or before_month, too")
            if not rule.counted_from and months != (None, None):
                field = "from_month" if rule.from_month else "before_month"
                yield Problem((*place, field), "say counted_from, too")
            if rule.from_month and rule.before_month and rule.from_month >= rule.before_month:
                yield Problem((*place, "before_month"), "the rule ends before it begins")
            for position, source in enumerate(rule.sources):
                if not any(source.endswith(f" {law}") for law in self.laws):
                    yield Problem((*place, "sources", position), f"'{source}' names no law of this file")
