"""A real Keycloak as one Java process on this machine: the realm of `infra/keycloak`, a folder of its own, a free port.

The distribution comes from Maven and is built once; so is a database with Keycloak's own tables in it. Both are kept in
the cache, and what is left of a start is loading the server and the realm. Settings of a production server belong into
docker-compose.yml.
"""

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from infra.keycloak.realm import REALM, realm_document
from infra.onebox import children
from infra.onebox.ports import free_port
from infra.realstack import maven

VERSION: Final = "26.4.7"
ARTIFACT: Final = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
HOST: Final = "127.0.0.1"
PATH: Final = "/identity"
BUILT_FOR: Final = (
    "--db=dev-file",
    "--health-enabled=true",
    f"--http-relative-path={PATH}",
    "--features-disabled=admin-fine-grained-authz,authorization,ciba,device-flow,docker,impersonation,kerberos,"
    "organization,par",
)
"""Decided when the distribution is built. What Lotse has no use for is off: less to start, less to attack."""
JAVA: Final = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:MaxMetaspaceSize=256m",
    # A server that lives for minutes: cheap compilation and no threads for the garbage halve its start.
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Dfile.encoding=UTF-8",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
    "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "-Dpicocli.disable.closures=true",
)
READY_WITHIN: Final = 180.0
STOP_WITHIN: Final = 10.0

Tell = Callable[[str], None]
"""Is told, in a few words, what is being waited for."""


@dataclass(frozen=True)
class Keycloak:
    """A running Keycloak with the realm in it."""

    port: int
    folder: Path
    secrets: Mapping[str, str] = field(repr=False)
    """Client id -> secret, of the realm's own confidential clients."""
    public: str | None = None
    """The origin of the proxy that it is behind."""

    @property
    def address(self) -> str:
        """Where it is reached without a proxy, as other containers do."""
        return f"{HOST}:{self.port}"

    @property
    def issuer(self) -> str:
        """As people and tokens know it."""
        return f"{self.public or f'http://{self.address}'}{PATH}/realms/{REALM}"

    @property
    def issuer_inside(self) -> str:
        return f"http://{self.address}{PATH}/realms/{REALM}"

    @property
    def log(self) -> Path:
        return self.folder / "keycloak.log"


@asynccontextmanager
async def keycloak(
    *,
    port: int = 0,
    public: str | None = None,
    desk_url: str = "http://127.0.0.1:8080",
    secrets: Mapping[str, str] | None = None,
    people: Path | None = None,
    tell: Tell = lambda _: None,
) -> AsyncIterator[Keycloak]:
    """Start Keycloak with a fresh realm; everything of it is gone when the block ends.

    `port` 0 takes a free one. `public` is the origin of the proxy that it is behind, if any. `secrets` replace the ones
    that are drawn for the realm's clients. `people` is a file like the onebox's: its agencies, people and clients are
    set up as well, for a demo. Raises `maven.NotInstalled` where Java or Maven is missing, RuntimeError with the end of
    the log when Keycloak does not get ready.
    """
    maven.programs("java", "mvn")
    document, drawn = realm_document(desk_url=desk_url, secrets=secrets or {}, people=people)
    distribution, tables = await asyncio.to_thread(_prepared, tell)
    folder = Path(tempfile.mkdtemp(prefix="lotse-keycloak-"))
    try:
        _lay_out(folder, distribution, tables, document)
        made = Keycloak(port or free_port(), folder, drawn, public)
        tell("Keycloak starts ...")
        async with _process(made.folder, made.port, public) as started:
            await _ready(started, made.log)
            tell(f"Keycloak answers at {made.address}.")
            yield made
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


# --- once per machine -------------------------------------------------------------------------------------------------


def _prepared(tell: Tell) -> tuple[Path, Path]:
    """(the built distribution, a database with Keycloak's own tables), from the cache or made now."""
    what = hashlib.sha256(" ".join((VERSION, *BUILT_FOR)).encode()).hexdigest()[:12]
    built = maven.cache() / f"keycloak-{VERSION}-{what}"
    tables = built / "lotse-tables.mv.db"
    with maven.alone("keycloak"):
        if not built.exists():
            tell("Keycloak is fetched (150 MB, once) ...")
            zipped = maven.fetch(ARTIFACT, maven.cache())
            tell("Keycloak is built (once) ...")
            _build(zipped, built)
        if not tables.exists():
            tell("Keycloak makes its tables (once) ...")
            asyncio.run(_make_tables(built, tables))
    return built, tables


def _build(zipped: Path, built: Path) -> None:
    """Unpack and build beside the cache, then move: what is half done is never found."""
    with tempfile.TemporaryDirectory(dir=built.parent) as beside:
        with zipfile.ZipFile(zipped) as archive:
            archive.extractall(beside)
        home = Path(beside) / f"keycloak-{VERSION}"
        script = home / "bin" / "kc.sh"
        script.chmod(0o755)
        ran = subprocess.run([str(script), "build", *BUILT_FOR], capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise RuntimeError(f"Keycloak could not be built:\n{(ran.stdout + ran.stderr)[-1500:]}")
        home.rename(built)
    zipped.unlink()


async def _make_tables(built: Path, tables: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lotse-keycloak-"))
    try:
        _lay_out(folder, built, None, None)
        async with _process(folder, free_port(), patience=READY_WITHIN) as started:
            await _ready(started, folder / "keycloak.log")
        if started[0].returncode == -signal.SIGKILL:
            raise RuntimeError("Keycloak did not stop cleanly, so its tables can't be kept: try again.")
        shutil.copyfile(folder / "data" / "h2" / "keycloakdb.mv.db", tables.with_suffix(".new"))
        tables.with_suffix(".new").rename(tables)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- once per start ---------------------------------------------------------------------------------------------------


def _lay_out(folder: Path, distribution: Path, tables: Path | None, realm: str | None) -> None:
    """A home of its own for one server: data and realm are its own, the program is the cache's."""
    for part in ("lib", "conf", "providers", "themes"):
        (folder / part).symlink_to(distribution / part)
    (folder / "data" / "h2").mkdir(parents=True)
    (folder / "data" / "import").mkdir()
    if tables is not None:
        shutil.copyfile(tables, folder / "data" / "h2" / "keycloakdb.mv.db")
    if realm is not None:
        file = folder / "data" / "import" / f"{REALM}-realm.json"
        file.touch(mode=0o600)
        file.write_text(realm)


@asynccontextmanager
async def _process(
    folder: Path, port: int, public: str | None = None, *, patience: float = STOP_WITHIN
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """(the server's process, the address of its health), until the block ends; it has `patience` seconds to stop."""
    management, origin = free_port(), public or f"http://{HOST}:{port}"
    command = [
        *("java", *JAVA, f"-Dkc.home.dir={folder}", f"-Djboss.server.config.dir={folder / 'conf'}"),
        *("-cp", str(folder / "lib" / "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"),
        *("start", "--optimized", "--import-realm", "--cache=local"),
        *("--http-enabled=true", f"--http-host={HOST}", f"--http-port={port}"),
        *(f"--http-management-port={management}", f"--hostname={origin}{PATH}", "--proxy-headers=xforwarded"),
    ]
    with (folder / "keycloak.log").open("wb") as log:
        process = await children.start(*command, stdout=log, stderr=log, env=_environment())
    try:
        yield process, f"http://{HOST}:{management}{PATH}/health/ready"
    finally:
        await _stop(process, patience)


def _environment() -> dict[str, str]:
    """Ours, without what would configure another Keycloak."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("KC_", "QUARKUS_"))}


async def _ready(started: tuple[asyncio.subprocess.Process, str], log: Path) -> None:
    process, health = started
    deadline = asyncio.get_running_loop().time() + READY_WITHIN
    async with httpx.AsyncClient(timeout=2) as http:
        while asyncio.get_running_loop().time() < deadline:
            if process.returncode is not None:
                raise RuntimeError(f"Keycloak ended at once:\n{_end_of(log)}")
            with suppress(httpx.HTTPError):
                if (await http.get(health)).status_code == 200:
                    return
            await asyncio.sleep(0.2)
    raise RuntimeError(f"Keycloak was not ready within {READY_WITHIN:.0f} s:\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]


async def _stop(process: asyncio.subprocess.Process, patience: float) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), patience)
    except TimeoutError:
        process.kill()
        await process.wait()
