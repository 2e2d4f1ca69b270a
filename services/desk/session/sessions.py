"""Sessions: begun at log-in under a new secret each time, found by the browser's cookie, ended by hand or by time.

The browser holds the secret and nothing else. Tokens are refreshed under one lock per session, since most issuers take
a refresh token once. Which cookie and which page is not known here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from contracts.vocabulary import Role
from infra.chassis.identity.oidc import Unauthenticated
from services.desk.session.secrecy import Secrecy, digest, drawn
from services.desk.session.store import Row, Store

SPARE: Final = timedelta(seconds=30)
"""A token is refreshed this long before its end, so that none expires on its way."""
NOTED_EVERY: Final = timedelta(seconds=60)
"""How often it is written down that somebody is still there."""
_SESSION: Final = "session"


@dataclass(frozen=True, slots=True)
class Who:
    """Who is logged in, as the issuer says. `name` is for the own eyes only."""

    subject: UUID
    name: str
    roles: frozenset[Role]
    agency: str | None
    participant: UUID | None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What the issuer gave: who it is, and the tokens. `until` is the access token's end (system time)."""

    who: Who
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was found. `secret` is what the browser holds."""

    secret: str = field(repr=False)
    logged_in: LoggedIn
    language: str | None
    ends_at: datetime

    @property
    def who(self) -> Who:
        return self.logged_in.who


class Sessions:
    """All sessions of the desk."""

    def __init__(
        self,
        database_url: str,
        secrecy: Secrecy,
        *,
        pool_size: int,
        clock: Callable[[], datetime],
        idle: timedelta,
        longest: timedelta,
        refresh: Callable[[LoggedIn], Awaitable[LoggedIn]],
    ) -> None:
        self._store, self._secrecy, self._clock = Store(database_url, pool_size), secrecy, clock
        self._idle, self._longest, self._refresh = idle, longest, refresh

    async def open(self) -> None:
        """Begins to connect to the database; does not wait for it."""
        await self._store.open()

    async def close(self) -> None:
        await self._store.close()

    async def answer(self) -> None:
        """Raises if the database does not answer."""
        await self._store.answers()

    async def begin(self, logged_in: LoggedIn, language: str | None = None) -> Session:
        """A new session under a new secret, whatever the browser held before."""
        now, secret = self._clock(), drawn()
        row = Row(digest(secret), self._seal(secret, logged_in), language, now, now + self._longest)
        await self._store.add(row, unseen_since=now - self._idle)
        return Session(secret, logged_in, language, row.ends_at)

    async def find(self, secret: str, *, noting: bool = True) -> Session | None:
        """The session of this secret, unless it is over. `noting`: somebody is there, so it stays open."""
        row = await self._store.find(digest(secret))
        now = self._clock()
        if row is None or row.ends_at <= now or row.seen_at + self._idle <= now:
            return None
        logged_in = self._unseal(secret, row.sealed)
        if logged_in is None:
            return None
        if noting and row.seen_at + NOTED_EVERY <= now:
            await self._store.seen(row.id, now)
        return Session(secret, logged_in, row.language, row.ends_at)

    async def fresh(self, session: Session) -> Session | None:
        """With an access token that is good for a while; None if the issuer says that the log-in is over.

        Raises `Unavailable` when the issuer can't be asked.
        """
        if self._good(session.logged_in):
            return session
        try:
            async with self._store.held(digest(session.secret)) as held:
                kept = self._unseal(session.secret, held.row.sealed) if held else None
                if held is None or kept is None:
                    return None
                if not self._good(kept):  # else somebody else was quicker
                    kept = await self._refresh(kept)
                    await held.reseal(self._seal(session.secret, kept))
        except Unauthenticated:
            await self.end(session)
            return None
        return replace(session, logged_in=kept)

    async def speak(self, session: Session, language: str) -> None:
        """From now on in this language."""
        await self._store.speak(digest(session.secret), language)

    async def end(self, session: Session) -> None:
        """It is over, here and at once."""
        await self._store.end(digest(session.secret))

    def _good(self, logged_in: LoggedIn) -> bool:
        return logged_in.until - SPARE > self._clock()

    def _seal(self, secret: str, logged_in: LoggedIn) -> bytes:
        who = logged_in.who
        told = asdict(who) | {
            "subject": str(who.subject),
            "roles": sorted(who.roles),
            "participant": str(who.participant) if who.participant else None,
        }
        kept = {
            "who": told,
            "access": logged_in.access_token,
            "refresh": logged_in.refresh_token,
            "until": logged_in.until.isoformat(),
        }
        return self._secrecy.seal(_SESSION, secret, kept)

    def _unseal(self, secret: str, sealed: bytes) -> LoggedIn | None:
        kept = self._secrecy.unseal(_SESSION, secret, sealed)
        return _logged_in(kept) if kept else None


def _logged_in(kept: dict[str, Any]) -> LoggedIn:
    who = kept["who"]
    return LoggedIn(
        who=Who(
            subject=UUID(who["subject"]),
            name=who["name"],
            roles=frozenset(map(Role, who["roles"])),
            agency=who["agency"],
            participant=UUID(who["participant"]) if who["participant"] else None,
        ),
        access_token=kept["access"],
        refresh_token=kept["refresh"],
        until=datetime.fromisoformat(kept["until"]),
    )
