"""A country's whole file of work rights."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.work_rights.soundness import problems_of
from contracts.work_rights.tables import CountryCode, Names, Rule, Slug, Status, Support
from contracts.yaml_file import Problem, Whole


class Country(Whole):
    """The work rights of one country."""

    country: CountryCode
    name: Names
    law_as_of: date
    """The state of the law that the file describes; what was decided later is not in it."""
    covers_from: date
    """First day for which the file answers."""
    checked_by: str
    """Who is responsible for checking the file against the law, by function."""
    laws: Mapping[str, str]
    """Abbreviation as used in `sources`, and the full name."""
    offices: Mapping[Slug, Names]
    rule_sets: Mapping[Slug, tuple[Rule, ...]] = {}
    support_sets: Mapping[Slug, tuple[Support, ...]] = {}
    statuses: Annotated[tuple[Status, ...], Field(min_length=1)]

    def status(self, code: str) -> Status | None:
        """The status of this code, if the file has it."""
        return next((status for status in self.statuses if status.code == code), None)

    def begin(self, status: Status) -> date:
        """The first day for which the file describes a status."""
        return status.valid_from or self.covers_from

    def rules(self, status: Status) -> tuple[Rule, ...]:
        """All rules of a status, its own first."""
        return status.rules + tuple(rule for name in status.includes for rule in self.rule_sets[name])

    def support(self, status: Status) -> tuple[Support, ...]:
        """Everything that the file says about who helps somebody with this status."""
        return tuple(one for name in status.supported_by for one in self.support_sets[name])

    def problems(self) -> Iterator[Problem]:
        """References into nothing, names given twice, rules that contradict each other or leave a gap."""
        return problems_of(self)
