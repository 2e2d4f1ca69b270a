"""Making the issuer's signed tokens, with the claims that Keycloak gives. Knows neither HTTP nor the database."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from contracts.vocabulary import ParticipantId, Role
from infra.chassis.identity.embedded.store import SigningKey

AUDIENCE: Final = "lotse"
ACCESS_LIFE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token speaks for. For participants `username` is the reference code and `name` stays empty."""

    subject: UUID
    username: str
    roles: frozenset[Role]
    agency: str | None = None
    participant: ParticipantId | None = None
    name: str | None = None
    email: str | None = None

    def claims(self) -> dict[str, Any]:
        """The claims that say who and what the holder is."""
        claims: dict[str, Any] = {
            "sub": str(self.subject),
            "preferred_username": self.username,
            "realm_access": {"roles": sorted(self.roles)},
        }
        if self.agency is not None:
            claims["agency"] = self.agency
        if self.participant is not None:
            claims["participant"] = str(self.participant)
        return claims


def new_signing_key() -> SigningKey:
    """A fresh RSA key of 2048 bits, named by its fingerprint. Takes some 100 ms of processor time."""
    private = generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey(kid=urlsafe_b64encode(sha256(public).digest()[:12]).decode(), private_pem=pem.decode())


def jwks(keys: Sequence[SigningKey]) -> dict[str, Any]:
    """The public halves, as RFC 7517 wants them."""
    return {
        "keys": [
            json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_private(key.private_pem).public_key()))
            | {"kid": key.kid, "use": "sig", "alg": "RS256"}
            for key in keys
        ]
    }


@dataclass(frozen=True, slots=True)
class Mint:
    """Signs with the first of `keys`, reads what any of them signed."""

    issuer: str
    keys: Sequence[SigningKey]

    def access_token(
        self, holder: Holder, client_id: str, now: datetime, *, audience: str, sid: str | None, itself: bool = False
    ) -> str:
        """`itself`: the holder is the client's own service account."""
        claims = holder.claims() | {"typ": "Bearer", "aud": audience, "azp": client_id, "scope": "openid"}
        if sid is not None:
            claims["sid"] = sid
        if itself:
            claims["client_id"] = client_id
        return self._sign(claims, now)

    def id_token(self, holder: Holder, client_id: str, now: datetime, *, sid: str, nonce: str | None) -> str:
        """For the client alone: who has logged in."""
        claims = holder.claims() | {"typ": "ID", "aud": client_id, "azp": client_id, "sid": sid}
        if nonce is not None:
            claims["nonce"] = nonce
        if holder.name is not None:
            claims["name"] = holder.name
        return self._sign(claims, now)

    def read(self, token: str, now: datetime, *, typ: str, audience: str | None, expired_too: bool = False) -> Any:
        """The claims of one of our own tokens, or None if it isn't one, is for another use or is over.

        Services use `oidc.TokenVerifier`; this is for the issuer, which needn't ask itself for its keys.
        """
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            private = next((_private(key.private_pem) for key in self.keys if key.kid == kid), None)
            if private is None:
                return None
            options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": audience is not None}
            claims = jwt.decode(
                token,
                private.public_key(),
                algorithms=["RS256"],
                issuer=self.issuer,
                audience=audience,
                options=options,
            )
        except jwt.PyJWTError:
            return None
        alive = expired_too or claims["exp"] > now.timestamp()
        return claims if claims.get("typ") == typ and alive else None

    def _sign(self, claims: dict[str, Any], now: datetime) -> str:
        key = self.keys[0]
        issued_at = int(now.timestamp())
        times = {"iat": issued_at, "exp": issued_at + int(ACCESS_LIFE.total_seconds()), "jti": str(uuid4())}
        claims = {"iss": self.issuer} | claims | times
        return jwt.encode(claims, _private(key.private_pem), algorithm="RS256", headers={"kid": key.kid})


@lru_cache(maxsize=8)
def _private(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the kept signing key is no RSA key")
    return key
