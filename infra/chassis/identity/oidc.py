"""The one way a token is verified, whoever issued it: the embedded issuer or Keycloak.

Turns a bearer token into a `Principal` or refuses it. What the principal may do is decided elsewhere.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NoReturn
from uuid import UUID

import httpx
import jwt
from pydantic import TypeAdapter, ValidationError

from contracts.refusal import Refused
from contracts.vocabulary import AgencyId, ParticipantId, Role
from infra.chassis.identity.keys import IssuerKeys
from infra.chassis.identity.principal import Kind, Principal

LEEWAY: Final = timedelta(seconds=10)
"""How far two clocks may differ."""
CACHE_SIZE: Final = 4096
LONGEST_TOKEN: Final = 16_384
"""Characters; a longer one is refused before any work is done on it."""
ACCESS_TOKEN: Final = "Bearer"  # noqa: S105 - the name of a kind of token
"""Keycloak's `typ` claim of access tokens; ID and refresh tokens say `ID` and `Refresh`."""

_AGENCY: Final = TypeAdapter[str](AgencyId)
_ROLES: Final = frozenset(Role)


class Unauthenticated(Refused):
    """Nobody we can trust is asking: no token, or one that doesn't hold. Answered with 401."""

    slug = "unauthenticated"

    def __init__(
        self,
        detail: str = "The access token is missing or not valid.",
        *,
        way_out: str = "Log in again and repeat the request with the new access token.",
    ) -> None:
        super().__init__(detail, way_out=way_out)


class TokenVerifier:
    """Verifies access tokens of one issuer, which is reached `at` its public address or another one.

    `clock` is system time. Verified tokens are remembered until they expire (at most 4096, the least used go first),
    so that a busy caller costs one signature check per token.
    """

    def __init__(
        self,
        issuer: str,
        audience: str = "lotse",
        *,
        at: str | None = None,
        http: httpx.AsyncClient,
        clock: Callable[[], datetime],
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._audience = audience
        self._clock = clock
        self._keys = IssuerKeys(self._issuer, at=at, http=http, clock=clock)
        self._verified: OrderedDict[bytes, tuple[str, Principal]] = OrderedDict()
        self._not_before: dict[UUID, datetime] = {}

    async def verify(self, token: str) -> Principal:
        """Who is asking.

        Raises `Unauthenticated` when the token doesn't hold, `Unavailable` when the issuer's keys can't be read.
        """
        if len(token) > LONGEST_TOKEN or not token.isascii():
            _refuse("The access token can't be read.")
        digest = sha256(token.encode()).digest()
        remembered = self._verified.get(digest)
        if remembered is not None and self._keys.knows(remembered[0]):
            self._verified.move_to_end(digest)
            return self._still_good(remembered[1])
        kid, claims = await self._checked_claims(token)
        principal = self._still_good(_principal(claims))
        self._verified[digest] = (kid, principal)
        if len(self._verified) > CACHE_SIZE:
            self._verified.popitem(last=False)
        return principal

    def suspend(self, subject: UUID, not_before: datetime) -> None:
        """From now on refuse this subject's tokens issued before `not_before` (system time), remembered ones too."""
        self._not_before[subject] = max(not_before, self._not_before.get(subject, not_before))

    async def _checked_claims(self, token: str) -> tuple[str, Mapping[str, Any]]:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, RecursionError):  # the second for absurdly nested JSON
            _refuse("The access token can't be read.")
        kid = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(kid, str):
            _refuse("The access token is not signed the way this issuer signs.")
        key = await self._keys.key(kid)
        if key is None:
            _refuse("The access token is signed with a key that the issuer doesn't have.")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audience,
                issuer=self._issuer,
                options={
                    "require": ["iss", "aud", "exp", "iat", "sub"],
                    # Times are checked below against our own clock.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError:
            _refuse("The access token is not one of this issuer's for this system.")
        if claims.get("typ") != ACCESS_TOKEN:
            _refuse("This is a token, but not an access token.")
        now = self._clock()
        if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY:
            _refuse("The access token is not valid yet.")
        return kid, claims

    def _still_good(self, principal: Principal) -> Principal:
        now = self._clock()
        if principal.expires_at + LEEWAY <= now:
            _refuse("The access token has expired.")
        if principal.issued_at > now + LEEWAY:
            _refuse("The access token is not valid yet.")
        not_before = self._not_before.get(principal.subject)
        if not_before is not None and principal.issued_at < not_before:
            _refuse("Access with this log-in was ended.")
        return principal


def _principal(claims: Mapping[str, Any]) -> Principal:
    client = claims.get("azp")
    if not isinstance(client, str) or not client:
        _refuse("The access token doesn't say which client it was issued to.")
    roles = _roles(claims)
    kind = _kind(claims, roles)
    return Principal(
        subject=_uuid(claims, "sub"),
        kind=kind,
        roles=roles,
        agency=_agency(claims),
        participant=ParticipantId(_uuid(claims, "participant")) if kind is Kind.PARTICIPANT else None,
        client=client,
        issued_at=_instant(claims, "iat"),
        expires_at=_instant(claims, "exp"),
        session=str(claims.get("sid", "")),
    )


def _kind(claims: Mapping[str, Any], roles: frozenset[Role]) -> Kind:
    if Role.PARTICIPANT in roles:
        return Kind.PARTICIPANT
    if "client_id" in claims or str(claims.get("preferred_username", "")).startswith("service-account-"):
        return Kind.SYSTEM
    return Kind.STAFF


def _roles(claims: Mapping[str, Any]) -> frozenset[Role]:
    realm = claims.get("realm_access", {})
    named = realm.get("roles", []) if isinstance(realm, Mapping) else []
    # A realm has roles of its own (offline_access, ...), which mean nothing here.
    return frozenset(Role(name) for name in named if name in _ROLES) if isinstance(named, list) else frozenset()


def _agency(claims: Mapping[str, Any]) -> str | None:
    value = claims.get("agency")
    named = [value] if isinstance(value, str) else value or []
    if not isinstance(named, list) or len(named) > 1:
        _refuse("The access token must name one agency, not several.")
    try:
        return _AGENCY.validate_python(named[0], strict=True) if named else None
    except ValidationError:
        _refuse("The access token names no proper agency.")


def _uuid(claims: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(claims[name])
    except (KeyError, ValueError, TypeError, AttributeError):
        _refuse(f"The access token's `{name}` is missing or no UUID.")


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _refuse(f"The access token's `{name}` is no time.")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        _refuse(f"The access token's `{name}` is no time.")


def _refuse(detail: str) -> NoReturn:
    raise Unauthenticated(detail) from None
