"""Each service as its own two processes, as in a deployment: `python -m services.<name>.main` and `... .worker`."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import httpx

from infra.chassis.service import Service
from infra.onebox import children
from infra.onebox.layout import Box
from infra.onebox.provisioning import environment

PARTS: Final = ("main", "worker")
READY_WITHIN: Final = 60.0
STOP_WITHIN: Final = 10.0
ROOT: Final = Path(__file__).parents[2]


@asynccontextmanager
async def started(made: Box) -> AsyncIterator[None]:
    """All processes of all services, until the block ends."""
    try:
        for service in made.services:
            for part in PARTS:
                await start(made, service, part)
        for service in made.services:
            log = made.folder / f"{service.name}.main.log"
            await ready(f"{made.addresses[service.name]}/readyz", made.processes[service.name, "main"], log)
        yield
    finally:
        await stop(list(made.processes.values()))


async def start(made: Box, service: Service, part: str, **extra: str) -> asyncio.subprocess.Process:
    """One process with the region's settings and `extra` ones; its output goes to a log file in the folder."""
    prefix = service.settings.model_config["env_prefix"]
    settings = environment(service, made.settings[service.name])
    more = {f"{prefix}{name.upper()}": value for name, value in extra.items()}
    process = await spawn(
        [sys.executable, "-m", f"services.{service.name}.{part}"],
        {**os.environ, **settings, **more},
        made.folder / f"{service.name}.{part}.log",
    )
    made.processes[service.name, part] = process
    return process


async def spawn(command: Sequence[str], settings: Mapping[str, str], log: Path) -> asyncio.subprocess.Process:
    """A process over this tree whose output is added to `log`."""
    with log.open("ab") as output:
        return await children.start(*command, env=settings, stdout=output, stderr=output, cwd=ROOT)


async def ready(url: str, process: asyncio.subprocess.Process, log: Path, within: float = READY_WITHIN) -> None:
    """Wait until `url` answers 200, or say why it never will. Raises RuntimeError."""
    deadline = asyncio.get_running_loop().time() + within
    async with httpx.AsyncClient() as http:
        while asyncio.get_running_loop().time() < deadline:
            if process.returncode is not None:
                raise RuntimeError(f"{log.stem} ended at once; see {log}:\n{last_words(log)}")
            with suppress(httpx.HTTPError):
                if (await http.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{log.stem} did not get ready within {within:.0f} s; see {log}:\n{last_words(log)}")


def last_words(log: Path) -> str:
    """The end of a log, for whoever must find out why."""
    return log.read_text(errors="replace")[-2000:]


async def stop(processes: Sequence[asyncio.subprocess.Process]) -> None:
    """Ask all of them to end, and end what does not."""
    for process in processes:
        if process.returncode is None:
            process.terminate()
    for process in processes:
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()
