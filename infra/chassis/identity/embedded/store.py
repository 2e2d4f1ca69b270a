"""What the embedded issuer keeps: its keys, participants' accounts, sessions. The only file here that knows SQL.

It makes its own schema `issuer` in a database of its own; a demo device has no migrations. All times are system time.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import CreateSchema

from contracts.vocabulary import ParticipantId, StaffId
from infra.chassis.identity.embedded import tables
from infra.chassis.identity.embedded.codes import digest

FAILURES_ALLOWED: Final = 5
PAUSE: Final = timedelta(minutes=15)


class ReferenceTaken(Exception):
    """The reference code belongs to another participant."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private RSA key as PEM. Demo only: a production key never leaves the identity provider."""

    kid: str
    private_pem: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A participant's account."""

    participant: ParticipantId
    subject: UUID
    reference: str
    code_hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogIn:
    """One log-in of somebody at one client; lives until it is ended or `ends_at`."""

    sid: str
    client_id: str
    subject: UUID
    opened_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code was given for."""

    sid: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    expires_at: datetime


class IssuerStore:
    """Every method is one transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def prepare(self) -> None:
        """Make schema and tables where they are missing. Safe to call at each start."""
        async with self._engine.begin() as db:
            await db.execute(select(func.pg_advisory_xact_lock(func.hashtext("issuer"))))
            await db.execute(CreateSchema("issuer", if_not_exists=True))
            await db.run_sync(tables.metadata.create_all)

    # --- keys -----------------------------------------------------------------------------------------------------

    async def add_key(self, key: SigningKey, now: datetime, *, only_if_none: bool = False) -> None:
        """Keep a key; the newest one signs."""
        async with self._engine.begin() as db:
            await db.execute(select(func.pg_advisory_xact_lock(func.hashtext("issuer"))))
            if only_if_none and (await db.execute(select(tables.signing_key.c.kid).limit(1))).first():
                return
            await db.execute(insert(tables.signing_key).values(kid=key.kid, private_pem=key.private_pem, made_at=now))

    async def keys(self) -> tuple[SigningKey, ...]:
        """All keys, the one that signs first."""
        async with self._engine.connect() as db:
            rows = await db.execute(
                select(tables.signing_key.c.kid, tables.signing_key.c.private_pem).order_by(
                    tables.signing_key.c.made_at.desc()
                )
            )
            return tuple(SigningKey(*row) for row in rows)

    # --- participants ---------------------------------------------------------------------------------------------

    async def put_account(self, participant: ParticipantId, reference: str, code_hash: bytes) -> None:
        """Make or renew an account; ends its sessions. Raises `ReferenceTaken`."""
        values = {"reference": reference, "code_hash": code_hash}
        renew = upsert(tables.participant).values(participant=participant, **values)
        renew = renew.on_conflict_do_update(index_elements=["participant"], set_=values)
        try:
            async with self._engine.begin() as db:
                subject = (await db.execute(renew.returning(tables.participant.c.subject))).scalar_one()
                await db.execute(delete(tables.session).where(tables.session.c.subject == subject))
                await db.execute(delete(tables.attempt).where(tables.attempt.c.name == digest(reference)))
        except IntegrityError:
            raise ReferenceTaken from None

    async def account(
        self, *, reference: str | None = None, subject: UUID | None = None, participant: ParticipantId | None = None
    ) -> Account | None:
        """The account found by exactly one of its three names."""
        if reference is not None:
            wanted = tables.participant.c.reference == reference
        elif subject is not None:
            wanted = tables.participant.c.subject == subject
        else:
            wanted = tables.participant.c.participant == participant
        p = tables.participant.c
        async with self._engine.connect() as db:
            query = select(p.participant, p.subject, p.reference, p.code_hash).where(wanted)
            row = (await db.execute(query)).one_or_none()
        return None if row is None else Account(ParticipantId(row[0]), row[1], row[2], row[3])

    async def remove_account(self, participant: ParticipantId) -> None:
        """Remove the account and end its sessions."""
        async with self._engine.begin() as db:
            gone = delete(tables.participant).where(tables.participant.c.participant == participant)
            row = (
                await db.execute(gone.returning(tables.participant.c.subject, tables.participant.c.reference))
            ).one_or_none()
            if row is not None:
                await db.execute(delete(tables.session).where(tables.session.c.subject == row.subject))
                await db.execute(delete(tables.attempt).where(tables.attempt.c.name == digest(row.reference)))

    # --- staff ----------------------------------------------------------------------------------------------------

    async def suspend(self, staff: StaffId, now: datetime) -> None:
        """No log-in from now on, and no session goes on. Repeating it changes nothing."""
        async with self._engine.begin() as db:
            await db.execute(upsert(tables.suspended).values(staff=staff, at=now).on_conflict_do_nothing())
            await db.execute(delete(tables.session).where(tables.session.c.subject == staff))

    async def suspended(self, staff: StaffId) -> bool:
        """Whether this member of staff is suspended."""
        query = select(tables.suspended.c.staff).where(tables.suspended.c.staff == staff)
        async with self._engine.connect() as db:
            return (await db.execute(query)).first() is not None

    # --- guessing -------------------------------------------------------------------------------------------------

    async def count_attempt(self, name: str, now: datetime) -> bool:
        """Count a try before it is looked at, so that parallel guesses can't slip through; False while paused.

        Five failures in a row start a pause of 15 minutes; so does nothing else, and a try during the pause doesn't
        prolong it.
        """
        paused = (tables.attempt.c.failures >= FAILURES_ALLOWED) & (tables.attempt.c.last_at > now - PAUSE)
        count = upsert(tables.attempt).values(name=digest(name), failures=1, last_at=now)
        count = count.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "failures": case((tables.attempt.c.last_at <= now - PAUSE, 1), else_=tables.attempt.c.failures + 1),
                "last_at": case((paused, tables.attempt.c.last_at), else_=now),
            },
        )
        async with self._engine.begin() as db:
            failures: int = (await db.execute(count.returning(tables.attempt.c.failures))).scalar_one()
        return failures <= FAILURES_ALLOWED

    async def forget_attempts(self, name: str) -> None:
        """The right secret was given."""
        async with self._engine.begin() as db:
            await db.execute(delete(tables.attempt).where(tables.attempt.c.name == digest(name)))

    # --- sessions -------------------------------------------------------------------------------------------------

    async def open_session(self, log_in: LogIn, code: str, given_for: Code) -> None:
        """Keep a new session and the code that starts it; forget what is over by now."""
        s = {name: getattr(log_in, name) for name in LogIn.__slots__}
        c = {name: getattr(given_for, name) for name in Code.__slots__}
        async with self._engine.begin() as db:
            await db.execute(delete(tables.session).where(tables.session.c.ends_at <= log_in.opened_at))
            await db.execute(delete(tables.attempt).where(tables.attempt.c.last_at <= log_in.opened_at - PAUSE))
            await db.execute(insert(tables.session).values(**s))
            await db.execute(insert(tables.code).values(digest=digest(code), **c))

    async def session(self, sid: str, now: datetime) -> LogIn | None:
        """The session, if it is still alive."""
        s = tables.session.c
        query = select(s.sid, s.client_id, s.subject, s.opened_at, s.ends_at).where(s.sid == sid, s.ends_at > now)
        async with self._engine.connect() as db:
            row = (await db.execute(query)).one_or_none()
        return None if row is None else LogIn(*row)

    async def use_code(self, code: str, now: datetime) -> Code | None:
        """Use up a code. None when it is unknown, too old or used before; used twice, its session ends."""
        c = tables.code.c
        use = update(tables.code).where(c.digest == digest(code), c.used_at.is_(None)).values(used_at=now)
        async with self._engine.begin() as db:
            row = (await db.execute(use.returning(c.sid, c.redirect_uri, c.challenge, c.nonce, c.expires_at))).first()
            if row is None:
                stolen = select(c.sid).where(c.digest == digest(code)).scalar_subquery()
                await db.execute(delete(tables.session).where(tables.session.c.sid == stolen))
                return None
        used = Code(*row)
        return used if used.expires_at > now else None

    async def add_refresh_token(self, token: str, sid: str) -> None:
        """Keep the digest of a new refresh token of this session."""
        async with self._engine.begin() as db:
            await db.execute(insert(tables.refresh_token).values(digest=digest(token), sid=sid))

    async def use_refresh_token(self, token: str, now: datetime) -> str | None:
        """Use up a refresh token and give its session's id. None when it isn't good; used twice, its session ends."""
        r = tables.refresh_token.c
        use = update(tables.refresh_token).where(r.digest == digest(token), r.used_at.is_(None)).values(used_at=now)
        async with self._engine.begin() as db:
            sid: str | None = (await db.execute(use.returning(r.sid))).scalar_one_or_none()
            if sid is None:
                stolen = select(r.sid).where(r.digest == digest(token)).scalar_subquery()
                await db.execute(delete(tables.session).where(tables.session.c.sid == stolen))
        return sid

    async def session_of_refresh_token(self, token: str) -> str | None:
        """Which session a refresh token belongs to, without using it."""
        async with self._engine.connect() as db:
            query = select(tables.refresh_token.c.sid).where(tables.refresh_token.c.digest == digest(token))
            sid: str | None = (await db.execute(query)).scalar_one_or_none()
        return sid

    async def end_session(self, sid: str) -> None:
        """End a session: its codes and refresh tokens are gone."""
        async with self._engine.begin() as db:
            await db.execute(delete(tables.session).where(tables.session.c.sid == sid))
