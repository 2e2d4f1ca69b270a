"""Plays many seeds on all cores: each process has a region of its own and takes the next seed when it is through.

`PYTHONHASHSEED` is fixed in them, so that a seed is the same wherever it is played.
"""

import asyncio
import atexit
import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from typing import Final

import structlog

from infra.chassis.process import loop_factory
from tests.simulation.ground import ground
from tests.simulation.planted import PLANTED
from tests.simulation.run import Result, run
from tests.simulation.world import World, world

LINES: Final = 60
"""Of a trail, for a reader."""


@dataclass(frozen=True)
class Game:
    """What to play: the first of these seeds that shows something, with this plant in the code, if one is named."""

    seeds: tuple[int, ...]
    plant: str | None = None


def play(game: Game) -> Result:
    """In this process: until a seed shows a violation, or none is left."""
    result = None
    with ExitStack() as stack:
        if game.plant is not None:
            stack.enter_context(PLANTED[game.plant].put())
        for seed in game.seeds:
            result = _runner().run(run(_open()[0], seed))
            if result.violations:
                break
    assert result is not None
    return replace(result, trail=result.trail[-LINES:])


@cache
def _runner() -> asyncio.Runner:
    # A run is silent: what it has to say is its trail.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return asyncio.Runner(loop_factory=loop_factory)


@cache
def _open() -> tuple[World, AsyncExitStack]:
    """This process's region, and what keeps it open: it ends with the process."""

    async def opened() -> tuple[World, AsyncExitStack]:
        stack = AsyncExitStack()
        return await stack.enter_async_context(world(ground())), stack

    made, stack = _runner().run(opened())
    atexit.register(lambda: _runner().run(stack.aclose()))
    return made, stack


def cores() -> int:
    """One beside other processes of tests, which take the cores themselves."""
    return 1 if "PYTEST_XDIST_WORKER" in os.environ else os.cpu_count() or 1


@contextmanager
def players(processes: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Processes that play."""
    before = os.environ.get("PYTHONHASHSEED")
    os.environ["PYTHONHASHSEED"] = "0"
    try:
        with ProcessPoolExecutor(processes or cores(), mp_context=get_context("spawn")) as pool:
            yield pool
    finally:
        if before is None:
            del os.environ["PYTHONHASHSEED"]
        else:
            os.environ["PYTHONHASHSEED"] = before


def play_all(games: Iterable[Game], processes: int | None = None) -> Iterator[tuple[Game, Result]]:
    """Each game with its result, as they come in."""
    with players(processes) as pool:
        under_way: dict[Future[Result], Game] = {pool.submit(play, game): game for game in games}
        for future in as_completed(under_way):
            yield under_way[future], future.result()
