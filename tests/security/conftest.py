"""One region on which the story was played, each service in its own processes, for all tests of this folder."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from contracts.events import intake
from infra.onebox.box import box
from infra.onebox.layout import Box
from infra.story.cast import Region
from infra.story.play import play
from infra.story.stage import Stage


@dataclass
class Played:
    """The region after the story, a webhook of the job centre in it, and every error body that was answered so far."""

    box: Box
    stage: Stage
    refusals: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture(scope="session")
async def played() -> AsyncIterator[Played]:
    folder = Path(tempfile.mkdtemp(prefix="lotse-security-"))
    refusals: list[tuple[str, bytes]] = []

    async def keep(answer: httpx.Response) -> None:
        if answer.is_error:
            refusals.append((f"error body of {answer.request.url.path}", await answer.aread()))

    async with (
        box(folder / "box", environment="test", apart=True, keep=False) as made,
        httpx.AsyncClient(timeout=20, event_hooks={"response": [keep]}) as http,
    ):
        stage = await play(Region(made, http))
        paul = await stage.person("paul")
        hook = {"url": "https://case.example/lotse", "types": [intake.GrantGiven.TYPE]}
        stage.has["webhook"] = (await paul.post("notifications", "/v1/webhooks", hook)).json()["id"]
        yield Played(made, stage, refusals)
