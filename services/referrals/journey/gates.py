"""What keeps the gate of a stage shut. Pure.

A barrier's domain is care data: it stands apart from the words, so that whoever may not know reads only that a support
need is open.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from contracts.programmes.parts import Eligible, NoOpenBarrier, PlacementAgreed, StageCompleted
from contracts.programmes.template import Stage
from contracts.vocabulary import NeedDomain, OpportunityKind
from services.referrals.needs.domain import OpenNeed

A_NEED_IS_OPEN: Final = "a support need is open"


@dataclass(frozen=True, slots=True)
class Shut:
    """A condition that is not met, in words for everybody; `domains` only for those who may know them."""

    gate: str
    detail: str
    domains: frozenset[NeedDomain] = frozenset()


def shut(
    stage: Stage, *, completed: Collection[str], agreed: Collection[OpportunityKind], needs: Collection[OpenNeed]
) -> list[Shut]:
    """The conditions of entering `stage` that are not met, in the order of the template.

    `completed` are stages, `agreed` the kinds of placements that are confirmed or running, `needs` what is open now.
    """
    found = []
    for gate in stage.entry:
        match gate:
            case Eligible():
                pass  # nobody has a journey without intake's yes
            case StageCompleted():
                if gate.stage not in completed:
                    found.append(Shut(gate.kind, f"the stage {gate.stage!r} is not completed"))
            case PlacementAgreed():
                if gate.placement not in agreed:
                    found.append(Shut(gate.kind, f"no placement of the kind {gate.placement.value!r} is agreed"))
            case NoOpenBarrier():
                domains = frozenset(need.domain for need in needs if gate.blocked_by(need.domain, need.severity))
                if domains:
                    found.append(Shut(gate.kind, A_NEED_IS_OPEN, domains))
    return found
