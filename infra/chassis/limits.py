"""For how long a service may keep its database busy, and over how many connections. Stated here and nowhere else.

A service asks for the time-outs itself, on every connection. `infra.postgres` gives them and the number of connections
to the roles, so they hold for whoever forgets to ask.
"""

from collections.abc import Mapping
from typing import Final

RUNTIME: Final[Mapping[str, str]] = {
    "statement_timeout": "15s",
    "lock_timeout": "8s",
    "idle_in_transaction_session_timeout": "30s",
}
"""Of the role that works with rows. Short, so that nothing holds the others up."""
PATIENT: Final[Mapping[str, str]] = {"statement_timeout": "0", "lock_timeout": "0"}
"""Of a connection whose task is to wait: for a notice, or for the lock of the active relay."""
OWNER: Final[Mapping[str, str]] = {"idle_in_transaction_session_timeout": "60s"}
"""Of the role that owns the tables; migrations set the other two themselves."""

RUNTIME_CONNECTIONS: Final = 60
"""Of one service, all its processes together: two of each take 15 at most, in the database and that of its keys."""
OWNER_CONNECTIONS: Final = 16
"""Of one service's migrations and rebuilds."""
DESK_CONNECTIONS: Final = 20
"""Of the desk: a process holds four for its sessions."""


def options(limits: Mapping[str, str]) -> str:
    """As libpq takes them when it connects."""
    return " ".join(f"-c {name}={value}" for name, value in limits.items())
