"""What may be written where operators read along: span attributes, log fields, names of spans and log lines.

Both lists are allow-lists, and each word on them says what its value must look like, so that neither an unlisted key
nor an unexpected value under a listed one gets out. There is no word for a participant, a name, a path, an address of
a client or a free text, and none may be added: a participant appears only as the pseudonym `journey`, the correlation
id of the journey.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias
from uuid import UUID

Value: TypeAlias = str | bool | int | float
Check: TypeAlias = Callable[[object], Value | None]
"""Gives the value as it may be written, None when it may not."""

_IDENTIFYING = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9]{6}|@", re.IGNORECASE)
"""An id, a run of digits as in telephone numbers and birth dates, an e-mail address."""

_LARGEST_NUMBER = 1_000_000_000
"""Counts, sizes and durations stay below; a telephone number written as a number does not."""


def _exactly(pattern: str) -> Check:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: str(value) if isinstance(value, str) and compiled.fullmatch(value) else None


def _matching(pattern: str, *, longest: int = 120) -> Check:
    exactly = _exactly(pattern)

    @lru_cache(maxsize=1024)  # the same few words again and again, several in each span
    def of_text(value: str) -> Value | None:
        return None if _IDENTIFYING.search(value) else exactly(value)

    def check(value: object) -> Value | None:
        return of_text(value) if isinstance(value, str) and len(value) <= longest else None

    return check


def _id(value: object) -> Value | None:
    try:
        return str(value if isinstance(value, UUID) else UUID(str(value)))
    except ValueError:
        return None


def _number(value: object) -> Value | None:
    return value if isinstance(value, (bool, int, float)) and abs(value) < _LARGEST_NUMBER else None


_ROUTE = r"/|(?:/(?:[A-Za-z0-9._-]+|\{[a-z_]+(?::[a-z]+)?\}))+"
_SLUG = r"[a-z][a-z0-9]*(?:[._:-][a-z0-9]+)*"

slug: Final = _matching(_SLUG)
"""A word of ours, e.g. `job-centre`, `lotse.intake.care`, `deferred`."""
code_name: Final = _matching(r"[A-Za-z_][\w.<>]*", longest=200)
"""A class or a function, e.g. `builtins.ValueError`."""
_PLACE = r"[\w.<>-]+:[0-9]{1,5}(?: [\w<>]+)?"
code_places: Final = _matching(rf"{_PLACE}(?: < {_PLACE})*", longest=1000)
"""Lines of code, e.g. `relay.py:41 publish < worker.py:12 run`; never the text of an exception."""
route: Final = _matching(_ROUTE)
"""The template of a path, e.g. `/v1/participants/{participant_id}`, never a path."""
span_name: Final = _matching(rf"[A-Z]{{2,8}}(?: (?:{_ROUTE}))?|[a-z][a-z0-9]*(?:[ ._:-][a-z0-9]+)*")
"""`GET /v1/participants/{participant_id}`, or the words of our own spans, e.g. `publish event`."""
_host = _matching(r"[A-Za-z0-9:][A-Za-z0-9.:-]*")

SPAN_WORDS: Final[Mapping[str, Check]] = {
    "http.request.method": _matching(r"[A-Z]{3,8}|_OTHER"),
    "http.route": route,
    "http.response.status_code": _number,
    "url.scheme": slug,
    "network.protocol.name": slug,
    "network.protocol.version": _matching(r"[0-9.]{1,5}"),
    "server.address": _host,  # of client spans only: in a server span it is what the caller wrote into Host
    "server.port": _number,
    "error.type": code_name,
    "exception.type": code_name,
    "db.statements": _number,
    "lotse.journey": _id,
    "lotse.event": _id,
    "lotse.event_type": slug,
    "lotse.topic": slug,
    "lotse.consumer": slug,
    "lotse.agency": slug,
    "lotse.channel": slug,
    "lotse.outcome": slug,
    "lotse.refused": slug,
    "lotse.attempt": _number,
    "lotse.count": _number,
}

LOG_WORDS: Final[Mapping[str, Check]] = {
    "service": slug,
    "level": slug,
    "timestamp": _exactly(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T)?[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z?"),
    "trace": _exactly(r"[0-9a-f]{32}"),
    "logger": code_name,
    "journey": _id,
    "event_id": _id,
    "event_type": slug,
    "delivery": _id,
    "topic": slug,
    "consumer": slug,
    "agency": slug,
    "channel": slug,
    "outcome": slug,
    "refused": slug,
    "state": slug,
    "job": slug,
    "kind": slug,
    "action": code_name,
    "keys": _number,
    "tries": _number,
    "method": _matching(r"[A-Z]{3,8}|_OTHER"),
    "route": route,
    "status": _number,
    "host": _host,
    "port": _number,
    "version": _matching(r"[A-Za-z0-9.+-]{1,40}"),
    "error": code_name,
    "cause": code_name,
    "at": code_places,
    "count": _number,
    "attempt": _number,
    "partition": _number,
    "offset": _number,
    "lag": _number,
    "seconds": _number,
    "milliseconds": _number,
    "bytes": _number,
    "dropped": _number,
}


def only_listed(found: Mapping[str, object], words: Mapping[str, Check]) -> dict[str, Value]:
    """The entries of `found` whose key is listed and whose value looks as the list says; the others are left out."""
    checked = ((key, words[key](value)) for key, value in found.items() if key in words)
    return {key: value for key, value in checked if value is not None}


def class_name(error: BaseException | type[BaseException]) -> str:
    """`module.Class` of an exception: all that may be told of it, since its text may hold data."""
    kind = error if isinstance(error, type) else type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
