"""A real PostgreSQL server as a plain process: the files of `infra/postgres`, passwords over TCP, a folder of its own.

The program comes from the wheel that onebox uses. Unlike onebox's, this server can be killed and started again.
"""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

import psycopg

from infra.onebox import children
from infra.onebox.ports import free_port
from infra.onebox.postgres import ABRUPTLY, PostgresServer

FILES: Final = Path(__file__).parents[1] / "postgres"
HOST: Final = "127.0.0.1"
READY_WITHIN: Final = 60.0
STOP_WITHIN: Final = 15.0

Tell = Callable[[str], None]


@dataclass
class Postgres:
    """The server. `kill` and `restart` are for fault tests: data and address stay."""

    folder: Path
    port: int
    password: str = field(repr=False)
    """Of the role `postgres`."""
    _program: Path
    _user: str | None
    """Whom the server runs as where we are root: PostgreSQL refuses to be root."""
    _process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """For the administrator."""
        return f"postgresql://postgres:{self.password}@{HOST}:{self.port}/postgres"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with the end of its log if it does not."""
        end = asyncio.get_running_loop().time() + READY_WITHIN
        await self._spawn()
        while not await asyncio.to_thread(self._answers):
            if asyncio.get_running_loop().time() > end:
                await self.kill()
                raise RuntimeError(f"PostgreSQL did not get ready; see {self.log}:\n{self.log.read_text()[-1500:]}")
            if self._process is not None and self._process.returncode is not None:
                await self._spawn()  # processes of a killed server may still hold its memory for a moment
            await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """As if the machine had died."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """Orderly; whoever is connected is sent away."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(2)  # SIGINT: PostgreSQL's fast shutdown
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def restart(self) -> None:
        """Stop, if it is still there, and start again."""
        await self.stop()
        await self.start()

    async def _spawn(self) -> None:
        settings = {
            "config_file": self.folder / "postgresql.conf",
            "hba_file": self.folder / "pg_hba.conf",
            "listen_addresses": HOST,
            "unix_socket_directories": "",
        }
        with self.log.open("ab") as log:
            self._process = await children.start(
                *(str(self._program / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
                stdout=log,
                stderr=log,
                user=self._user,
                ended_by=ABRUPTLY,
            )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@asynccontextmanager
async def postgres(*, port: int = 0, password: str = "", tell: Tell = lambda _: None) -> AsyncIterator[Postgres]:
    """Start a fresh server; everything of it is gone when the block ends.

    `port` 0 takes a free one, no password draws one. Raises RuntimeError when it does not get ready.
    """
    tell("PostgreSQL starts ...")
    made = await asyncio.to_thread(_laid_out, port or free_port(), password or token_urlsafe(18))
    try:
        await made.start()
        tell(f"PostgreSQL answers at {HOST}:{made.port}.")
        yield made
    finally:
        await made.stop()
        await asyncio.to_thread(shutil.rmtree, made.folder, ignore_errors=True)


def _laid_out(port: int, password: str) -> Postgres:
    """Make the storage, copy the configuration, give the administrator a password."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # as root the library makes itself a user with a tool from there
    folder = Path(tempfile.mkdtemp(prefix="lotse-postgresql-"))
    data = folder / "data"
    data.mkdir()
    library = PostgresServer(data, cleanup_mode=None)
    library.ensure_pgdata_inited()
    made = Postgres(folder, port, password, library.bin_path, library.system_user)
    for name in ("postgresql.conf", "pg_hba.conf"):
        shutil.copyfile(FILES / name, folder / name)
    made.log.touch()
    if made._user is not None:
        folder.chmod(0o755)
        shutil.chown(made.log, made._user)
    subprocess.run(
        [
            str(made._program / "postgres"),
            "--single",
            "-D",
            str(data),
            "-c",
            "password_encryption=scram-sha-256",
            "postgres",
        ],
        input=f"alter role postgres password '{password}'\n".encode(),
        capture_output=True,
        check=True,
        user=pwd.getpwnam(made._user).pw_uid if made._user else None,
    )
    return made
