"""A real Kafka as one Java process on this machine: `infra/kafka/server.properties`, a folder of its own, free ports.

The jars come from Maven once and are kept in the cache. Secured, clients need a user and a password (SASL/SCRAM) and
have the rights that were given to them, as in a deployment.
"""

import asyncio
import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from infra.chassis.bus.kafka.address import Address
from infra.chassis.bus.kafka.admin import answers
from infra.kafka import SECURED, SERVER
from infra.onebox import children
from infra.onebox.ports import free_port, is_free
from infra.realstack import maven
from infra.realstack.certificate import Certificate

VERSION: Final = "4.1.1"
ARTIFACT: Final = f"org.apache.kafka:kafka_2.13:{VERSION}"
HOST: Final = "127.0.0.1"
ADMIN: Final = "admin"
JAVA: Final = (
    "-Xms128m",
    "-Xmx512m",
    # A server that lives for minutes: cheap compilation and no threads for the garbage make it start sooner.
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
)
READY_WITHIN: Final = 120.0
STOP_WITHIN: Final = 15.0

Tell = Callable[[str], None]
"""Is told, in a few words, what is being waited for."""


@dataclass
class Kafka:
    """A Kafka server. `kill` and `restart` are for fault tests: its data and its address stay."""

    folder: Path
    port: int
    secured: bool
    password: str = field(repr=False)
    """Of the user `admin`, if secured."""
    _jars: Path
    _certificate: Certificate | None = None
    _ca_file: Path | None = None
    """Where the way to it is encrypted: what it shows, and what its clients know it by."""
    _process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """What `BUS_URL` is set to."""
        return f"kafka://{HOST}:{self.port}"

    @property
    def address(self) -> Address:
        """As the administrator reaches it."""
        return Address.of(
            self.url, ADMIN if self.secured else None, self.password if self.secured else None, self._ca_file
        )

    @property
    def log(self) -> Path:
        return self.folder / "kafka.log"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the process and wait until it answers. Raises RuntimeError with the end of its log if it does not."""
        with self.log.open("ab") as log:
            self._process = await children.start(
                *("java", *JAVA, "-cp", f"{self._jars}/*", "kafka.Kafka", str(self.folder / "server.properties")),
                env={**os.environ, "KAFKA_OPTS": ""},
                stdout=log,
                stderr=log,
            )
        end = asyncio.get_running_loop().time() + READY_WITHIN
        while is_free(self.port) or not await asyncio.to_thread(answers, self.address):
            if self._process.returncode is not None or asyncio.get_running_loop().time() > end:
                await self.kill()
                raise RuntimeError(f"Kafka did not get ready; see {self.log}:\n{self.log.read_text()[-1500:]}")
            await asyncio.sleep(0.2)

    async def kill(self) -> None:
        """As if the machine had died."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """Orderly; by force if it takes too long."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def restart(self) -> None:
        """Stop, if it is still there, and start again."""
        await self.stop()
        await self.start()


@asynccontextmanager
async def kafka(
    *,
    port: int = 0,
    secured: bool = False,
    certificate: Certificate | None = None,
    ca_file: Path | None = None,
    tell: Tell = lambda _: None,
) -> AsyncIterator[Kafka]:
    """Start a fresh Kafka; everything of it is gone when the block ends. `port` 0 takes a free one.

    With a certificate, and the file that it is known by, every way to it is encrypted.

    Raises `maven.NotInstalled` where Java or Maven is missing, RuntimeError when it does not get ready.
    """
    maven.programs("java", "mvn")
    jars = await asyncio.to_thread(_jars, tell)
    folder = Path(tempfile.mkdtemp(prefix="lotse-kafka-"))
    made = Kafka(folder, port or free_port(), secured, token_urlsafe(18), jars, certificate, ca_file)
    try:
        await asyncio.to_thread(_lay_out, made)
        tell("Kafka starts ...")
        await made.start()
        tell(f"Kafka answers at {made.url}.")
        yield made
    finally:
        await made.stop()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _jars(tell: Tell) -> Path:
    """The folder with everything the server is made of, from the cache or fetched now."""
    folder = maven.cache() / f"kafka-{VERSION}"
    with maven.alone("kafka"):
        if not folder.exists():
            tell("Kafka is fetched (130 MB, once) ...")
        return maven.libraries(ARTIFACT, folder)


def _lay_out(made: Kafka) -> None:
    """Write the configuration and make the server's storage."""
    clients, protocol = ("CLIENTS", "SASL_PLAINTEXT") if made.secured else ("PLAINTEXT", "PLAINTEXT")
    if made._certificate is not None:
        protocol = protocol.replace("PLAINTEXT", "SSL")
    controller = free_port()
    lines = [
        SERVER.read_text(),
        f"listeners={clients}://{HOST}:{made.port},CONTROLLER://{HOST}:{controller}",
        f"advertised.listeners={clients}://{HOST}:{made.port}",
        f"listener.security.protocol.map={clients}:{protocol},CONTROLLER:PLAINTEXT",
        f"controller.quorum.bootstrap.servers={HOST}:{controller}",
        f"log.dirs={made.folder / 'data'}",
    ]
    if made.secured:
        login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        who = f'username="{ADMIN}" password="{made.password}"'
        lines += [SECURED.read_text(), f"listener.name.clients.scram-sha-512.sasl.jaas.config={login} {who};"]
    if made._certificate is not None:
        shown = {
            "keystore.certificate.chain": made._certificate.chain,
            "keystore.key": made._certificate.key,
            "truststore.certificates": made._certificate.authority,
        }
        of = f"listener.name.{clients.lower()}.ssl"
        lines += [f"{of}.keystore.type=PEM", f"{of}.truststore.type=PEM"]
        lines += [f"{of}.{name}=" + pem.strip().replace("\n", "\\n") for name, pem in shown.items()]
    configuration = made.folder / "server.properties"
    configuration.write_text("\n".join(lines))
    # The first byte is fixed: an id that began with a dash would be taken for an option.
    cluster = base64.urlsafe_b64encode(b"\0" + os.urandom(15)).decode().rstrip("=")
    command = ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", f"{made._jars}/*", "kafka.tools.StorageTool"]
    command += ["format", "--standalone", "--cluster-id", cluster, "--config", str(configuration)]
    if made.secured:
        command += ["--add-scram", f"SCRAM-SHA-512=[name={ADMIN},password={made.password}]"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise RuntimeError(f"Kafka's storage could not be made:\n{(ran.stdout + ran.stderr)[-1500:]}")
