"""The region's one origin: the proxy with the file that its container has, as a plain process on this machine."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from infra.onebox.apart import ready, spawn, stop
from infra.realstack import maven

FILE: Final = Path(__file__).parents[1] / "proxy" / "Caddyfile"


@asynccontextmanager
async def proxy(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[None]:
    """Listens while the block runs. `settings` are those of its container, with the addresses of this machine.

    Certificates and its log are in `folder`; `authority` tells which one its certificates are known by. Raises
    `maven.NotInstalled` where the program is missing, RuntimeError with the end of the log when it does not get ready.
    """
    maven.programs("caddy")
    log = folder / "proxy.log"
    own = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(_certificates(folder))}
    command = [shutil.which("caddy") or "", "run", "--adapter", "caddyfile", "--config", str(FILE)]
    process = await spawn(command, {**settings, **own}, log)
    try:
        await ready(f"http://127.0.0.1:{settings['HEALTH_PORT']}/", process, log)
        yield
    finally:
        await stop([process])


def authority(folder: Path) -> Path:
    """The certificate (PEM) that clients of an `https://` origin on this machine must trust."""
    return _certificates(folder) / "caddy" / "pki" / "authorities" / "local" / "root.crt"


def _certificates(folder: Path) -> Path:
    return folder / "certificates"
