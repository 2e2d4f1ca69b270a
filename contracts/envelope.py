"""What every event carries around its fact: the attributes of CloudEvents 1.0, in structured JSON mode.

A fact (`Fact`) is what happened; the envelope says who, when, because of what and on which trace. Nothing here
identifies a participant but the random id.
"""

from datetime import datetime
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.topics import Topic
from contracts.vocabulary import StaffId

CONTENT_TYPE: Final = "application/cloudevents+json"


class Fact(BaseModel):
    """Base of every event's data. Unknown fields of a newer publisher are tolerated and kept."""

    model_config = ConfigDict(frozen=True, extra="allow")

    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1
    TOPICS: ClassVar[tuple[Topic, ...]]
    KEY: ClassVar[str] = "participant"
    """The field whose value orders the events: the message key."""
    SAYS_WHO: ClassVar[bool] = True
    """False: the envelope names neither agency nor staff, because whose deed it was would tell too much."""

    at: datetime
    """Business time of the fact."""

    @property
    def topic(self) -> Topic:
        """Where this very fact goes; types with a care variant decide by their need."""
        return self.TOPICS[0]

    @property
    def key(self) -> UUID:
        """The message key: events of one key stay in order."""
        value = getattr(self, self.KEY)
        return value if isinstance(value, UUID) else UUID(str(value))


class Envelope(BaseModel):
    """A CloudEvents 1.0 event. `time` is system time; the extensions are named as CloudEvents wants them."""

    model_config = ConfigDict(frozen=True, extra="allow")

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    datacontenttype: str = "application/json"
    partitionkey: str
    traceparent: str | None = None
    agency: str | None = None
    actor: StaffId | None = None
    causationid: UUID | None = None
    correlationid: UUID
    data: dict[str, Any]

    @property
    def version(self) -> int:
        """The version of the fact, read from `dataschema`."""
        return int(self.dataschema.rpartition(":")[2])

    def to_bytes(self) -> bytes:
        """The message value: structured mode JSON, absent attributes left out."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Read a message value. Raises `pydantic.ValidationError` when it is no CloudEvent of ours."""
        return cls.model_validate_json(value)


def dataschema(fact: type[Fact]) -> str:
    """The name of a fact's schema, e.g. `urn:lotse:schema:intake:participant-registered:1`."""
    _, service, name = fact.TYPE.split(".")
    return f"urn:lotse:schema:{service}:{name}:{fact.VERSION}"
