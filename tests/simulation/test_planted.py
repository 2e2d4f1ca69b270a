"""The simulation finds what is put wrong: a checker that finds nothing proves nothing."""

import pytest

from tests.simulation.planted import PLANTED
from tests.simulation.pool import Game, play_all

WITHIN = 10
"""Seeds."""


def seeds_for(known: int) -> tuple[int, ...]:
    """The seed that found the fault before, then the others: ten in all."""
    return (known, *(seed for seed in range(1, WITHIN + 1) if seed != known))[:WITHIN]


def test_every_planted_fault_is_found_within_ten_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    games = [Game(seeds_for(plant.known), name) for name, plant in PLANTED.items()]

    found = {game.plant: result for game, result in play_all(games)}

    with capsys.disabled():
        print()
        for name, result in found.items():
            print(f"  {name}: {f'seed {result.seed}: {result.violations[0]}' if result.violations else 'NOT FOUND'}")
    assert [name for name, result in found.items() if not result.violations] == []
    assert len(found) >= 20
