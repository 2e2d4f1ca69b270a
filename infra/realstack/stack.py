"""The distributed deployment on this machine without Docker: the real servers, and our processes as compose runs them.

What our processes run, with which settings and after whom comes from `docker-compose.yml` (`compose.py`); `table` says
where each address of that file is here. Nothing of a service is known.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Final, Protocol

from infra import secret_files
from infra.onebox import apart, children
from infra.onebox.layout import HOST, Box
from infra.onebox.ports import free_port
from infra.realstack.compose import Part

STOOD_IN_FOR: Final = {
    "postgres": "infra/realstack/postgres.py, with the files that compose mounts",
    "kafka": "infra/realstack/kafka.py, with the files that compose mounts",
    "keycloak": "infra/realstack/keycloak.py, with the realm file that compose mounts",
    "jaeger": "onebox's receiver, which takes the same OTLP/HTTP and can be asked",
    "mail": "onebox's catcher",
    "proxy": "infra/realstack/proxy.py, with the file that its image holds",
}
"""What runs here in another way than compose runs it, and how."""
LEFT_OUT: Final = {
    "realm": "infra/realstack/keycloak.py fills in the realm file by the same function",
    "lotse": "nobody but an operator starts it: `Stack.lotse` does so as `docker compose run` would",
}
"""What does not run here, and why."""
WITHIN: Final = 180.0
"""Seconds in which a process must be ready or, if it runs once, have succeeded: all start at once on two cores."""
PAUSE: Final = 1.0
"""Seconds before a process that ended by itself is started again."""

Tell = Callable[[str], None]


class Server(Protocol):
    """A real server that may be killed and started again on the same address, with the same data."""

    async def kill(self) -> None: ...

    async def restart(self) -> None: ...


@dataclass
class Stack(Box):
    """A running region on real servers. Containers go by their names in `docker-compose.yml`."""

    parts: dict[str, Part] = field(default_factory=dict)
    command_line: Part = field(kw_only=True)
    """The operators' container."""
    public: str = field(kw_only=True)
    """The region's one origin, as people and agencies know it."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Settings that every service's processes get beside those of compose, without prefix."""
    table: dict[str, str] = field(default_factory=dict)
    """Text of `docker-compose.yml` and of the secrets -> what it is here."""
    ports: dict[tuple[str, str], int] = field(default_factory=dict)
    """(container, setting that names a port) -> port of this machine."""
    servers: dict[str, Server] = field(default_factory=dict)
    own: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    """Our containers' processes."""
    watches: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    """Container -> who starts it again when it ends by itself, as compose does."""

    @property
    def desk(self) -> str:
        return self.public

    async def kill(self, name: str) -> None:
        """SIGKILL, and wait until it is dead; it stays so until `restart`. Raises LookupError for an unknown name."""
        if name in self.servers:
            return await self.servers[name].kill()
        await self._let_be(name)
        process = self.own[name]
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def restart(self, name: str) -> None:
        """Start again what was killed or still runs, and wait until it is ready."""
        if name in self.servers:
            return await self.servers[name].restart()
        await self.stop(name)
        await self.start(self.parts[name])

    async def add(self, name: str) -> str:
        """Start one more of this container, as `docker compose up --scale` does; its name."""
        number = 2 + sum(other.startswith(f"{name}-") for other in self.parts)
        another = replace(self.parts[name], name=f"{name}-{number}")
        lay_out(self, another)
        self.parts[another.name] = another
        await self.start(another)
        return another.name

    async def remove(self, name: str) -> None:
        """Stop one that was added, for good."""
        await self.stop(name)
        del self.parts[name], self.own[name]

    async def lotse(self, *words: str, **more: str) -> tuple[int, str]:
        """(exit code, what it said) of a command of the operators' container, as `docker compose run --rm lotse`.

        `more` are settings that the operator gives it, as with `--env`.
        """
        part = self.command_line
        process = await children.start(
            *(sys.executable, *part.command[1:3], *words),
            env=self.settings_of(part) | {"LOTSE_HOME": str(self.folder / secret_files.FOLDER / part.name)} | more,
            cwd=apart.ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    async def stop(self, name: str) -> None:
        """One of our containers, in order; it stays so until `restart`."""
        await self._let_be(name)
        await apart.stop([self.own[name]])

    async def start(self, part: Part) -> None:
        """One of our containers: until it is ready or, if it runs once, has succeeded. Raises RuntimeError."""
        log = self.log_of(part.name)
        process = await self._spawn(part)
        if part.once:
            async with asyncio.timeout(WITHIN):
                if await process.wait() != 0:
                    raise RuntimeError(f"{part.name} failed; see {log}:\n{apart.last_words(log)}")
        elif part.probe is not None:
            self.watches[part.name] = asyncio.create_task(self._keep(part, process))
            await apart.ready(self.here(part.probe, part.name), process, log, WITHIN)

    def log_of(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    async def _spawn(self, part: Part) -> asyncio.subprocess.Process:
        command = [sys.executable, *part.command[1:]]
        process = await apart.spawn(command, self.settings_of(part), self.log_of(part.name))
        self.own[part.name] = process
        service, _, worker = part.name.partition("-")
        self.processes[service, worker or "main"] = process
        return process

    async def _keep(self, part: Part, process: asyncio.subprocess.Process) -> None:
        """Start it again whenever it ends by itself, as a worker does whose database is gone."""
        while True:
            await process.wait()
            await asyncio.sleep(PAUSE)
            process = await self._spawn(part)

    async def _let_be(self, name: str) -> None:
        """Whatever ends from now on stays so."""
        watch = self.watches.pop(name, None)
        if watch is not None:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    def settings_of(self, part: Part) -> dict[str, str]:
        """What compose gives the container, with the addresses of this machine, and nothing of our own environment."""
        settings = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
        for name, value in part.environment.items():
            port = self.ports.get((part.name, value))
            settings[name] = str(port) if port and name.endswith("_PORT") else self.here(value, part.name)
        service = part.name.partition("-")[0]
        if not part.once and service in {each.name for each in self.services}:
            settings |= {f"{service}_{name}".upper(): value for name, value in self.extra.items()}
        return settings

    def here(self, text: str, container: str) -> str:
        """A text of `docker-compose.yml` as it reads on this machine, seen from `container`."""
        for there, here in sorted(self._table_of(container).items(), key=lambda entry: -len(entry[0])):
            text = text.replace(there, here)
        return text

    def _table_of(self, container: str) -> Mapping[str, str]:
        own = {f"{HOST}:{port}": f"{HOST}:{here}" for (name, port), here in self.ports.items() if name == container}
        return self.table | own | {"/run/secrets": str(self.folder / secret_files.FOLDER / container)}


async def start_all(made: Stack, tell: Tell) -> None:
    """All our containers, each as soon as those that it waits for are there."""
    reached = {name: asyncio.Event() for name in made.parts}

    async def in_its_turn(part: Part) -> None:
        for other in part.after:
            if other in reached:  # the real servers run already
                await reached[other].wait()
        began = perf_counter()
        await made.start(part)
        tell(f"{part.name} {'is done' if part.once else 'is ready'} ({perf_counter() - began:.1f} s)")
        reached[part.name].set()

    async with first_failure(), asyncio.TaskGroup() as tasks:
        for part in made.parts.values():
            tasks.create_task(in_its_turn(part))


@asynccontextmanager
async def first_failure() -> AsyncIterator[None]:
    """What several tasks together failed of is told as the first failure: the others are its consequences."""
    try:
        yield
    except* (RuntimeError, TimeoutError) as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None


def lay_out(made: Stack, part: Part) -> None:
    """Ports where it listens, and a folder with its own secrets, as compose would mount them."""
    for name, value in part.environment.items():
        if name.endswith("_PORT"):
            made.ports[part.name, value] = free_port()
    folder = made.folder / secret_files.FOLDER / part.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for secret in part.secrets:
        file = folder / secret
        file.touch(mode=0o600)
        file.write_text(made.here((made.folder / secret_files.FOLDER / secret).read_text(), part.name))


@asynccontextmanager
async def stopped_at_the_end(made: Stack) -> AsyncIterator[None]:
    """Whatever was started by then ends with the block."""
    try:
        yield
    finally:
        for watch in made.watches.values():
            watch.cancel()
        await asyncio.gather(*made.watches.values(), return_exceptions=True)
        await apart.stop(list(made.own.values()))
