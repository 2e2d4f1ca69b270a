"""How secrets are kept: log-in codes as scrypt hashes, random tokens as plain digests. Knows no database."""

import asyncio
import secrets
from hashlib import scrypt, sha256
from hmac import compare_digest
from typing import Final

_SALT: Final = 16
_NOBODY: Final = bytes(_SALT + 32)


async def hash_code(code: str) -> bytes:
    """Salt and scrypt hash of a log-in code, for keeping."""
    salt = secrets.token_bytes(_SALT)
    return salt + await asyncio.to_thread(_scrypt, code, salt)


async def code_matches(code: str, kept: bytes | None) -> bool:
    """Whether this is the code. With nothing to compare, as slow as a wrong code, so that timing tells nothing."""
    salt, expected = (kept or _NOBODY)[:_SALT], (kept or _NOBODY)[_SALT:]
    return compare_digest(await asyncio.to_thread(_scrypt, code, salt), expected) and kept is not None


def digest(token: str) -> str:
    """What is kept of a random token; it is too long to be guessed, so it needs no salt."""
    return sha256(token.encode()).hexdigest()


def same(given: str, expected: str) -> bool:
    """Equal, in constant time."""
    return compare_digest(given.encode(), expected.encode())


def _scrypt(code: str, salt: bytes) -> bytes:
    return scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
