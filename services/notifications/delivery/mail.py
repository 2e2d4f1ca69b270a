"""Makes the mail: a sentence, a reference code, a link. Plain text, so that nothing is loaded when it is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from jinja2 import Environment, StrictUndefined

from services.notifications.delivery.domain import Notice
from services.notifications.delivery.words import LANGUAGES

MARK: Final = "\u200f"
"""Right-to-left mark: a line that begins with it reads from the right even where it goes on in Latin letters."""
ISOLATE: Final = "\u2066"
END: Final = "\u2069"
"""Codes and links keep their own direction inside such a line."""

_TEXT: Final = Environment(autoescape=False, trim_blocks=True, undefined=StrictUndefined).from_string(  # noqa: S701 - plain text
    """\
{% for notice in notices %}
{{ line(words.messages[notice.message] + ".") }}
{% if notice.reference and not notice.blind %}
{{ line(words.about + ": " + own(notice.reference)) }}
{% endif %}
{% if notice.link %}
{{ line(words.look + ": " + own(base + notice.link)) }}
{% endif %}

{% endfor %}
--{{ " " }}
{{ line(words.why) }}
"""
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, and under which stable id."""

    sender: str
    to: str
    message_id: str
    list_id: str
    at: datetime


def compose(notices: Sequence[Notice], envelope: Envelope, language: str, base: str) -> EmailMessage:
    """One mail about these notices; several make a digest. `base` is the address that links begin with."""
    words = LANGUAGES[language]

    def line(text: str) -> str:
        return MARK + text if words.right_to_left else text

    def own(text: str) -> str:
        return f"{ISOLATE}{text}{END}" if words.right_to_left else text

    mail = EmailMessage(policy=SMTP)
    mail["From"] = envelope.sender
    mail["To"] = envelope.to
    mail["Subject"] = line(words.messages[notices[0].message] if len(notices) == 1 else words.digest)
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = envelope.message_id
    mail["List-Id"] = envelope.list_id
    mail["Auto-Submitted"] = "auto-generated"
    text = _TEXT.render(notices=notices, words=words, base=base.rstrip("/"), line=line, own=own)
    mail.set_content(text, cte="quoted-printable")
    mail["Content-Language"] = language
    return mail
