"""The mail server of a region on one machine: takes every mail, sends none on, and shows them.

Each mail becomes a file in the region's folder, as it came. For demos and tests: whoever works on this machine can read
all mails, so nothing real may be sent here.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI, HTTPException
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

HOST: Final = "127.0.0.1"


class _Keep:
    """Writes what comes in to a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        path = self._folder / f"{time.time_ns():020d}-{uuid4().hex}.eml"
        partial = path.with_suffix(".part")
        recipients = ", ".join(envelope.rcpt_tos).encode()
        partial.write_bytes(b"X-Envelope-To: " + recipients + b"\r\n" + content)
        partial.rename(path)
        return "250 Taken"


class MailCatcher:
    """Listens on `port` from `start` to `stop`; may be stopped and started again, like a mail server that was down."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    def start(self) -> None:
        """Begin to listen, in a thread of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._controller = Controller(_Keep(self.folder), hostname=HOST, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Listen no longer; what was taken stays."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @asynccontextmanager
    async def catching(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        await asyncio.to_thread(self.start)
        try:
            yield
        finally:
            await asyncio.to_thread(self.stop)

    def mails(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self.folder.glob("*.eml"))


class Mail(BaseModel):
    """A mail as it came."""

    id: str
    sender: str
    to: str
    subject: str
    message_id: str
    headers: list[tuple[str, str]]
    text: str


def mail_app(catcher: MailCatcher) -> FastAPI:
    """Pages over the caught mails; mounted at `/mail`."""
    app = FastAPI(title="Lotse mail catcher", version="1")

    @app.get("/api/mails")
    async def mails(to: str | None = None, limit: int = 200) -> list[Mail]:
        """The last mails, oldest first; those to one address if `to` is given."""
        return await asyncio.to_thread(_read_all, catcher, to, limit)

    @app.get("/api/mails/{mail}")
    async def one(mail: str) -> Mail:
        """One mail."""
        found = [path for path in catcher.mails() if path.stem == mail]
        if not found:
            raise HTTPException(404)
        return _read(found[0])

    @app.get("/", response_class=PlainTextResponse)
    async def index() -> str:
        """The last mails for the eye, newest first."""
        found = await asyncio.to_thread(_read_all, catcher, None, 100)
        return "\n\n".join(f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.text}" for mail in reversed(found))

    return app


def _read_all(catcher: MailCatcher, to: str | None, limit: int) -> list[Mail]:
    found = [mail for mail in map(_read, catcher.mails()) if to in (None, mail.to)]
    return found[-limit:]


def _read(path: Path) -> Mail:
    parsed: Any = message_from_bytes(path.read_bytes(), policy=policy.default)
    message: EmailMessage = parsed
    body = message.get_body(preferencelist=("plain",))
    headers = [(name, str(value)) for name, value in message.items()]
    return Mail(
        id=path.stem,
        sender=str(message["From"] or ""),
        to=str(message["X-Envelope-To"] or ""),
        subject=str(message["Subject"] or ""),
        message_id=str(message["Message-ID"] or ""),
        headers=headers,
        text=body.get_content() if body is not None else "",
    )
