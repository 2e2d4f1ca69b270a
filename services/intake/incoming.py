"""What intake hears, and what it does about it. Nothing else belongs here."""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Fact
from contracts.events import matching, referrals
from infra.chassis.deliver import Handler
from services.intake.grant import use_cases as grant

PROJECTIONS: Final[Mapping[str, Mapping[type[Fact], Handler]]] = {}

REACTIONS: Final[Mapping[type[Fact], Handler]] = {
    matching.MatchAccepted: grant.open_to_employer,
}

IGNORED: Final[frozenset[type[Fact]]] = frozenset(
    {*matching.FACTS, *referrals.FACTS} - REACTIONS.keys() - {fact for p in PROJECTIONS.values() for fact in p}
)
