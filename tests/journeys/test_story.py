"""The main job from its own table, `docs/story.md`, in both ways to run a region."""

import tempfile
from pathlib import Path

import httpx
import pytest

from infra.onebox.box import box
from infra.story.cast import Region
from infra.story.play import STEPS, perform, play
from infra.story.stage import NotAsTold, Report, Stage
from infra.story.table import rows


@pytest.mark.parametrize("apart", [False, True], ids=["in one process", "each service as its own two processes"])
async def test_the_story_happens_as_told(apart: bool) -> None:
    """Every cell of the table: events, who is told, what others see."""
    told: list[Report] = []
    folder = Path(tempfile.mkdtemp(prefix="lotse-story-"))
    async with (
        box(folder / "box", environment="test", apart=apart, keep=False) as made,
        httpx.AsyncClient(timeout=20) as http,
    ):
        stage = await play(Region(made, http), tell=told.append)
    assert [report.row.number for report in told] == [row.number for row in rows()]
    assert [phrase for report in told for phrase in report.seen] == [phrase for row in rows() for phrase in row.sees]
    assert stage.journey is not None


def test_the_table_has_a_step_for_each_row() -> None:
    assert len(STEPS) == len(rows()) == 13


async def test_a_cell_that_is_not_as_told_stops_the_story(tmp_path: Path) -> None:
    """The positive control: change a cell of the table, and the play must fail there."""
    async with (
        box(tmp_path / "box", environment="test", keep=False) as made,
        httpx.AsyncClient(timeout=20) as http,
    ):
        stage = Stage(Region(made, http))
        await stage.begin()
        [first, *_] = rows()
        wrong = type(first)(first.number, first.who, first.does, {"grant-given": 1}, first.told, first.sees)
        with pytest.raises(NotAsTold, match="events"):
            await perform(stage, wrong, STEPS[0])
