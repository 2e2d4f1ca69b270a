"""A file of people is taken in while its sender or intake is killed; run again, nobody is there twice, missing or half.

Killed are real processes, by SIGKILL and in the midst of a batch: the command that sends the file, and intake's API.
"""

import asyncio
import csv
import os
import random
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import psycopg
import pytest

from infra.importing.participants import BATCH
from infra.onebox import apart, children
from infra.onebox.box import box
from infra.onebox.layout import Box
from tests.support.arrivals import name
from tests.support.waiting import until

PEOPLE: Final = BATCH * 5 + 7
SEEDS: Final = (1, 2, 3)
"""Of the number of rows that are in when somebody dies."""


@pytest.fixture(scope="module")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Box]:
    """Intake alone, in processes of its own."""
    folder = tmp_path_factory.mktemp("import") / "box"
    async with box(folder, environment="test", apart=True, keep=False, services=("intake",)) as made:
        yield made


def file_of(people: int, folder: Path) -> Path:
    file = folder / "people.csv"
    lines = [f"{name()},{name()},{1950 + number % 50}" for number in range(people)]
    file.write_text("\n".join(["given name,family name,born", *lines]))
    return file


async def importing(made: Box, file: Path, *more: str) -> Process:
    """`lotse import participants`, under way."""
    command = (sys.executable, "-m", "infra.cli", "import", "participants", str(file), *more)
    with (made.folder / "import.log").open("ab") as log:
        return await children.start(
            *command, env={**os.environ, "LOTSE_HOME": str(made.folder)}, stdout=log, stderr=log, cwd=apart.ROOT
        )


def asked(made: Box, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(made.settings["intake"].database_url.get_secret_value()) as conn:
        return conn.execute(query).fetchall()


async def rows_in(made: Box) -> int:
    [(found,)] = await asyncio.to_thread(asked, made, "select count(*) from imports.taken_in")
    assert isinstance(found, int)
    return found


async def all_in_once(made: Box, file: Path, before: int) -> None:
    """The same file once more: it ends well, and each of its rows is one whole record, told once, noted once."""
    report = file.with_name("report.csv")
    again = await importing(made, file, "--report", str(report))
    assert await asyncio.wait_for(again.wait(), 60) == 0, apart.last_words(made.folder / "import.log")
    with report.open(encoding="utf-8-sig", newline="") as opened:
        told = list(csv.DictReader(opened))
    assert len({one["record"] for one in told}) == PEOPLE, "each row is a person of its own"
    assert {one["outcome"] for one in told} <= {"registered", "already-in"}
    assert Counter(one["outcome"] for one in told)["already-in"] == before, "what was in is known, nothing else"
    listed = {one["record"]: one["reference"] for one in told}
    rows = await asyncio.to_thread(
        asked,
        made,
        """
        select t.participant::text, t.reference, p.reference, p.identity is not null,
               (select count(*) from participant.token k where k.participant = t.participant) > 2,
               (select count(*) from chassis.outbox o where o.key = t.participant
                        and convert_from(o.value, 'utf8') like '%participant-registered%'),
               (select count(*) from chassis.audit a where a.participant = t.participant
                                                       and a.action = 'participant:register')
        from imports.taken_in t left join participant.participant p on p.id = t.participant
        """,
    )
    whole = [(person, reference, reference, True, True, 1, 1) for person, reference in listed.items()]
    assert sorted(row for row in rows if row[0] in listed) == sorted(whole)
    assert all(None not in row for row in rows), "no row is claimed without a record"
    [(records,)] = await asyncio.to_thread(asked, made, "select count(*) from participant.participant")
    assert records == len(rows), "no record without its row"


async def dies_in_the_midst(made: Box, victim: Process, rows: int) -> None:
    """Killed while a batch is written and not yet committed, when at least so many rows are in."""

    async def in_the_midst() -> bool:
        return await rows_in(made) >= rows and await under_way(made)

    await until(in_the_midst, "a batch is under way", within=60)
    victim.kill()
    assert await victim.wait() == -signal.SIGKILL, "it had not ended by itself"


async def under_way(made: Box) -> bool:
    """Whether some transaction has claimed rows and is not over."""
    locks = "select 1 from pg_locks where relation = 'imports.taken_in'::regclass and mode = 'RowExclusiveLock'"
    return bool(await asyncio.to_thread(asked, made, locks))


async def over(made: Box) -> bool:
    return not await under_way(made)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_sender_that_is_killed_goes_on_when_it_is_started_again(alone: Box, tmp_path: Path, seed: int) -> None:
    file, there = file_of(PEOPLE, tmp_path), await rows_in(alone)
    sender = await importing(alone, file)
    await dies_in_the_midst(alone, sender, there + random.Random(seed).randrange(PEOPLE - BATCH))
    await until(lambda: over(alone), "intake has finished the batch whose sender is gone")
    before = await rows_in(alone) - there
    assert before in range(BATCH, PEOPLE, BATCH), "whole batches, and not all"
    await all_in_once(alone, file, before)


@pytest.mark.parametrize("seed", SEEDS)
async def test_an_intake_that_is_killed_leaves_no_row_half_in(alone: Box, tmp_path: Path, seed: int) -> None:
    file, there = file_of(PEOPLE, tmp_path), await rows_in(alone)
    sender = await importing(alone, file)
    await dies_in_the_midst(
        alone, alone.processes["intake", "main"], there + random.Random(seed).randrange(PEOPLE - BATCH)
    )
    assert await asyncio.wait_for(sender.wait(), 60) == 1, "the sender says that the line broke"
    log = apart.last_words(alone.folder / "import.log")
    assert "Run the same command again" in log, log
    await until(lambda: over(alone), "the database has given up what was not committed")
    before = await rows_in(alone) - there
    assert before in range(0, PEOPLE, BATCH), "whole batches, and not all"
    [intake] = alone.services
    process = await apart.start(alone, intake, "main")
    await apart.ready(f"{alone.addresses['intake']}/readyz", process, alone.folder / "intake.main.log")
    await all_in_once(alone, file, before)
