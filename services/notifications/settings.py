"""What can be set of notifications: environment variables with the prefix `NOTIFICATIONS_`."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from infra.chassis.settings import ServiceSettings


class NotificationsSettings(ServiceSettings):
    """The mail server, and how mails look."""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_")

    smtp_url: SecretStr | None = Field(
        None, description="`smtp://host:25` or `smtps://user:password@host:465`; unset writes to the log only."
    )
    mail_from: str = Field("Lotse <no-reply@lotse.example>", description="Sender of all mails.")
    desk_url: str = Field("http://127.0.0.1:8000", description="Address that the links in mails begin with.")
    time_zone: str = Field("Europe/Berlin", description="IANA time zone of the region, for quiet hours.")
    senders: int = Field(8, ge=1, le=50, description="Hand-overs at a time, per worker.")
    lease_seconds: float = Field(60, gt=0, description="After this time another worker may try what one has claimed.")
    webhooks_at_once: int = Field(16, ge=1, le=100, description="Events on their way to one webhook, per worker.")
    webhook_seconds: float = Field(
        10, gt=0, le=25, description="So long a webhook's receiver may take to answer; then it is tried again later."
    )

    @property
    def webhooks_to_loopback(self) -> bool:
        """A demo's or a test's receiver is on this machine; in production that would be a way into our own network."""
        return self.environment != "production"
