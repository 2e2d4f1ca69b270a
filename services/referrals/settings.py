"""What can be set of referrals: environment variables with the prefix `REFERRALS_`."""

from typing import Final
from zoneinfo import ZoneInfo

import holidays
from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from infra.chassis.settings import ServiceSettings

STATES: Final = tuple(holidays.list_supported_countries()["DE"])


class ReferralsSettings(ServiceSettings):
    """Where working days are counted."""

    model_config = SettingsConfigDict(env_prefix="REFERRALS_")

    holiday_subdivision: str | None = Field(
        None, description="German state whose public holidays count, e.g. `HH`; unset counts the nationwide ones."
    )
    time_zone: str = Field("Europe/Berlin", description="Where a working day ends.")

    @field_validator("holiday_subdivision")
    @classmethod
    def _known_state(cls, state: str | None) -> str | None:
        if state is not None and state not in STATES:
            raise ValueError(f"name one of {', '.join(STATES)}, or leave it unset")
        return state

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return ZoneInfo(zone).key
