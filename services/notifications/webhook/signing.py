"""Signs what leaves, as Standard Webhooks says (https://www.standardwebhooks.com), and makes the secrets it takes."""

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Final

PREFIX: Final = "whsec_"
LENGTH: Final = 32


def new_secret() -> bytes:
    """From the system's own source of chance: who could guess it could speak in our name."""
    return secrets.token_bytes(LENGTH)


def shown(secret: bytes) -> str:
    """As the receiver's library takes it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(message: str, at: int, body: bytes, keys: Sequence[bytes]) -> Mapping[str, str]:
    """The three headers; one signature per secret. `at` are seconds of Unix time: old messages can be refused."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signature(message, at, body, key) for key in keys),
    }


def signature(message: str, at: int, body: bytes, key: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of id, time and body in base64."""
    return "v1," + base64.b64encode(hmac.digest(key, f"{message}.{at}.".encode() + body, "sha256")).decode()
