"""What the services ask of an identity provider besides tokens: accounts, suspensions and the staff directory.

Protocols only. `keycloak/accounts.py` speaks to Keycloak, `embedded/accounts.py` to the embedded issuer.
"""

from dataclasses import dataclass
from typing import Protocol

from contracts.vocabulary import ParticipantId, Role, StaffId


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who works for an agency, as far as messages to them need it."""

    id: StaffId
    name: str
    email: str
    agency: str
    roles: frozenset[Role]
    language: str
    """BCP 47."""


class ParticipantAccounts(Protocol):
    """Accounts with which participants log in: a reference code and a log-in code handed over in person."""

    async def enrol(self, participant: ParticipantId, reference: str, code: str) -> None:
        """Make the account, or give it a new code. Repeating a call leaves the same account with the same code.

        A new code ends the sessions opened with the old one. Raises `Conflict` when the reference belongs to somebody
        else and `Unavailable` when the provider can't be reached.
        """

    async def remove(self, participant: ParticipantId) -> None:
        """Remove the account and end its sessions; fine if there is none. Raises `Unavailable`."""


class StaffAccounts(Protocol):
    """Accounts of people who work for an agency, and of its systems; they are made by the operators."""

    async def agency_of(self, account: StaffId) -> str | None:
        """The agency of the account, also of a suspended one; None if there is none. Raises `Unavailable`."""

    async def suspend(self, account: StaffId) -> None:
        """From now on no token for this account, and its sessions end. Repeating a call changes nothing.

        Raises `Unavailable`.
        """


class StaffDirectory(Protocol):
    """Who works where; suspended people do not. Entries may be a minute old."""

    async def of_agency(self, agency: str) -> list[StaffMember]:
        """The agency's staff by name; empty for an unknown agency. Raises `Unavailable`."""

    async def member(self, staff: StaffId) -> StaffMember | None:
        """One member of staff, or None if there is none of this id. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider, as the services see it."""

    participants: ParticipantAccounts
    staff: StaffAccounts
    directory: StaffDirectory
