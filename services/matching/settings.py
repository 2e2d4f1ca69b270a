"""What can be set of matching: environment variables with the prefix `MATCHING_`."""

from pydantic_settings import SettingsConfigDict

from infra.chassis.settings import ServiceSettings


class MatchingSettings(ServiceSettings):
    """Matching adds nothing of its own yet."""

    model_config = SettingsConfigDict(env_prefix="MATCHING_")
