"""How much each observation speaks for or against two records being one person. Pure: figures and their sum.

The model is that of Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969), with one class more: two records
that share a key are of one person, of two members of one household, or of two strangers. A field that is observed with
probability `m` among records of one person and `u` among records of two weighs log2(m / u) bits; the bits are added.
Members of a household share family name, address, telephone and, as twins, the date of birth: weighed against strangers
alone they would look like one person. So each pair is weighed against what it would rather be.

A name that many bear says less: the bits of an agreeing name change by log2(usual share / its share).

The figures are data, estimated from records (`estimation.py`); `defaults.json` holds those that come with Lotse. Knows
no name and no record: see `comparison.py`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from math import log2
from pathlib import Path
from typing import Any, Final, Self


class Field(StrEnum):
    """What is compared, in this order."""

    NAMES = "names"
    THIRD_NAME = "third-name"
    BIRTH = "birth"
    PHONE = "phone"
    MAIL = "mail"
    ADDRESS = "address"
    NUMBER = "number"


class Level(StrEnum):
    """How well a field agrees."""

    EXACT = "exact"
    SOUNDS_ALIKE = "sounds-alike"
    SIMILAR = "similar"
    DIFFERENT = "different"
    SAME_DAY = "same-day"
    DAY_AND_MONTH_SWAPPED = "day-and-month-swapped"
    TWO_PARTS_SAME = "two-parts-same"
    SAME_MONTH = "same-month"
    SAME_YEAR = "same-year"
    YEAR_BESIDE = "year-beside"
    SAME_PLACE = "same-place"
    UNKNOWN = "unknown"
    # Two names at once: one observation, for who shares the one name by origin often shares the other, too.
    BOTH_EXACT = "both-exact"
    EXACT_AND_ALIKE = "exact-and-alike"
    EXACT_AND_SIMILAR = "exact-and-similar"
    BOTH_ALIKE = "both-alike"
    ALIKE_AND_SIMILAR = "alike-and-similar"
    ONE_ALIKE = "one-alike"
    BOTH_SIMILAR = "both-similar"
    ONE_SIMILAR = "one-similar"
    NONE_ALIKE = "none-alike"


_NAME: Final = (Level.EXACT, Level.SOUNDS_ALIKE, Level.SIMILAR, Level.DIFFERENT)
_GRADED: Final = (Level.EXACT, Level.SIMILAR, Level.DIFFERENT)
LEVELS: Final[Mapping[Field, tuple[Level, ...]]] = {
    Field.NAMES: (
        Level.BOTH_EXACT,
        Level.EXACT_AND_ALIKE,
        Level.BOTH_ALIKE,
        Level.EXACT_AND_SIMILAR,
        Level.ALIKE_AND_SIMILAR,
        Level.BOTH_SIMILAR,
        *_NAME,  # of somebody with one name only
        Level.ONE_ALIKE,
        Level.ONE_SIMILAR,
        Level.NONE_ALIKE,
    ),
    Field.THIRD_NAME: _NAME,
    Field.BIRTH: (
        Level.SAME_DAY,
        Level.DAY_AND_MONTH_SWAPPED,
        Level.TWO_PARTS_SAME,
        Level.SAME_MONTH,
        Level.SAME_YEAR,
        Level.YEAR_BESIDE,
        Level.DIFFERENT,
    ),
    Field.PHONE: (Level.EXACT, Level.DIFFERENT),
    Field.MAIL: (Level.EXACT, Level.DIFFERENT),
    Field.ADDRESS: (Level.EXACT, Level.SIMILAR, Level.SAME_PLACE, Level.DIFFERENT),
    Field.NUMBER: _GRADED,
}
FIELDS: Final = tuple(Field)

Pattern = tuple[int, ...]
"""Per field of `FIELDS` the place of the level in `LEVELS`; -1: unknown on one side."""
Rates = tuple[tuple[float, ...], ...]
"""Per field and level its probability in a class."""

RARER: Final = 4.0
COMMONER: Final = -5.0
"""Most bits that the rarity of one name adds or takes: a typo is the rarest name of all."""


class Against(StrEnum):
    """What the pair is weighed against: what it would be if it were not one person."""

    STRANGERS = "strangers"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the explanation."""

    field: Field
    level: Level
    bits: float


@dataclass(frozen=True, slots=True)
class Score:
    """The sum, what it is made of, and what it was weighed against."""

    bits: float
    """0: as likely one person as not."""
    findings: tuple[Finding, ...]
    prior: float
    """What the pair weighed before anything was compared: so few of all pairs are of one person. Part of the sum."""
    against: Against
    threshold: float
    version: str

    @property
    def possible(self) -> bool:
        """Whether somebody should look at the two records."""
        return self.bits >= self.threshold


@dataclass(frozen=True)
class Model:
    """Estimated figures. `version` names the estimate; what was told under it stays explained by it."""

    version: str
    same: Rates
    household: Rates
    strangers: Rates
    again: float
    """Further records of the same person, per record."""
    mates: float
    """Records of members of the same household that share a key, per record."""
    threshold: float
    usual: float = 0.01
    """The chance that the names of two strangers sound the same."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """How many bear a name of this sound, for the common ones; the keys are what `named` makes of a sound."""
    rare: float = 0.0
    """The share of a name that is not among those; 0: nothing is known of shares."""
    keyed: bool = False
    """The shares are filed under keyed tokens: they are of a region's own people."""
    _weighed: dict[Pattern, tuple[float, float, float]] = field(default_factory=dict, repr=False, compare=False)

    def bits(self, pattern: Pattern, sounds: Sequence[str], people: int, named: Callable[[str], str] = str) -> float:
        """The sum alone, among so many people. `sounds` of the agreeing names."""
        same, household, strangers = self._weigh(pattern)
        chance_of_names = 2.0 ** -self.rarity(sounds, named)
        return log2(self.again * same / (self.mates * household + people * strangers * chance_of_names))

    def score(self, pattern: Pattern, sounds: Sequence[str], people: int, named: Callable[[str], str] = str) -> Score:
        """The sum with its explanation; a name's line holds what its rarity adds."""
        _, household, strangers = self._weigh(pattern)
        rarity = self.rarity(sounds, named)
        family = self.mates * household > people * strangers * 2.0**-rarity
        against, other = (Against.HOUSEHOLD, self.household) if family else (Against.STRANGERS, self.strangers)
        findings = []
        for number, (what, level) in enumerate(zip(FIELDS, pattern, strict=True)):
            if level < 0:
                findings.append(Finding(what, Level.UNKNOWN, 0.0))
                continue
            bits = log2(self.same[number][level] / other[number][level])
            findings.append(
                Finding(what, LEVELS[what][level], bits + (0.0 if family or what is not Field.NAMES else rarity))
            )
        total = self.bits(pattern, sounds, people, named)
        prior = total - sum(one.bits for one in findings)
        return Score(total, tuple(findings), prior, against, self.threshold, self.version)

    def rarity(self, sounds: Sequence[str], named: Callable[[str], str] = str) -> float:
        """By how many bits the names are rarer than usual ones."""
        return sum(self._rarity(named(sound)) for sound in sounds)

    def _weigh(self, pattern: Pattern) -> tuple[float, float, float]:
        known = self._weighed.get(pattern)
        if known is None:
            known = chance(self.same, pattern), chance(self.household, pattern), chance(self.strangers, pattern)
            if len(self._weighed) < 100_000:
                self._weighed[pattern] = known
        return known

    def _rarity(self, key: str) -> float:
        share = self.shares.get(key, self.rare)
        return max(COMMONER, min(RARER, log2(self.usual / share))) if share else 0.0

    def as_json(self) -> dict[str, Any]:
        """As it is kept: levels by name, so that a person can read it."""
        return {
            "version": self.version,
            "threshold": self.threshold,
            "again": self.again,
            "mates": self.mates,
            "usual_share": self.usual,
            "rare_share": self.rare,
            "keyed": self.keyed,
            "rates": {
                what: {
                    level: [round(rates[number][place], 7) for rates in (self.same, self.household, self.strangers)]
                    for place, level in enumerate(LEVELS[what])
                }
                for number, what in enumerate(FIELDS)
            },
            "shares": dict(self.shares),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Raises KeyError for figures of another set of fields or levels."""
        same, household, strangers = (
            tuple(tuple(float(kept["rates"][what][level][which]) for level in LEVELS[what]) for what in FIELDS)
            for which in range(3)
        )
        return cls(
            version=kept["version"],
            same=same,
            household=household,
            strangers=strangers,
            again=kept["again"],
            mates=kept["mates"],
            threshold=kept["threshold"],
            usual=kept["usual_share"],
            shares=kept["shares"],
            rare=kept["rare_share"],
            keyed=kept["keyed"],
        )


def chance(rates: Rates, pattern: Pattern) -> float:
    """Probability of what was observed; what is unknown on one side says nothing."""
    found = 1.0
    for number, level in enumerate(pattern):
        if level >= 0:
            found *= rates[number][level]
    return found


@cache
def defaults() -> Model:
    """The figures that come with Lotse, estimated on invented people; see docs/duplicates.md."""
    return Model.from_json(json.loads((Path(__file__).parent / "defaults.json").read_text()))
