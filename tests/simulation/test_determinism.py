"""A seed is one story: it can be told again, by another process and after other seeds."""

from tests.simulation.pool import Game, play_all


def test_a_seed_gives_the_same_trail_wherever_it_is_played() -> None:
    games = [Game((2,)), Game((3, 2)), Game((3,))]

    hashes = {game.seeds: result.hash for game, result in play_all(games, processes=2)}

    assert hashes[2,] == hashes[3, 2], "after another seed, too"
    assert hashes[2,] != hashes[3,]
