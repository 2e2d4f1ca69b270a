"""What can be set of intake: environment variables with the prefix `INTAKE_`."""

from typing import Final
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from infra.chassis.settings import ServiceSettings

MOST_MEGABYTES: Final = 25
LARGEST_DOCUMENT: Final = MOST_MEGABYTES * 1_000_000
"""Bytes of a document that no setting exceeds: what a request holds in memory."""


class IntakeSettings(ServiceSettings):
    """How large a document may be, and where appointments take place."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    largest_document_mb: int = Field(
        10, ge=1, le=MOST_MEGABYTES, description="Megabytes of a document (scan, certificate) that is taken in."
    )

    time_zone: str = Field("Europe/Berlin", description="IANA time zone in which letters name the time of a meeting.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return ZoneInfo(zone).key

    @property
    def largest_document_bytes(self) -> int:
        return self.largest_document_mb * 1_000_000
