"""Weights from data: what kinds of pairs there are among those that share a key, without being told which is which.

Expectation-maximisation over counted patterns (Winkler 1988), with the classes of `weights.py`. Nobody's answer is
needed, and where a region has few pairs the figures it starts from hold: they count as `BELIEF` pairs of each class.
Pure: patterns in, figures out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final

from services.intake.duplicates.weights import FIELDS, LEVELS, Field, Level, Model, Pattern, Rates, chance

Seen = tuple[Pattern, int]
"""A pattern, and the bits by which the agreeing names are rarer than usual."""
ROUNDS: Final = 200
SETTLED: Final = 1e-7
"""Estimating ends when a round makes the data no likelier than by this share."""
BELIEF: Final = 30.0
"""So many pairs per class the starting figures count as."""
ONE: Final = 1.0
COMMON: Final = 0.001
"""From this share of the people on a name is common: its share is kept."""
COUNTED: Final = 5
"""So many bearers a share rests on at least."""
APART: Final = 0.15
"""So many of the pairs of a household have two addresses at least."""
LEAST: Final = 1e-6
"""No level is impossible."""


@dataclass(frozen=True, slots=True)
class Of:
    """What the pairs are of: so many records were looked at, out of a region of so many."""

    looked_at: int
    region: int
    sides: int = 2
    """2: each pair was seen from one side only; 1: from the side of each record that was looked at."""


def estimate(
    model: Model,
    sharing: Mapping[Seen, int],
    at_random: Mapping[Seen, int],
    namesakes: Mapping[int, float],
    of: Of,
    version: str,
) -> Model:
    """The model that makes the patterns likely, starting from `model`; threshold and shares stay as they are.

    `sharing`: counted among pairs that share a key; it holds the pairs of one person and of one household.
    `at_random`: counted among pairs drawn at random, which are of strangers: how often strangers agree by chance can't
    be learnt from pairs that were chosen because they agree. `namesakes`: the share of all pairs whose two names agree
    at this level, counted whole, for a draw meets too few of them.
    """
    strangers = by_chance(model.strangers, at_random)
    same, household, again, mates = model.same, model.household, model.again, model.mates
    before = float("-inf")
    for _ in range(ROUNDS):
        counts, sizes, likelihood = (_zeros(), _zeros()), [1.0, 1.0], 0.0
        not_strangers = [(again * a + mates * b) / of.region for a, b in zip(same[0], household[0], strict=True)]
        strangers = (_without(strangers[0], namesakes, not_strangers), *strangers[1:])
        for seen, many in sharing.items():
            pattern = seen[0]
            parts = again * chance(same, pattern), mates * chance(household, pattern)
            together = parts[0] + parts[1] + of.region * chance(strangers, pattern) * 2.0 ** -seen[1]
            likelihood += many * log(together)
            for which in (0, 1):
                belongs = many * parts[which] / together
                sizes[which] += belongs
                row = counts[which]
                for number, level in enumerate(pattern):
                    if level >= 0:
                        row[number][level] += belongs
        same = _rates(counts[0], model.same, BELIEF)
        household = _living_apart(_rates(counts[1], model.household, BELIEF))
        again, mates = (size * of.sides / of.looked_at for size in sizes)
        if abs(likelihood - before) <= SETTLED * abs(likelihood):
            break
        before = likelihood
    return replace(
        model,
        version=version,
        same=same,
        household=household,
        strangers=strangers,
        again=again,
        mates=mates,
        _weighed={},
    )


def _without(names: Sequence[float], namesakes: Mapping[int, float], others: Sequence[float]) -> tuple[float, ...]:
    """The rates of strangers' names: counted pairs less those that are of one person or household."""
    least = [max(rate - others[level], LEAST) for level, rate in sorted(namesakes.items())]
    return (*least, *names[len(least) :])


def _living_apart(household: Rates) -> Rates:
    """Families live apart, or one record is older than the move: two addresses never say that it is no family."""
    place = FIELDS.index(Field.ADDRESS)
    *others, elsewhere = household[place]
    kept = [rate * (1 - max(elsewhere, APART)) / sum(others) for rate in others]
    return (*household[:place], (*kept, max(elsewhere, APART)), *household[place + 1 :])


def _zeros() -> list[list[float]]:
    return [[0.0] * len(LEVELS[what]) for what in FIELDS]


def by_chance(before: Rates, at_random: Mapping[Seen, int]) -> Rates:
    """How often each level is seen between strangers."""
    counts = [[0.0] * len(row) for row in before]
    for (pattern, _), many in at_random.items():
        for number, level in enumerate(pattern):
            if level >= 0:
                counts[number][level] += many
    return _rates(counts, before, ONE)


def _rates(counts: list[list[float]], prior: Rates, belief: float) -> Rates:
    found = []
    for row, before in zip(counts, prior, strict=True):
        whole = sum(row) + belief
        smooth = [max((count + belief * rate) / whole, LEAST) for count, rate in zip(row, before, strict=True)]
        found.append(tuple(value / sum(smooth) for value in smooth))
    return tuple(found)


def beginning() -> Model:
    """Where the very first estimate starts: the order of the classes, and nothing measured.

    One person: what is known mostly agrees. Household: one name, the address and the telephone agree, the other name
    does not.
    """
    agree = {what: (0.7, 0.05) for what in FIELDS}
    family = agree | {Field.NAMES: (0.01, 0.05), Field.THIRD_NAME: (0.1, 0.7), Field.BIRTH: (0.1, 0.8)}
    family |= {Field.NUMBER: (0.01, 0.95), Field.MAIL: (0.2, 0.8)}
    apart = {what: (0.01, 0.95) for what in FIELDS}
    same, household, strangers = (_shaped(ends) for ends in (agree, family, apart))
    one_name = LEVELS[Field.NAMES].index(Level.ONE_ALIKE)
    names = [0.02 if place != one_name else 0.74 for place in range(len(LEVELS[Field.NAMES]))]
    household = tuple(tuple(names) if what is Field.NAMES else row for what, row in zip(FIELDS, household, strict=True))
    return Model("beginning", same, household, strangers, again=0.1, mates=0.5, threshold=0.0)


def _shaped(ends: Mapping[Field, tuple[float, float]]) -> Rates:
    """The first and the last level of each field as given; those between share the rest."""
    found = []
    for what in FIELDS:
        (first, last), between = ends[what], len(LEVELS[what]) - 2
        rest = [(1 - first - last) / between] * between if between else []
        found.append((first, *rest, last if between else 1 - first))
    return tuple(found)


def with_shares(model: Model, sounds: Mapping[str, int], people: int) -> Model:
    """The model that knows how many bear which name; `sounds`: how many of the people bear a name of this sound."""
    common = {sound: many / people for sound, many in sounds.items() if many >= COUNTED and many / people >= COMMON}
    usual = sum((many / people) ** 2 for many in sounds.values())
    return replace(
        model,
        shares={sound: round(share, 5) for sound, share in common.items()},
        usual=usual,
        rare=COMMON / 2,
        _weighed={},
    )
