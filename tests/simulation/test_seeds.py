"""Seeds that must be sound, whatever they let go wrong. More of them: `make simulate SEEDS=1-300`."""

from typing import Final

from tests.simulation.__main__ import told
from tests.simulation.pool import Game, play_all

SEEDS: Final = range(1, 17)
"""As many as one busy core plays in about two minutes."""


def test_whatever_goes_wrong_nothing_is_lost_doubled_or_shown() -> None:
    results = [result for _, result in play_all(Game((seed,)) for seed in SEEDS)]

    assert [told(result) for result in results if result.violations] == []
    assert len(results) == len(SEEDS)
    assert all(result.steps > 200 for result in results), "something happened in each of them"
