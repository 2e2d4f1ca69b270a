"""What leaves intake. Each function is a decision about privacy: names, contacts and free text stay behind."""

from collections.abc import Mapping
from typing import Any, Final

from contracts.events import intake as facts
from contracts.vocabulary import GrantEnd
from infra.chassis.service import Say
from services.intake.grant import domain as grant
from services.intake.participant import domain as participant


def participant_registered(e: participant.ParticipantRegistered) -> list[facts.ParticipantRegistered]:
    return [
        facts.ParticipantRegistered(
            participant=e.participant, reference=e.reference, agency=e.agency, caseworker=e.caseworker, at=e.at
        )
    ]


def participant_changed(e: participant.ParticipantChanged) -> list[facts.ParticipantChanged]:
    return [
        facts.ParticipantChanged(
            participant=e.participant, reference=e.reference, agency=e.agency, caseworker=e.caseworker, at=e.at
        )
    ]


def grant_given(e: grant.GrantGiven) -> list[facts.GrantGiven]:
    g = e.grant
    return [
        facts.GrantGiven(
            grant=g.id,
            participant=g.participant,
            recipient=g.recipient,
            categories=tuple(sorted(g.categories)),
            basis=g.basis,
            valid_from=g.valid_from,
            valid_until=g.valid_until,
            at=e.at,
        )
    ]


def grant_narrowed(e: grant.GrantNarrowed) -> list[facts.GrantEnded]:
    return [
        facts.GrantEnded(
            grant=e.grant,
            participant=e.participant,
            recipient=e.recipient,
            categories=tuple(sorted(e.closed)),
            why=GrantEnd.NARROWED,
            at=e.at,
        )
    ]


def grant_ended(e: grant.GrantEnded) -> list[facts.GrantEnded]:
    return [
        facts.GrantEnded(
            grant=e.grant,
            participant=e.participant,
            recipient=e.recipient,
            categories=tuple(sorted(e.categories)),
            why=e.why,
            at=e.at,
        )
    ]


OUTGOING: Final[Mapping[type[Any], Say]] = {
    participant.ParticipantRegistered: participant_registered,
    participant.ParticipantChanged: participant_changed,
    grant.GrantGiven: grant_given,
    grant.GrantNarrowed: grant_narrowed,
    grant.GrantEnded: grant_ended,
}
