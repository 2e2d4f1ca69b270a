"""What matching tells the others: which places there are, and how a person and a place came together."""

from datetime import date
from typing import Final, Literal

from contracts.envelope import Fact
from contracts.topics import MATCHING
from contracts.vocabulary import (
    AgencyId,
    Code,
    OpportunityId,
    OpportunityKind,
    ParticipantId,
    PlacementId,
    Side,
    StaffId,
)

PlacementOutcome = Literal["completed", "taken-on", "ended-by-company", "ended-by-participant"]


class OpportunityPublished(Fact):
    """A place is open. Holds no person."""

    TYPE = "lotse.matching.opportunity-published"
    TOPICS = (MATCHING,)
    KEY = "opportunity"
    opportunity: OpportunityId
    agency: AgencyId
    kind: OpportunityKind
    capacity: int


class OpportunityClosed(Fact):
    """The place is no longer on offer."""

    TYPE = "lotse.matching.opportunity-closed"
    TOPICS = (MATCHING,)
    KEY = "opportunity"
    opportunity: OpportunityId
    agency: AgencyId


class MatchProposed(Fact):
    """A caseworker proposes a person for a place; blind for the employer until both have accepted."""

    TYPE = "lotse.matching.match-proposed"
    TOPICS = (MATCHING,)
    placement: PlacementId
    participant: ParticipantId
    opportunity: OpportunityId
    kind: OpportunityKind
    employer: AgencyId
    agency: AgencyId
    proposed_by: StaffId


class MatchAccepted(Fact):
    """One side said yes. `both` tells whether the other one has, too."""

    TYPE = "lotse.matching.match-accepted"
    TOPICS = (MATCHING,)
    placement: PlacementId
    participant: ParticipantId
    opportunity: OpportunityId
    kind: OpportunityKind
    employer: AgencyId
    side: Side
    both: bool


class MatchDeclined(Fact):
    """One side said no, with a reason code."""

    TYPE = "lotse.matching.match-declined"
    TOPICS = (MATCHING,)
    placement: PlacementId
    participant: ParticipantId
    opportunity: OpportunityId
    kind: OpportunityKind
    employer: AgencyId
    side: Side
    reason: Code


class PlacementConfirmed(Fact):
    """Both sides accepted and a place is kept free."""

    TYPE = "lotse.matching.placement-confirmed"
    TOPICS = (MATCHING,)
    placement: PlacementId
    participant: ParticipantId
    opportunity: OpportunityId
    kind: OpportunityKind
    employer: AgencyId


class PlacementStarted(Fact):
    """First day."""

    TYPE = "lotse.matching.placement-started"
    TOPICS = (MATCHING,)
    placement: PlacementId
    participant: ParticipantId
    kind: OpportunityKind
    employer: AgencyId
    started_on: date


class PlacementEnded(Fact):
    """Last day, and how it ended."""

    TYPE = "lotse.matching.placement-ended"
    TOPICS = (MATCHING,)
    placement: PlacementId
    participant: ParticipantId
    kind: OpportunityKind
    employer: AgencyId
    ended_on: date
    outcome: PlacementOutcome


FACTS: Final[tuple[type[Fact], ...]] = (
    OpportunityPublished,
    OpportunityClosed,
    MatchProposed,
    MatchAccepted,
    MatchDeclined,
    PlacementConfirmed,
    PlacementStarted,
    PlacementEnded,
)
