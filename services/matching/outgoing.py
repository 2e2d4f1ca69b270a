"""What leaves matching. Each function is a decision about privacy: texts, matched skills and answers stay behind."""

from collections.abc import Mapping
from typing import Any, Final

from contracts.events import matching as facts
from infra.chassis.service import Say
from services.matching.opportunity import domain as opportunity
from services.matching.placement import domain as placement


def opportunity_published(e: opportunity.OpportunityPublished) -> list[facts.OpportunityPublished]:
    return [
        facts.OpportunityPublished(
            opportunity=e.opportunity, agency=e.agency, kind=e.kind, capacity=e.capacity, at=e.at
        )
    ]


def opportunity_closed(e: opportunity.OpportunityClosed) -> list[facts.OpportunityClosed]:
    return [facts.OpportunityClosed(opportunity=e.opportunity, agency=e.agency, at=e.at)]


def match_proposed(e: placement.MatchProposed) -> list[facts.MatchProposed]:
    p = e.placement
    return [
        facts.MatchProposed(
            placement=p.id,
            participant=p.participant,
            opportunity=p.opportunity,
            kind=p.kind,
            employer=p.employer,
            agency=p.agency,
            proposed_by=p.proposed_by,
            at=e.at,
        )
    ]


def match_accepted(e: placement.MatchAccepted) -> list[facts.MatchAccepted]:
    p = e.placement
    return [
        facts.MatchAccepted(
            placement=p.id,
            participant=p.participant,
            opportunity=p.opportunity,
            kind=p.kind,
            employer=p.employer,
            side=e.answer.side,
            both=e.both,
            at=e.at,
        )
    ]


def match_declined(e: placement.MatchDeclined) -> list[facts.MatchDeclined]:
    p = e.placement
    return [
        facts.MatchDeclined(
            placement=p.id,
            participant=p.participant,
            opportunity=p.opportunity,
            kind=p.kind,
            employer=p.employer,
            side=e.answer.side,
            reason=e.reason,
            at=e.at,
        )
    ]


def placement_confirmed(e: placement.PlacementConfirmed) -> list[facts.PlacementConfirmed]:
    p = e.placement
    return [
        facts.PlacementConfirmed(
            placement=p.id,
            participant=p.participant,
            opportunity=p.opportunity,
            kind=p.kind,
            employer=p.employer,
            at=e.at,
        )
    ]


def placement_started(e: placement.PlacementStarted) -> list[facts.PlacementStarted]:
    p = e.placement
    return [
        facts.PlacementStarted(
            placement=p.id, participant=p.participant, kind=p.kind, employer=p.employer, started_on=e.on, at=e.at
        )
    ]


def placement_ended(e: placement.PlacementEnded) -> list[facts.PlacementEnded]:
    p = e.placement
    return [
        facts.PlacementEnded(
            placement=p.id,
            participant=p.participant,
            kind=p.kind,
            employer=p.employer,
            ended_on=e.on,
            outcome=e.outcome,
            at=e.at,
        )
    ]


OUTGOING: Final[Mapping[type[Any], Say]] = {
    opportunity.OpportunityPublished: opportunity_published,
    opportunity.OpportunityClosed: opportunity_closed,
    placement.MatchProposed: match_proposed,
    placement.MatchAccepted: match_accepted,
    placement.MatchDeclined: match_declined,
    placement.PlacementConfirmed: placement_confirmed,
    placement.PlacementStarted: placement_started,
    placement.PlacementEnded: placement_ended,
}
