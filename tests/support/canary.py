"""Looks for what must never be found: a person's words, also in other clothes (case, script, encoding)."""

import base64
import json
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anyascii import anyascii


@dataclass(frozen=True)
class Leak:
    """Which word was found where, and in which form."""

    word: str
    form: str
    where: str


def forms(word: str) -> Iterator[tuple[str, bytes]]:
    """(name of the form, its bytes) for every way in which a word may hide."""
    for name, text in (
        ("as it is", word),
        ("upper case", word.upper()),
        ("lower case", word.lower()),
        ("in Latin letters", anyascii(word)),
        ("in Latin letters, lower case", anyascii(word).lower()),
        ("URL-encoded", urllib.parse.quote(word)),
        ("URL-encoded with plus", urllib.parse.quote_plus(word)),
        ("JSON-escaped", json.dumps(word)[1:-1]),
        ("hexadecimal", word.encode().hex()),
    ):
        yield name, text.encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + word.encode())
        start = (shift * 8 + 5) // 6
        end = len(encoded.rstrip(b"=")) - (1 if len(word.encode()) + shift else 0)
        yield f"base64, shifted by {shift}", encoded[start:end]


def leaks(words: Iterable[str], places: Iterable[tuple[str, bytes]]) -> list[Leak]:
    """Every word in every place. A form shorter than four bytes would be found by chance and is left out."""
    wanted = [(word, form, needle) for word in words for form, needle in set(forms(word)) if len(needle) >= 4]
    return [Leak(word, form, where) for where, hay in places for word, form, needle in wanted if needle in hay]
