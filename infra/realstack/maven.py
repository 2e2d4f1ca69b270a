"""Fetches what the real servers are made of from Maven, once, into a folder that outlives the clone.

Maven itself knows where its registry is; nothing here names one.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
COPY_ALL: Final = f"{COPY}-dependencies"
PATIENCE: Final = 600
"""Seconds that one download may take."""


class NotInstalled(RuntimeError):
    """A program that the real servers need is missing on this machine."""


def programs(*names: str) -> None:
    """Raises `NotInstalled`, naming the ones that are not on the PATH."""
    if missing := [name for name in names if shutil.which(name) is None]:
        raise NotInstalled(f"The real servers need {' and '.join(missing)} on the PATH (a JDK 17, Maven, Caddy).")


def cache() -> Path:
    """`LOTSE_CACHE`, or `~/.cache/lotse`."""
    folder = Path(os.environ.get("LOTSE_CACHE") or Path.home() / ".cache" / "lotse")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Only one process of this machine is in the block of this name at a time."""
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch(artifact: str, into: Path) -> Path:
    """The one file of `group:name:version:type`, in the folder `into`; downloaded only if it is not there yet.

    Raises `NotInstalled` without Java or Maven, RuntimeError with Maven's own last words.
    """
    _, name, version, kind = artifact.split(":")
    file = into / f"{name}-{version}.{kind}"
    if not file.exists():
        programs("java", "mvn")
        _maven(COPY, f"-Dartifact={artifact}", f"-DoutputDirectory={into}")
    return file


def _maven(*arguments: str) -> None:
    command = ["mvn", "--batch-mode", "--quiet", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if ran.returncode != 0:
        raise RuntimeError(f"Maven could not fetch this: {' '.join(arguments)}\n{(ran.stdout + ran.stderr)[-1500:]}")


def libraries(artifact: str, into: Path) -> Path:
    """The folder `into` with the jar of `group:name:version` and all it needs; downloaded only if it is not there yet.

    Raises like `fetch`.
    """
    if not into.exists():
        programs("java", "mvn")
        group, name, version = artifact.split(":")
        with tempfile.TemporaryDirectory(dir=into.parent) as beside:
            project = Path(beside) / "pom.xml"
            project.write_text(_PROJECT.format(group=group, name=name, version=version))
            jars = Path(beside) / "jars"
            _maven(COPY_ALL, "--file", str(project), f"-DoutputDirectory={jars}")
            jars.rename(into)  # what is half done is never found
    return into


_PROJECT: Final = """
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>lotse</groupId> <artifactId>realstack</artifactId> <version>1</version>
  <dependencies>
    <dependency>
      <groupId>{group}</groupId> <artifactId>{name}</artifactId> <version>{version}</version>
    </dependency>
  </dependencies>
</project>
"""
