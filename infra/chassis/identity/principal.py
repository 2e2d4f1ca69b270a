"""Who is asking: what a verified token says, and nothing that it doesn't say."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.vocabulary import ParticipantId, Role, StaffId


class Kind(StrEnum):
    """What stands behind a token."""

    STAFF = "staff"
    PARTICIPANT = "participant"
    SYSTEM = "system"
    """An agency's own system, through client credentials."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller. `subject` is the pseudonym used as `actor` in events, audit rows and traces."""

    subject: UUID
    kind: Kind
    roles: frozenset[Role]
    agency: str | None
    participant: ParticipantId | None
    client: str
    issued_at: datetime
    expires_at: datetime
    session: str = field(default="", repr=False)

    @property
    def staff(self) -> StaffId:
        return StaffId(self.subject)
