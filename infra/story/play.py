"""Plays the story row by row and tells what happened; raises `NotAsTold` at the first cell that is not as told."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final

from infra.story import aftermath, arrival, support, workplace
from infra.story.cast import Region
from infra.story.stage import NotAsTold, Report, Stage
from infra.story.table import Row, rows

STEPS: Final[tuple[Callable[[Stage], Awaitable[None]], ...]] = (
    arrival.mira_registers,
    arrival.jonas_registers_the_same_person,
    arrival.jonas_records_grants,
    arrival.jonas_interviews,
    support.jonas_refers_to_ken,
    support.amal_joins_the_cohort,
    workplace.internship_is_agreed,
    workplace.internship_runs,
    workplace.feedback_at_two_stages,
    workplace.job_follows,
    aftermath.follow_up,
    aftermath.amal_withdraws,
    aftermath.watched_over,
)


async def play(region: Region, tell: Callable[[Report], None] = lambda _: None, upto: int | None = None) -> Stage:
    """The whole story, or its first steps. The stage it was played on holds all ids."""
    stage = Stage(region)
    await stage.begin()
    for row, step in list(zip(rows(), STEPS, strict=True))[:upto]:
        tell(await perform(stage, row, step))
    return stage


async def perform(stage: Stage, row: Row, step: Callable[[Stage], Awaitable[None]]) -> Report:
    """One step, held against its row. Raises `NotAsTold`."""
    await stage.begin()
    started = perf_counter()
    try:
        await step(stage)
        return await stage.finish(row, perf_counter() - started)
    except NotAsTold as fault:
        raise NotAsTold(f"step {row.number} ({row.who} {row.does}): {fault}") from None
