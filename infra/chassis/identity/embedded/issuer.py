"""What the embedded issuer does, free of HTTP: check who somebody is, open a session, give tokens."""

import asyncio
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.vocabulary import Role, StaffId
from infra.chassis.identity.embedded.codes import code_matches, same
from infra.chassis.identity.embedded.people import Client, People, Person
from infra.chassis.identity.embedded.store import Account, Code, IssuerStore, LogIn
from infra.chassis.identity.embedded.tokens import ACCESS_LIFE, AUDIENCE, Holder, Mint, new_signing_key

CODE_LIFE: Final = timedelta(seconds=60)
SESSION_LIFE: Final = timedelta(hours=10)
"""A working day; then one logs in again."""


class NotLoggedIn(Enum):
    """Why a log-in failed. Whether the name or the secret was wrong is not told."""

    WRONG = "wrong"
    PAUSED = "paused"


class GrantRefused(Exception):
    """An OAuth refusal: the error code of RFC 6749 section 5.2 and a sentence for developers."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Issuer:
    """One issuer. `url` is its issuer identifier; `clock` is system time."""

    url: str
    people: People
    store: IssuerStore
    clock: Callable[[], datetime]
    form_secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    """Signs the log-in form's request token; a restart makes open forms stale, no more."""

    async def prepare(self) -> None:
        """Make the tables and, at the very first start, the signing key."""
        await self.store.prepare()
        if not await self.store.keys():
            await self.rotate_key(only_if_none=True)

    async def rotate_key(self, *, only_if_none: bool = False) -> None:
        """Sign with a new key from now on; the older ones stay published."""
        key = await asyncio.to_thread(new_signing_key)
        await self.store.add_key(key, self.clock(), only_if_none=only_if_none)

    async def mint(self) -> Mint:
        return Mint(self.url, await self.store.keys())

    # --- who ------------------------------------------------------------------------------------------------------

    async def log_in(self, username: str, secret: str) -> Holder | NotLoggedIn:
        """Staff by user name and password, participants by reference code and log-in code."""
        if not username.strip().isprintable():
            return NotLoggedIn.WRONG
        person = self.people.by_username(username.strip())
        name = person.username if person else reference_of(username)
        if not await self.store.count_attempt(name, self.clock()):
            return NotLoggedIn.PAUSED
        if person is not None:
            right = same(secret, self.people.password_of(person)) and not await self.store.suspended(person.id)
            holder = _staff(person) if right else None
        else:
            account = await self.store.account(reference=name)
            right = await code_matches(secret.strip(), account.code_hash if account else None)
            holder = _participant(account) if account and right else None
        if holder is None:
            return NotLoggedIn.WRONG
        await self.store.forget_attempts(name)
        return holder

    async def holder(self, subject: UUID) -> Holder | None:
        """Who this subject is now: roles are read anew for each token."""
        person = self.people.by_id(StaffId(subject))
        if person is not None:
            return None if await self.store.suspended(person.id) else _staff(person)
        account = await self.store.account(subject=subject)
        return _participant(account) if account else None

    def service_account(self, client: Client) -> Holder:
        """A client as its own holder."""
        return Holder(
            subject=uuid5(NAMESPACE_URL, f"{self.url}/clients/{client.client_id}"),
            username=f"service-account-{client.client_id}",
            roles=client.roles,
            agency=client.agency,
        )

    # --- code flow ------------------------------------------------------------------------------------------------

    async def open_session(
        self, holder: Holder, client: Client, *, redirect_uri: str, challenge: str, nonce: str | None
    ) -> str:
        """Start a session; returns its authorization code, good once and for 60 s."""
        now = self.clock()
        log_in = LogIn(secrets.token_urlsafe(18), client.client_id, holder.subject, now, now + SESSION_LIFE)
        code = secrets.token_urlsafe(32)
        given_for = Code(log_in.sid, redirect_uri, challenge, nonce, now + CODE_LIFE)
        await self.store.open_session(log_in, code, given_for)
        return code

    async def redeem_code(self, client: Client, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        """Tokens for an authorization code. Raises `GrantRefused`."""
        used = await self.store.use_code(code, self.clock())
        log_in = await self.store.session(used.sid, self.clock()) if used else None
        if used is None or log_in is None or log_in.client_id != client.client_id:
            raise GrantRefused("invalid_grant", "The code is unknown, too old or was used before.")
        if used.redirect_uri != redirect_uri or not same(challenge_of(verifier), used.challenge):
            await self.store.end_session(used.sid)
            raise GrantRefused("invalid_grant", "redirect_uri or code_verifier don't belong to this code.")
        return await self._tokens(log_in, used.nonce)

    async def refresh(self, client: Client, token: str) -> dict[str, Any]:
        """New tokens for a refresh token, which is good once. Raises `GrantRefused`."""
        sid = await self.store.session_of_refresh_token(token)
        log_in = await self.store.session(sid, self.clock()) if sid else None
        mine = log_in is not None and log_in.client_id == client.client_id
        if log_in is None or not mine or await self.store.use_refresh_token(token, self.clock()) is None:
            raise GrantRefused("invalid_grant", "The refresh token is unknown, over or was used before.")
        return await self._tokens(log_in, None)

    async def _tokens(self, log_in: LogIn, nonce: str | None) -> dict[str, Any]:
        holder = await self.holder(log_in.subject)
        if holder is None:
            await self.store.end_session(log_in.sid)
            raise GrantRefused("invalid_grant", "The account is gone.")
        now, mint = self.clock(), await self.mint()
        refresh_token = secrets.token_urlsafe(32)
        await self.store.add_refresh_token(refresh_token, log_in.sid)
        return {
            "access_token": mint.access_token(holder, log_in.client_id, now, audience=AUDIENCE, sid=log_in.sid),
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "refresh_token": refresh_token,
            "refresh_expires_in": int((log_in.ends_at - now).total_seconds()),
            "id_token": mint.id_token(holder, log_in.client_id, now, sid=log_in.sid, nonce=nonce),
            "scope": "openid",
        }

    # --- client credentials ---------------------------------------------------------------------------------------

    async def client_token(self, client: Client, resource: str | None) -> dict[str, Any]:
        """A token for the client itself, for Lotse or, with rights there, for this issuer. Raises `GrantRefused`."""
        if not client.acts_for_itself:
            raise GrantRefused("unauthorized_client", "This client logs people in; it has no account of its own.")
        if resource not in (None, AUDIENCE, self.url) or (resource == self.url and not client.rights):
            raise GrantRefused("invalid_target", "This client may not ask for tokens for that resource.")
        holder = self.service_account(client)
        if await self.store.suspended(StaffId(holder.subject)):
            raise GrantRefused("unauthorized_client", "This client's access was ended.")
        mint = await self.mint()
        token = mint.access_token(
            holder,
            client.client_id,
            self.clock(),
            audience=resource or AUDIENCE,
            sid=None,
            itself=True,
        )
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "scope": "openid",
        }


def challenge_of(verifier: str) -> str:
    """PKCE, S256 (RFC 7636 section 4.6)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def reference_of(typed: str) -> str:
    """A reference code as it is kept, however it was typed."""
    return typed.strip().upper()


def _staff(person: Person) -> Holder:
    return Holder(
        subject=person.id,
        username=person.username,
        roles=person.roles,
        agency=person.agency,
        name=person.name,
        email=person.email,
    )


def _participant(account: Account) -> Holder:
    return Holder(
        subject=account.subject,
        username=account.reference,
        roles=frozenset({Role.PARTICIPANT}),
        participant=account.participant,
    )
