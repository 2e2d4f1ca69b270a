"""Each service as its own two processes, as in a deployment: `python -m services.<name>.main` and `... .worker`."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import httpx

from infra.chassis.service import Service
from infra.onebox.layout import Box
from infra.onebox.provisioning import environment

PARTS: Final = ("main", "worker")
READY_WITHIN: Final = 60.0
STOP_WITHIN: Final = 10.0


@asynccontextmanager
async def started(made: Box) -> AsyncIterator[None]:
    """All processes of all services, until the block ends."""
    try:
        for service in made.services:
            for part in PARTS:
                await start(made, service, part)
        for service in made.services:
            await _ready(made, service)
        yield
    finally:
        for process in made.processes.values():
            if process.returncode is None:
                process.terminate()
        for process in made.processes.values():
            await _stopped(process)


async def start(made: Box, service: Service, part: str, **extra: str) -> asyncio.subprocess.Process:
    """One process with the region's settings and `extra` ones; its output goes to a log file in the folder."""
    prefix = service.settings.model_config["env_prefix"]
    settings = environment(service, made.settings[service.name])
    more = {f"{prefix}{name.upper()}": value for name, value in extra.items()}
    with (made.folder / f"{service.name}.{part}.log").open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"services.{service.name}.{part}",
            env={**os.environ, **settings, **more},
            stdout=output,
            stderr=output,
            cwd=Path(__file__).parents[2],
        )
    made.processes[service.name, part] = process
    return process


async def _ready(made: Box, service: Service) -> None:
    """Wait until the API answers, or say why it never will."""
    log = made.folder / f"{service.name}.main.log"
    deadline = asyncio.get_running_loop().time() + READY_WITHIN
    async with httpx.AsyncClient() as http:
        while asyncio.get_running_loop().time() < deadline:
            if made.processes[service.name, "main"].returncode is not None:
                raise RuntimeError(f"{service.name} ended at once; see {log}:\n{log.read_text()[-2000:]}")
            with suppress(httpx.HTTPError):
                if (await http.get(f"{made.addresses[service.name]}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{service.name} did not get ready within {READY_WITHIN:.0f} s; see {log}")


async def _stopped(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
