"""Makes the databases and roles of a deployment: per service an owner for migrations and a role for rows only.

Idempotent. No service's role can connect to another's database.
"""

import psycopg
from psycopg import sql


def service_databases(admin_url: str, service: str, password: str | None = None) -> None:
    """Database `lotse_<service>` and its key database, owned by `<service>_owner`, used by `<service>`."""
    with psycopg.connect(admin_url, autocommit=True) as conn:
        for role in (f"{service}_owner", service):
            make_role(conn, role, password)
        make_database(conn, f"lotse_{service}", owner=f"{service}_owner", user=service)
        make_database(conn, f"lotse_{service}_keys", owner=service, user=service)


def database(admin_url: str, name: str, role: str, password: str | None = None) -> None:
    """A database owned and used by one role: bus, issuer, traces."""
    with psycopg.connect(admin_url, autocommit=True) as conn:
        make_role(conn, role, password)
        make_database(conn, name, owner=role, user=role)


def make_role(conn: psycopg.Connection[object], role: str, password: str | None) -> None:
    """A log-in role without any special right."""
    known = conn.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
    if known is None:
        conn.execute(sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole").format(sql.Identifier(role)))
    if password:
        conn.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password)))


def make_database(conn: psycopg.Connection[object], name: str, *, owner: str, user: str) -> None:
    """A database to which only its owner and its user can connect."""
    known = conn.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
    if known is None:
        conn.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(owner)))
    conn.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
    conn.execute(sql.SQL("grant connect on database {} to {}").format(sql.Identifier(name), sql.Identifier(user)))
