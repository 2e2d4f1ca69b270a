"""G3, G4, G5: registering a participant, with everything that belongs to it, against floor, tutorial and itself.

All four servers are up together; in each round each is loaded in turn over 16 connections. Ratios are of the medians of
answers per second. Every answer must be 201, and ours must all be in the database in the end.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Final

import httpx
import psycopg

from benchmarks import load, people
from benchmarks.result import Result
from infra.chassis.db import sqlalchemy_url
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.login import log_in
from infra.onebox import children
from infra.onebox.box import box
from infra.onebox.layout import PEOPLE, Box
from infra.onebox.ports import free_port
from infra.onebox.provisioning import environment

ROUNDS: Final = 5
SECONDS: Final = 2.0
PATH: Final = "/v1/participants"


async def measure() -> list[Result]:
    """G3, G4 and G5 in one run."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-bench-"))
    async with box(folder / "box", environment="test", apart=True, keep=False, services=("intake",)) as made:
        made.processes["intake", "worker"].terminate()
        await made.processes["intake", "worker"].wait()
        async with _others(made) as others:
            async with httpx.AsyncClient() as http:
                tokens = await log_in(made.issuer, "jonas", load_people(PEOPLE).password, http=http)
            authorization = f"Authorization: Bearer {tokens.access_token}"
            servers = {"ours": made.addresses["intake"], **others}
            rates = await _rounds(servers, authorization)
        _all_there(made, rates["ours"][1] + rates["unspoken"][1])
    ours, floor, tutorial, unspoken = (median(rates[name][0]) for name in ("ours", "floor", "tutorial", "unspoken"))
    return [
        Result("G3", "registration : FastAPI without a database", ours, floor, "answers/s", 0.3),
        Result("G4", "registration : tutorial-style insert", ours, tutorial, "answers/s", 3.0),
        Result("G5", "registration with : without outbox and audit", ours, unspoken, "answers/s", 0.8),
    ]


async def _rounds(servers: dict[str, str], authorization: str) -> dict[str, tuple[list[float], int]]:
    rates: dict[str, tuple[list[float], int]] = {name: ([], 0) for name in servers}
    sent = 0
    for round_ in range(ROUNDS + 1):
        for name, url in servers.items():
            host = url.partition("//")[2]

            def request(number: int, host: str = host, base: int = sent) -> bytes:
                return load.post(PATH, people.body(base + number), host, authorization)

            done = await load.run(url, request, expect=201, seconds=SECONDS if round_ else 1.0)
            if done.wrong:
                raise AssertionError(f"{name}: {done.wrong} of {done.answers} answers were not 201")
            sent += done.answers
            measured, answers = rates[name]
            rates[name] = ([*measured, done.per_second] if round_ else measured, answers + done.answers)
    return rates


def _all_there(made: Box, answers: int) -> None:
    """Every accepted registration is a row."""
    with psycopg.connect(made.settings["intake"].database_url.get_secret_value()) as conn:
        [rows] = conn.execute("select count(*) from participant.participant").fetchone() or [0]
    if rows != answers:
        raise AssertionError(f"{answers} registrations were accepted, {rows} are in the database")


@asynccontextmanager
async def _others(made: Box) -> AsyncIterator[dict[str, str]]:
    """Floor, tutorial and unspoken intake, each in a process of its own."""
    [intake] = made.services
    database = made.settings["intake"].owner_database_url
    assert database is not None
    settings = environment(intake, made.settings["intake"])
    processes, urls = [], {}
    for name, command in (
        ("floor", ["uvicorn", "benchmarks.floor:without_database", "--factory"]),
        ("tutorial", ["uvicorn", "benchmarks.floor:tutorial", "--factory"]),
        ("unspoken", ["benchmarks.unspoken_intake"]),
    ):
        port = free_port()
        if command[0] == "uvicorn":
            command += ["--port", str(port), "--log-level", "error", "--no-access-log"]
        address = database.get_secret_value().replace("lotse_intake?", "lotse_bus?").replace("intake_owner@", "bus@")
        more = {"TUTORIAL_DATABASE_URL": sqlalchemy_url(address), "INTAKE_PORT": str(port)}
        process = await children.start(
            sys.executable,
            "-m",
            *command,
            env={**os.environ, **settings, **more},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        processes.append(process)
        urls[name] = f"http://127.0.0.1:{port}"
    try:
        await _listening(urls)
        yield urls
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            await process.wait()


async def _listening(urls: dict[str, str]) -> None:
    async with httpx.AsyncClient() as http:
        for url in urls.values():
            for _ in range(200):
                try:
                    await http.get(url)
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
