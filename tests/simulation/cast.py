"""The people of a simulated region: staff of the demo's agencies, and participants.

Who they are is taken at their word: logging in is proved elsewhere. What they may do is asked of the real policies.
"""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Final
from uuid import UUID

from contracts.vocabulary import ParticipantId, Role, StaffId
from infra.chassis.identity.base import StaffMember
from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.oidc import TokenVerifier
from infra.chassis.identity.principal import Kind, Principal
from infra.onebox.layout import PEOPLE
from services.notifications.delivery.domain import Channel
from tests.simulation.sources import BEGIN

STAFF: Final = {person.username: person for person in load_people(PEOPLE).people}
AGENCIES: Final = sorted({person.agency for person in STAFF.values()})
FAR: Final = datetime.max.replace(tzinfo=BEGIN.tzinfo)


class Badges(TokenVerifier):
    """A token is a name: of staff, or `participant:<id>`."""

    def __init__(self) -> None:
        """Asks no issuer."""

    async def verify(self, token: str) -> Principal:
        kind, _, participant = token.partition(":")
        if participant:
            who = UUID(participant)
            roles = frozenset({Role.PARTICIPANT})
            return Principal(who, Kind.PARTICIPANT, roles, None, ParticipantId(who), "simulation", BEGIN, FAR)
        staff = STAFF[kind]
        return Principal(staff.id, Kind.STAFF, staff.roles, staff.agency, None, "simulation", BEGIN, FAR)


class Directory:
    """Who works where, as people.yaml says."""

    async def of_agency(self, agency: str) -> list[StaffMember]:
        return [_member(one.username) for one in STAFF.values() if one.agency == agency]

    async def member(self, staff: StaffId) -> StaffMember | None:
        found = next((one for one in STAFF.values() if one.id == staff), None)
        return None if found is None else _member(found.username)


def _member(name: str) -> StaffMember:
    one = STAFF[name]
    return StaffMember(one.id, one.name, one.email, one.agency, one.roles, one.language)


@dataclass
class LetterBox:
    """The mail server: takes mails, and sometimes does not."""

    channel: Channel = "email"
    taken: list[tuple[str, str]] = field(default_factory=list)
    """(address, Message-ID)"""
    refuses: int = 0

    async def hand_over(self, mail: EmailMessage, to: str) -> None:
        if self.refuses:
            self.refuses -= 1
            raise OSError("the mail server does not answer")
        self.taken.append((to, str(mail["Message-ID"])))
