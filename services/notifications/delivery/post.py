"""Where mails are handed over: an SMTP server, or the console of a deployment that has none."""

from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from services.notifications.delivery.domain import Channel

log = structlog.get_logger()

TIMEOUT: Final = 10.0


class Post(Protocol):
    """Hands a mail over; returns when it was taken, raises when it was not."""

    channel: Channel

    async def hand_over(self, mail: EmailMessage, to: str) -> None: ...


class SmtpPost:
    """An SMTP server: `smtp://host:25`, `smtps://user:password@host:465`; STARTTLS where the server offers it."""

    channel: Channel = "email"

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or parts.hostname is None:
            raise ValueError("SMTP_URL must look like smtp://host:25 or smtps://user:password@host:465")
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender

    async def hand_over(self, mail: EmailMessage, to: str) -> None:
        """Raises `aiosmtplib.SMTPException` or `OSError`."""
        await aiosmtplib.send(
            mail,
            sender=self._sender,
            recipients=[to],
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            timeout=TIMEOUT,
        )


class ConsolePost:
    """No mail server: the log says that a mail would have left, without a word of it."""

    channel: Channel = "console"

    async def hand_over(self, mail: EmailMessage, to: str) -> None:
        log.info("mail would leave now", channel=self.channel)
