"""The story while workers are killed: nobody can tell it from a story in which nobody died.

Each row checks that exactly its facts flowed and exactly its people were told, so a lost or doubled effect stops it.
Beside that: the same inbox items as in a quiet run, every expected mail, and repeats only under the same Message-ID.
"""

import asyncio
import email
import random
import signal
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from infra.onebox.apart import start
from infra.onebox.box import box
from infra.onebox.layout import Box
from infra.story.cast import Region
from infra.story.play import play
from infra.story.stage import Report
from tests.support.waiting import until

Told = Counter[tuple[int, str, str]]
"""(step, person, message)"""
KILLS = 10
AT_ONCE = 8
"""Mails that a sender has on their way together."""


async def kill_and_restart(made: Box, kills: list[str], seed: int) -> None:
    """Kill a worker chosen by the seed, start it again, and so on until cancelled."""
    chance = random.Random(seed)
    while len(kills) < KILLS:
        await asyncio.sleep(chance.uniform(0.5, 2.5))
        service = chance.choice(made.services)
        process = made.processes[service.name, "worker"]
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        kills.append(service.name)
        await start(made, service, "worker")


async def restart_when_it_dies(made: Box, name: str) -> None:
    """What an outer supervisor does."""
    [service] = [each for each in made.services if each.name == name]
    while True:
        await made.processes[name, "worker"].wait()
        await start(made, service, "worker")


async def played(folder: Path, beside: Any = None, **crash: str) -> tuple[Told, Counter[str]]:
    """(who was told what in which step, how often each Message-ID was handed over)"""
    told: Told = Counter()

    def note(report: Report) -> None:
        told.update((report.row.number, name, key) for name, keys in report.told.items() for key in keys)

    async with (
        box(folder, environment="test", apart=True, keep=False, extra={"lease_seconds": 3}) as made,
        httpx.AsyncClient(timeout=30) as http,
    ):
        if crash:
            await _with_crash(made, **crash)
        killing = asyncio.create_task(beside(made)) if beside else None
        try:
            await play(Region(made, http, patience=60), tell=note)
        finally:
            if killing is not None:
                killing.cancel()
                with suppress(asyncio.CancelledError):
                    await killing
        await until(lambda: _all_sent(made), "every mail has left", within=60)
        return told, await asyncio.to_thread(_mails, folder)


async def _all_sent(made: Box) -> bool:
    """A mail whose sender was killed is sent again when its lease is over."""
    async with await psycopg.AsyncConnection.connect(
        made.settings["notifications"].database_url.get_secret_value()
    ) as db:
        found = await db.execute("select count(*) from delivery.delivery where state = 'waiting'")
        return await found.fetchone() == (0,)


def _mails(folder: Path) -> Counter[str]:
    """How often each mail was handed over."""
    mails = [email.message_from_bytes(path.read_bytes()) for path in folder.rglob("*.eml")]
    return Counter(f"{mail['To']} {mail['Message-ID']}" for mail in mails)


async def _with_crash(made: Box, **crash: str) -> None:
    [service] = [each for each in made.services if each.name == "notifications"]
    process = made.processes["notifications", "worker"]
    process.terminate()
    await process.wait()
    await start(made, service, "worker", **crash)


@pytest.fixture(scope="module")
async def quiet() -> tuple[Told, Counter[str]]:
    """The story without a kill."""
    return await played(Path(tempfile.mkdtemp(prefix="lotse-quiet-")) / "box")


async def test_ten_random_kills_change_nothing(quiet: tuple[Told, Counter[str]], tmp_path: Path) -> None:
    kills: list[str] = []
    told, mails = await played(tmp_path / "box", lambda made: kill_and_restart(made, kills, seed=20261122))
    assert len(kills) == KILLS, f"the kills were carried out: {kills}"
    assert told == quiet[0], "each inbox item exactly once"
    assert len(mails) == len(quiet[1]), "every expected mail was handed over"


@pytest.mark.parametrize("point", ["before-smtp", "after-smtp"])
async def test_a_kill_around_the_hand_over_loses_no_mail(
    quiet: tuple[Told, Counter[str]], tmp_path: Path, point: str
) -> None:
    mark = tmp_path / "mark"
    told, mails = await played(
        tmp_path / "box",
        lambda made: restart_when_it_dies(made, "notifications"),
        crash_point=point,
        crash_nth="3",
        crash_mark=str(mark),
    )
    assert mark.read_text() == point, "it was killed there"
    assert told == quiet[0]
    assert len(mails) == len(quiet[1]), "none is missing; a repeat has the same Message-ID"
    repeats = sum(mails.values()) - len(mails)
    assert repeats >= (point == "after-smtp"), "a mail that was handed over and not noted leaves again"
    assert repeats <= AT_ONCE, "and only what was on its way when the worker died"
