"""Which pages somebody is offered, by role. An offer only: what may be seen is decided by the services alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contracts.vocabulary import Role
from services.desk.session.sessions import Who
from services.desk.words.marking import N_

CASEWORK: Final = frozenset({Role.CASEWORKER, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Way:
    """A line of the navigation. `here`: the page belongs to it."""

    path: str
    text: str
    here: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A page, and whom it is for; no roles: everybody."""

    path: str
    text: str
    roles: frozenset[Role]


OFFERS: Final = (
    Offer("/inbox", N_("Inbox"), frozenset()),
    Offer("/participants", N_("Participants"), CASEWORK),
    Offer("/referrals", N_("Referrals"), CASEWORK),
    Offer("/journeys", N_("Journeys"), CASEWORK | {Role.COACH}),
    Offer("/placements", N_("Placements"), CASEWORK | {Role.EMPLOYER}),
    Offer("/residence-rights", N_("Work rights"), CASEWORK | {Role.COACH, Role.EMPLOYER, Role.COORDINATOR}),
    Offer("/rights", N_("Requests"), CASEWORK | {Role.AUDITOR}),
    Offer("/by-code", N_("Find by code"), frozenset({Role.COACH, Role.AUDITOR})),
    Offer("/audit", N_("Audit"), frozenset({Role.AUDITOR})),
    Offer("/operations", N_("Operations"), frozenset({Role.OPERATOR})),
    Offer("/mine", N_("About me"), frozenset({Role.PARTICIPANT})),
)


def navigation(who: Who, path: str) -> Sequence[Way]:
    """What this person is offered."""
    return tuple(
        Way(offer.path, offer.text, path == offer.path or path.startswith(f"{offer.path}/"))
        for offer in OFFERS
        if not offer.roles or offer.roles & who.roles
    )
