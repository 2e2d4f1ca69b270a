"""What can be set of referrals: environment variables with the prefix `REFERRALS_`."""

from pydantic_settings import SettingsConfigDict

from infra.chassis.settings import ServiceSettings


class ReferralsSettings(ServiceSettings):
    """Referrals adds nothing of its own yet."""

    model_config = SettingsConfigDict(env_prefix="REFERRALS_")
