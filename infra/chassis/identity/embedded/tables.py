"""The tables of the embedded issuer, in a schema of their own. Only `store.py` uses them. Times are system time."""

from typing import Final

from sqlalchemy import Column, DateTime, ForeignKey, Integer, LargeBinary, MetaData, Table, Text, Uuid, text

metadata: Final = MetaData(schema="issuer")
signing_key: Final = Table(
    "signing_key",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("private_pem", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
)
participant: Final = Table(
    "participant",
    metadata,
    Column("participant", Uuid, primary_key=True),
    Column("subject", Uuid, nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    Column("reference", Text, nullable=False, unique=True),
    Column("code_hash", LargeBinary, nullable=False),
)
suspended: Final = Table(
    "suspended",
    metadata,
    Column("staff", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
)
attempt: Final = Table(
    "attempt",
    metadata,
    Column("name", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
)
session: Final = Table(
    "session",
    metadata,
    Column("sid", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("subject", Uuid, nullable=False, index=True),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
)
code: Final = Table(
    "code",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("sid", Text, ForeignKey(session.c.sid, ondelete="CASCADE"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("nonce", Text),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
refresh_token: Final = Table(
    "refresh_token",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("sid", Text, ForeignKey(session.c.sid, ondelete="CASCADE"), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
