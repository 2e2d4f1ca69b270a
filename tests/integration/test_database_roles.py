"""What the roles of a deployment may do in its databases, and for how long: on a real server, as these roles."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import make_url

from infra.chassis import databases, limits
from infra.onebox.services import all_services, service
from infra.postgres import __main__ as deployment
from infra.postgres import provision
from tests.support.postgres import FreshDatabase
from tests.support.source import ROOT

INTAKE = service("intake")


@pytest.fixture(scope="module")
def admin(postgres: FreshDatabase) -> str:
    """A server with the databases of intake, at this version, and those of matching, empty."""
    url = postgres().replace("postgresql+psycopg://", "postgresql://", 1)
    for name in ("intake", "matching"):
        provision.service_databases(url, name)
    databases.migrate(
        INTAKE,
        owners_address(url, "lotse_intake"),
        owners_address(url, "lotse_intake_keys"),
    )
    return url


def owners_address(admin: str, database: str) -> str:
    address = make_url(admin).set(username="intake_owner", database=database)
    return address.render_as_string(hide_password=False)


@contextmanager
def as_role(admin: str, role: str, database: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(admin, user=role, dbname=database, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "ddl",
    [
        "create table public.mine (id int)",
        "create table participant.mine (id int)",
        "create table chassis.mine (id int)",
        "create temporary table mine (id int)",
        "create schema mine",
        "alter table participant.participant add column mine int",
        "drop table participant.participant",
        "truncate participant.participant",
        "set role intake_owner",
    ],
)
def test_the_role_of_the_running_service_changes_rows_and_no_tables(admin: str, ddl: str) -> None:
    with as_role(admin, "intake", "lotse_intake") as rows, pytest.raises(errors.InsufficientPrivilege):
        rows.execute(ddl.encode())


def test_the_role_of_the_running_service_works_with_rows(admin: str) -> None:
    """The positive control: it is the right that is missing above, not the connection."""
    with as_role(admin, "intake", "lotse_intake") as rows:
        rows.execute("delete from participant.participant where false")


def test_the_role_adds_to_the_audit_trail_and_chooses_no_ids(admin: str) -> None:
    with as_role(admin, "intake", "lotse_intake") as rows:
        rows.execute("insert into chassis.audit (at, action, own) values (now(), 'look', false)")
        for refused in (
            "insert into chassis.audit (id, at, action, own) overriding system value values (1e12, now(), 'x', true)",
            "update chassis.audit set action = 'nothing'",
            "delete from chassis.audit",
            "update chassis.audit_seal set position = 0",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                rows.execute(refused.encode())


@pytest.mark.parametrize("role", ["intake", "intake_owner"])
@pytest.mark.parametrize("database", ["lotse_matching", "lotse_matching_keys"])
def test_no_role_reaches_another_services_database(admin: str, role: str, database: str) -> None:
    with (
        pytest.raises(psycopg.OperationalError, match="permission denied for database"),
        as_role(admin, role, database),
    ):
        pass


def test_keys_are_added_read_and_destroyed_and_never_changed(admin: str) -> None:
    with as_role(admin, "intake", "lotse_intake_keys") as keys:
        keys.execute("insert into keys.key values (gen_random_uuid(), 'x')")
        assert keys.execute("select count(*) from keys.key").fetchone() == (1,)
        for refused in ("update keys.key set wrapped = 'y'", "create table keys.mine (id int)", "truncate keys.key"):
            with pytest.raises(errors.InsufficientPrivilege):
                keys.execute(refused.encode())
        keys.execute("delete from keys.key")
        keys.execute("insert into keys.tokens (wrapped) values ('x')")
        for refused in ("update keys.tokens set wrapped = 'y'", "delete from keys.tokens"):
            with pytest.raises(errors.InsufficientPrivilege):
                keys.execute(refused.encode())


def test_the_stated_limits_hold_for_whoever_comes_as_the_role(admin: str) -> None:
    for role, database, stated in (
        ("intake", "lotse_intake", limits.RUNTIME),
        ("intake", "lotse_intake_keys", limits.RUNTIME),
        ("intake_owner", "lotse_intake", limits.OWNER),
    ):
        with as_role(admin, role, database) as connection:
            found = {name: connection.execute(f"show {name}".encode()).fetchone() for name in stated}
        assert found == {name: (_as_shown(value),) for name, value in stated.items()}


def _as_shown(value: str) -> str:
    return {"60s": "1min"}.get(value, value)


def test_one_role_cannot_take_all_connections(admin: str) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        found = connection.execute("select rolname, rolconnlimit from pg_roles where rolname like 'intake%'").fetchall()
        assert dict(found) == {"intake": limits.RUNTIME_CONNECTIONS, "intake_owner": limits.OWNER_CONNECTIONS}
        connection.execute("alter role intake connection limit 1")
        try:
            with (
                as_role(admin, "intake", "lotse_intake"),
                pytest.raises(psycopg.OperationalError, match="too many connections for role"),
                as_role(admin, "intake", "lotse_intake"),
            ):
                pass
        finally:
            provision.service_databases(admin, "intake")


def test_the_server_has_room_for_every_role_at_its_limit() -> None:
    configuration = (ROOT / "infra/postgres/postgresql.conf").read_text()
    [room] = [
        int(line.split("=")[1].split("#")[0]) for line in configuration.splitlines() if line.startswith("max_conn")
    ]
    keycloak_and_admin = 40
    services = len(all_services()) * (limits.RUNTIME_CONNECTIONS + limits.OWNER_CONNECTIONS)
    desk = limits.DESK_CONNECTIONS + limits.OWNER_CONNECTIONS
    assert room >= services + desk + keycloak_and_admin


def test_a_deployment_is_made_from_the_addresses_that_its_services_get(
    admin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_ADMIN_URL", admin)
    monkeypatch.setenv("KEYCLOAK_DATABASE_PASSWORD", "open sesame")
    names = [*(each.name for each in all_services()), "desk"]
    for name in names:
        for setting, role in (("DATABASE_URL", name), ("OWNER_DATABASE_URL", f"{name}_owner")):
            address = f"postgresql://{role}:secret-of-{role}@db:5432/lotse_{name}"
            monkeypatch.setenv(f"{name.upper()}_{setting}", address)

    deployment.provision()
    deployment.provision()

    with psycopg.connect(admin) as connection:
        owners: dict[str, str] = dict(
            connection.execute("select datname, pg_get_userbyid(datdba) from pg_database").fetchall()
        )
        hashed: dict[str, str] = dict(connection.execute("select rolname, rolpassword from pg_authid").fetchall())
    assert owners["keycloak"] == "keycloak"
    for name in names:
        assert owners[f"lotse_{name}"] == f"{name}_owner"
        assert hashed[name].startswith("SCRAM-SHA-256$")
        assert hashed[name] != hashed[f"{name}_owner"]
    for each in all_services():
        assert owners[f"lotse_{each.name}_keys"] == f"{each.name}_owner"


def test_an_address_for_the_wrong_role_is_refused(admin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_ADMIN_URL", admin)
    monkeypatch.setenv("INTAKE_DATABASE_URL", "postgresql://intake_owner:x@db/lotse_intake")
    monkeypatch.setenv("INTAKE_OWNER_DATABASE_URL", "postgresql://intake_owner:x@db/lotse_intake")

    with pytest.raises(RuntimeError, match="role intake names another"):
        deployment.provision()
