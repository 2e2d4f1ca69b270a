"""What is sent to us over HTTP: the base of every body. Events are read otherwise (`contracts.envelope.Fact`)."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class In(BaseModel):
    """What is sent to us: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def example(**body: Any) -> dict[str, Any]:
    """What such a body may look like, for the OpenAPI documents: `class X(In, json_schema_extra=example(...))`."""
    return {"examples": [body]}
