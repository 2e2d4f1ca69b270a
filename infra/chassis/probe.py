"""Asks a process of this machine whether it is well: `python -m infra.chassis.probe http://127.0.0.1:8000/readyz`.

For health checks of containers: exit 0 for a 200, else 1. Standard library only, so that asking costs little.
"""

import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

PATIENCE = 4.0
"""Seconds."""


def well(url: str) -> bool:
    """Whether it answers 200 in time."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if well(sys.argv[1]) else 1)
