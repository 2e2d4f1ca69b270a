"""What matching hears, and what it does about it. Nothing else belongs here."""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Fact
from infra.chassis.deliver import Handler

PROJECTIONS: Final[Mapping[str, Mapping[type[Fact], Handler]]] = {}

REACTIONS: Final[Mapping[type[Fact], Handler]] = {}

IGNORED: Final[frozenset[type[Fact]]] = frozenset()
