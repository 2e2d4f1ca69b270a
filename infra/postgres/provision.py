"""Makes the databases and roles of a deployment: per service an owner for migrations and a role for rows only.

Idempotent. No service's role can connect to another's database; none can make or change a table. The roles' limits are
those of `infra.chassis.limits`.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from infra.chassis import limits


def service_databases(
    admin_url: str, service: str, *, password: str | None = None, owner_password: str | None = None
) -> None:
    """Database `lotse_<service>` and its key database, owned by `<service>_owner`, used by `<service>`."""
    owner = f"{service}_owner"
    with psycopg.connect(admin_url, autocommit=True) as conn:
        make_role(conn, owner, owner_password, limits.OWNER, limits.OWNER_CONNECTIONS)
        make_role(conn, service, password, limits.RUNTIME, limits.RUNTIME_CONNECTIONS)
        for name in (f"lotse_{service}", f"lotse_{service}_keys"):
            make_database(conn, name, owner=owner, user=service)


def desk_database(admin_url: str, *, password: str | None = None, owner_password: str | None = None) -> None:
    """Database `lotse_desk`: sessions only, so no keys beside it."""
    with psycopg.connect(admin_url, autocommit=True) as conn:
        make_role(conn, "desk_owner", owner_password, limits.OWNER, limits.OWNER_CONNECTIONS)
        make_role(conn, "desk", password, limits.RUNTIME, limits.DESK_CONNECTIONS)
        make_database(conn, "lotse_desk", owner="desk_owner", user="desk")


def database(admin_url: str, name: str, role: str, password: str | None = None) -> None:
    """A database owned and used by one role: bus, issuer, traces, Keycloak."""
    with psycopg.connect(admin_url, autocommit=True) as conn:
        make_role(conn, role, password)
        make_database(conn, name, owner=role, user=role)


def make_role(
    conn: psycopg.Connection[object],
    role: str,
    password: str | None,
    timeouts: Mapping[str, str] | None = None,
    connections: int = -1,
) -> None:
    """A log-in role without any special right; `connections` -1 sets no limit."""
    known = conn.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
    name = sql.Identifier(role)
    if known is None:
        conn.execute(sql.SQL("create role {} login").format(name))
    conn.execute(sql.SQL("alter role {} connection limit {}").format(name, sql.Literal(connections)))
    if password:
        conn.execute(sql.SQL("alter role {} password {}").format(name, sql.Literal(password)))
    for setting, value in (timeouts or {}).items():
        conn.execute(sql.SQL("alter role {} set {} = {}").format(name, sql.Identifier(setting), sql.Literal(value)))


def make_database(conn: psycopg.Connection[object], name: str, *, owner: str, user: str) -> None:
    """A database to which only its owner and its user can connect."""
    known = conn.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
    if known is None:
        conn.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(owner)))
    conn.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
    conn.execute(sql.SQL("grant connect on database {} to {}").format(sql.Identifier(name), sql.Identifier(user)))
