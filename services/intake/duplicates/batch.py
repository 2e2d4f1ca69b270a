"""All records against each other at once: the pairs that share a key, each compared once. In memory, for one pass."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations
from random import Random
from typing import Final

from services.intake.duplicates import blocking, estimation
from services.intake.duplicates.comparison import compare
from services.intake.duplicates.estimation import Seen
from services.intake.duplicates.names import skeleton, sounds
from services.intake.duplicates.particulars import Particulars
from services.intake.duplicates.weights import Model

LARGEST_BLOCK: Final = 100
"""A key that more records share says nothing; what belongs together shares a rarer one as well."""

RANDOM_PAIRS: Final = 200_000


def pairs(people: Sequence[Particulars]) -> set[tuple[int, int]]:
    """Which are compared, by their places in `people`."""
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for number, person in enumerate(people):
        for key in blocking.keys(person):
            blocks[key].append(number)
    return {
        (one, other)
        for block in blocks.values()
        if 1 < len(block) <= LARGEST_BLOCK
        for place, other in enumerate(block)
        for one in block[:place]
    }


def counted(people: Sequence[Particulars], compared: Iterable[tuple[int, int]], model: Model) -> Counter[Seen]:
    """How often each pattern is seen, with so rare or common names."""
    found: Counter[Seen] = Counter()
    for one, other in compared:
        pattern, agreeing = compare(people[one], people[other])
        found[pattern, round(model.rarity(agreeing))] += 1
    return found


def learnt(model: Model, people: Sequence[Particulars], version: str, source: Random) -> Model:
    """The figures of these people, starting from `model`."""
    size = len(people)
    bearers = Counter(sound for person in people for sound in sounds(person.words))
    named = estimation.with_shares(model, bearers, size)
    drawn = ((source.randrange(size), source.randrange(size)) for _ in range(min(RANDOM_PAIRS, 50 * size)))
    at_random = counted(people, ((one, other) for one, other in drawn if one != other), named)
    sharing = counted(people, pairs(people), named)
    return estimation.estimate(named, sharing, at_random, namesakes(people), estimation.Of(size, size), version)


def namesakes(people: Sequence[Particulars]) -> dict[int, float]:
    """The share of all pairs of which two names agree: both exactly, one exactly and one in sound, both in sound."""
    exact: Counter[tuple[str, ...]] = Counter()
    half: Counter[tuple[str, ...]] = Counter()
    alike: Counter[tuple[str, ...]] = Counter()
    for person in people:
        exact.update(combinations(person.words, 2))
        half.update((a, skeleton(b)) for a, b in permutations(person.words, 2))
        alike.update(combinations(sorted(map(skeleton, person.words)), 2))
    all_pairs = max(len(people) * (len(people) - 1) / 2, 1)
    both, one, sound = (sum(many * (many - 1) / 2 for many in each.values()) for each in (exact, half, alike))
    mixed = max(one - 2 * both, 0.0)
    return {0: both / all_pairs, 1: mixed / all_pairs, 2: max(sound - both - mixed, 0.0) / all_pairs}


def found(
    people: Sequence[Particulars], compared: Iterable[tuple[int, int]], model: Model
) -> Iterator[tuple[int, int, float]]:
    """The pairs that are possible, with their bits."""
    for one, other in compared:
        pattern, agreeing = compare(people[one], people[other])
        bits = model.bits(pattern, agreeing, len(people))
        if bits >= model.threshold:
            yield one, other, bits
