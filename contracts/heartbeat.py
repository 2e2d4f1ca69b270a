"""What is on a topic beside facts: a heartbeat says that all that was stated before some moment lies before it.

No fact about anybody, and in no outbox: whoever does not need it passes it over, known by the header alone.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Envelope
from contracts.topics import INTAKE, Topic

TOPIC: Final[Topic] = INTAKE
"""Where grants, owners, links and erasures are stated, and so where silence must be told from nothing new."""
TYPE: Final = "lotse.intake.heartbeat"
DATASCHEMA: Final = "urn:lotse:schema:intake:heartbeat:1"
HEADER: Final = "lotse-heartbeat"
"""Only a heartbeat has this header, so that nobody reads a message's value to find out."""
NOBODY: Final = UUID(int=0)
"""Its `correlationid`: it is about nobody's journey."""


class Beat(BaseModel):
    """The data of a heartbeat."""

    model_config = ConfigDict(frozen=True, extra="allow")

    behind: float = Field(ge=0)
    """Seconds by which the oldest fact that the bus has not acknowledged is older than `time`; 0 if there is none."""


def heartbeat(event_id: UUID, source: str, partition: int, at: datetime, behind: timedelta) -> Envelope:
    """The CloudEvent for one partition; `at` is system time."""
    return Envelope(
        id=event_id,
        source=source,
        type=TYPE,
        subject=f"partition/{partition}",
        time=at,
        dataschema=DATASCHEMA,
        partitionkey=f"partition/{partition}",
        correlationid=NOBODY,
        data=Beat(behind=behind.total_seconds()).model_dump(),
    )


def complete_up_to(beat: Envelope) -> datetime:
    """Everything stated before that moment (the publisher's system time) lies before the heartbeat in its partition."""
    return beat.time - timedelta(seconds=Beat.model_validate(beat.data).behind)
