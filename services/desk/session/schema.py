"""The desk's one table, and who may do what with it. Additions only: an older release may still be running."""

from typing import Final

import psycopg
from psycopg import sql

TABLES: Final = """
create schema if not exists session;
create table if not exists session.session (
    id bytea primary key,
    sealed bytea not null,
    language text,
    seen_at timestamptz not null,
    ends_at timestamptz not null
);
create index if not exists session_ends_at on session.session (ends_at);
"""
RIGHTS: Final = """
grant usage on schema session to {role};
grant select, insert, update, delete on session.session to {role};
"""


def prepare(owner_url: str, role: str) -> None:
    """Make the tables in the name of the role that owns them, and give `role` its rows. May be repeated."""
    with psycopg.connect(owner_url) as conn:
        conn.execute("select pg_advisory_xact_lock(hashtext('lotse desk'))")
        conn.execute(TABLES)
        conn.execute(sql.SQL(RIGHTS).format(role=sql.Identifier(role)))
