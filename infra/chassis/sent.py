"""What is sent to us over HTTP: the base of every body. Events are read otherwise (`contracts.envelope.Fact`)."""

from pydantic import BaseModel, ConfigDict


class In(BaseModel):
    """What is sent to us: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
