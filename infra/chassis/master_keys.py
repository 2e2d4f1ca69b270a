"""The keys that wrap all others. There is one; while it is exchanged there are two: the first wraps, each opens.

Also what an exchange leaves to do: `rewrap` brings every key of the key database under the first one. Knows nothing of
persons; who seals what under which key is `sealed.py`.
"""

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BATCH: Final = 500
"""Keys that are wrapped anew in one transaction."""
TOKENS: Final = b"lotse search tokens"
"""What the wrapped key of the search tokens is bound to."""


class MasterKeys:
    """One or more keys of 32 bytes; the first is the current one."""

    def __init__(self, *keys: bytes) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("a master key must be 32 bytes in base64: make one with `openssl rand -base64 32`")
        self.current = keys[0]
        self._ciphers = [AESGCM(key) for key in keys]

    @classmethod
    def read(cls, text: str) -> Self:
        """From a secret: keys in base64, apart by blanks or lines. Raises ValueError with what a key looks like."""
        try:
            return cls(*(base64.b64decode(word, validate=True) for word in text.split()))
        except binascii.Error as error:
            raise ValueError("a master key is 32 bytes in base64: make one with `openssl rand -base64 32`") from error

    def wrap(self, value: bytes, bound_to: bytes) -> bytes:
        """nonce (12 bytes) + ciphertext, under the current key."""
        nonce = os.urandom(12)
        return nonce + self._ciphers[0].encrypt(nonce, value, bound_to)

    def unwrap(self, blob: bytes, bound_to: bytes) -> bytes:
        """Raises `InvalidTag` if none of the keys opens it."""
        nonce, sealed = bytes(blob[:12]), bytes(blob[12:])
        for cipher in self._ciphers[:-1]:
            try:
                return cipher.decrypt(nonce, sealed, bound_to)
            except InvalidTag:
                continue
        return self._ciphers[-1].decrypt(nonce, sealed, bound_to)

    def renewed(self, blob: bytes, bound_to: bytes) -> bytes | None:
        """The same under the current key; None if it lies under it already. Raises `InvalidTag`."""
        value = self.unwrap(blob, bound_to)
        try:
            MasterKeys(self.current).unwrap(blob, bound_to)
        except InvalidTag:
            return self.wrap(value, bound_to)
        return None


@dataclass
class Rewrapped:
    """What `rewrap` found."""

    keys: int = 0
    """All that there are."""
    renewed: int = 0
    closed: int = 0
    """Under none of the given keys: left as they are."""


def rewrap(owner_url: str, master: MasterKeys, tell: Callable[[int], None] = lambda _: None) -> Rewrapped:
    """Bring every key of a key database under the current master key. The service goes on working meanwhile.

    A batch is one transaction: broken off, it is run again and finds less to do. `owner_url` is that of the role that
    owns the tables, for the service's own can't change a key.
    """
    found = Rewrapped()
    with psycopg.connect(owner_url) as conn:
        _tokens(conn, master, found)
        last: Any = None
        while rows := _next(conn, last):
            last = rows[-1][0]
            for key, wrapped in rows:
                found.keys += 1
                if (new := _renewed(master, wrapped, key.bytes, found)) is not None:
                    conn.execute("update keys.key set wrapped = %s where id = %s", (new, key))
            conn.commit()
            tell(found.keys)
    return found


def _next(conn: psycopg.Connection[Any], last: Any) -> list[Any]:
    """A key that is destroyed meanwhile stays destroyed: the row is held, or gone."""
    query = "select id, wrapped from keys.key where %s::uuid is null or id > %s order by id limit %s for update"
    return conn.execute(query, (last, last, BATCH)).fetchall()


def _tokens(conn: psycopg.Connection[Any], master: MasterKeys, found: Rewrapped) -> None:
    row = conn.execute("select wrapped from keys.tokens for update").fetchone()
    if row is not None and (new := _renewed(master, row[0], TOKENS, found)) is not None:
        conn.execute("update keys.tokens set wrapped = %s", (new,))


def _renewed(master: MasterKeys, wrapped: bytes, bound_to: bytes, found: Rewrapped) -> bytes | None:
    try:
        new = master.renewed(wrapped, bound_to)
    except InvalidTag:
        found.closed += 1
        return None
    found.renewed += new is not None
    return new
