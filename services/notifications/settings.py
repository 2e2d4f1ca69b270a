"""What can be set of notifications: environment variables with the prefix `NOTIFICATIONS_`."""

from pydantic_settings import SettingsConfigDict

from infra.chassis.settings import ServiceSettings


class NotificationsSettings(ServiceSettings):
    """Notifications adds nothing of its own yet."""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_")
