"""Changes to Keycloak, told one by one: what was done, or what would be done if this were not a dry run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Steps:
    """The changes of one command, in the order in which they are made."""

    dry_run: bool = False
    told: list[str] = field(default_factory=list)
    """One short sentence per change, e.g. `agency job-centre: made`."""

    async def take(self, what: str, change: Callable[[], Awaitable[Any]]) -> Any:
        """Make the change, unless this is a dry run. Gives what it gives, or None."""
        done = None if self.dry_run else await change()
        self.told.append(what)
        return done
