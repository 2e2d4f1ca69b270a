"""The desk's secrets: drawn here, recognised by a digest, and the keys that follow from them.

What a session holds is sealed under a key made of the master key *and* the browser's cookie, of which the database
knows a digest only. So neither the database with the master key nor a cookie alone opens a session. No HTTP, no SQL.
"""

import hmac
import json
import os
import secrets
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12


def drawn() -> str:
    """256 bits that nobody can guess, as 43 characters for a cookie or an address."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """By which a secret is recognised. It was drawn from 256 bits, so a plain hash is enough."""
    return sha256(secret.encode()).digest()


class Secrecy:
    """Everything that needs the master key."""

    def __init__(self, master_key: str) -> None:
        self._master = b64decode(master_key, validate=True)
        if len(self._master) != 32:
            raise ValueError("the master key must be 32 bytes in base64: make one with `openssl rand -base64 32`")

    def seal(self, purpose: str, secret: str, value: Mapping[str, Any]) -> bytes:
        """Nonce and ciphertext (AES-256-GCM); opened only with the same purpose and secret."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher(purpose, secret).encrypt(nonce, json.dumps(value).encode(), purpose.encode())

    def unseal(self, purpose: str, secret: str, blob: bytes) -> dict[str, Any] | None:
        """What was sealed, or None if it was not sealed by us, for this purpose and with this secret."""
        try:
            plain = self._cipher(purpose, secret).decrypt(blob[:NONCE], blob[NONCE:], purpose.encode())
        except (InvalidTag, ValueError):
            return None
        found: dict[str, Any] = json.loads(plain)
        return found

    def seal_text(self, purpose: str, value: Mapping[str, Any]) -> str:
        """For a cookie that holds its own content."""
        return urlsafe_b64encode(self.seal(purpose, "", value)).decode()

    def unseal_text(self, purpose: str, text: str) -> dict[str, Any] | None:
        """What `seal_text` sealed, or None."""
        try:
            return self.unseal(purpose, "", urlsafe_b64decode(text.encode()))
        except ValueError:
            return None

    def form_token(self, secret: str) -> str:
        """What every form of a session carries, so that no other site can send one."""
        return self._key("form", secret).hex()

    def is_form_token(self, secret: str, given: str) -> bool:
        return hmac.compare_digest(self.form_token(secret).encode(), given.encode())

    def _cipher(self, purpose: str, secret: str) -> AESGCM:
        return AESGCM(self._key(purpose, secret))

    def _key(self, purpose: str, secret: str) -> bytes:
        return hmac.digest(self._master, f"lotse desk {purpose}\x1f{secret}".encode(), "sha256")
