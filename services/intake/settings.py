"""What can be set of intake: environment variables with the prefix `INTAKE_`."""

from pydantic_settings import SettingsConfigDict

from infra.chassis.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """Intake adds nothing of its own yet."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_")
