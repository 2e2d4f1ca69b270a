"""How much each observation speaks for or against two records being one person. Pure: figures and their sum.

The model is that of Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969): a field that is observed with
probability `m` among records of one person and `u` among records of two weighs log2(m / u) bits; the bits are added.
The m and u below are our own starting estimates, not measured ones: they belong to be re-estimated from the region's
confirmed and declined candidates. Knows no name and no record: see `comparison.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log2
from typing import Final


class Field(StrEnum):
    """What is compared."""

    NAME = "name"
    BIRTH = "birth"
    PHONE = "phone"


class Level(StrEnum):
    """How well a field agrees."""

    EXACT = "exact"
    SOUNDS_ALIKE = "sounds-alike"
    SIMILAR = "similar"
    DIFFERENT = "different"
    SAME_DAY = "same-day"
    DAY_AND_MONTH_SWAPPED = "day-and-month-swapped"
    SAME_MONTH = "same-month"
    SAME_YEAR = "same-year"
    YEAR_BESIDE = "year-beside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Odds:
    """Probability of a level among records of one person (`m`) and of two (`u`)."""

    m: float
    u: float

    @property
    def bits(self) -> float:
        return log2(self.m / self.u)


WEIGHTS: Final[Mapping[Field, Mapping[Level, Odds]]] = {
    # Per pair of name words, whatever their order. The m and the u of a field add up to 1.
    Field.NAME: {
        Level.EXACT: Odds(0.60, 0.005),
        Level.SOUNDS_ALIKE: Odds(0.20, 0.004),
        Level.SIMILAR: Odds(0.12, 0.030),
        Level.DIFFERENT: Odds(0.08, 0.961),
    },
    # u of a day: 1 in 14,600 for 40 years of birth. 1 January counts as "day and month unknown".
    Field.BIRTH: {
        Level.SAME_DAY: Odds(0.55, 0.00007),
        Level.DAY_AND_MONTH_SWAPPED: Odds(0.03, 0.00007),
        Level.SAME_MONTH: Odds(0.15, 0.00200),
        Level.SAME_YEAR: Odds(0.15, 0.02500),
        Level.YEAR_BESIDE: Odds(0.05, 0.05000),
        Level.DIFFERENT: Odds(0.07, 0.92286),
    },
    # u is high for a number: families and shelters share telephones.
    Field.PHONE: {
        Level.EXACT: Odds(0.50, 0.001),
        Level.DIFFERENT: Odds(0.50, 0.999),
    },
}

THRESHOLD: Final = 12.5
"""Bits from which a possible match is told: two exact names, or two names that sound alike and the year of birth."""

NAMES_COUNTED: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the explanation."""

    field: Field
    level: Level
    bits: float


@dataclass(frozen=True, slots=True)
class Score:
    """The sum, and what it is made of."""

    bits: float
    findings: tuple[Finding, ...]

    @property
    def possible(self) -> bool:
        """Whether somebody should look at the two records."""
        return self.bits >= THRESHOLD


def score(observed: Iterable[tuple[Field, Level]]) -> Score:
    """Add up what was observed; what is unknown on one side says nothing."""
    findings = tuple(
        Finding(field, level, 0.0 if level is Level.UNKNOWN else WEIGHTS[field][level].bits)
        for field, level in sorted(observed)
    )
    return Score(sum(finding.bits for finding in findings), findings)
