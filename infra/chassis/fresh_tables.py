"""Fresh copies of a schema's tables, and the swap: what a rebuild does to tables, without a word about events.

A copy has the columns, defaults, identities, constraints, indexes and rights of the original, under the same names, so
that migrations find after the swap what they expect. Only plain tables can be copied.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.refusal import Invalid
from infra.chassis.db import Database, Tx

NEXT: Final = "__next"
OLD: Final = "__old"

_UNFIT: Final = {
    "views, sequences of their own or partitioned tables": """
        select 1 from pg_class c where relnamespace = to_regnamespace(:schema) and relkind in ('v', 'm', 'p', 'f')""",
    "a default drawn from a sequence": """
        select 1 from pg_attrdef d join pg_class c on c.oid = d.adrelid where relnamespace = to_regnamespace(:schema)
        and pg_get_expr(d.adbin, d.adrelid) like 'nextval(%'""",
    "triggers": """
        select 1 from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where relnamespace = to_regnamespace(:schema) and not tgisinternal""",
    "foreign keys from or to another schema": """
        select 1 from pg_constraint k join pg_class a on a.oid = k.conrelid join pg_class b on b.oid = k.confrelid
        where contype = 'f' and a.relnamespace <> b.relnamespace
        and to_regnamespace(:schema) in (a.relnamespace, b.relnamespace)""",
}


_SUBJECTS: Final = """
    select quote_ident(c.relname), quote_ident(coalesce(
      (select attname from pg_attribute where attrelid = c.oid and attname = 'participant' and not attisdropped),
      (select attname from pg_attribute where attrelid = c.oid and attnum = k.conkey[1])))
    from pg_class c join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
    where c.relnamespace = to_regnamespace(:schema) and c.relkind = 'r' order by 1"""


async def forget(tx: Tx, schema: str) -> None:
    """Drop what an earlier rebuild left behind."""
    for suffix in (NEXT, OLD):
        await tx.execute(text(f'drop schema if exists "{schema}{suffix}" cascade'))


async def forget_next(tx: Tx, schema: str) -> None:
    """Drop copies that were not swapped in."""
    await tx.execute(text(f'drop schema if exists "{schema}{NEXT}" cascade'))


async def make(tx: Tx, schema: str) -> None:
    """Empty copies of the tables of `schema` in `<schema>__next`. Raises `Invalid` for what can't be copied."""
    for what, query in _UNFIT.items():
        if (await tx.execute(text(query), {"schema": f'"{schema}"'})).first():
            raise Invalid(
                f"The schema {schema!r} has {what}.",
                way_out="A projection consists of plain tables only: move the rest elsewhere.",
            )
    fresh = schema + NEXT
    await tx.execute(text(f'create schema "{fresh}"'))
    names = "select quote_ident(relname) from pg_class where relnamespace = to_regnamespace(:s) and relkind = 'r'"
    for (name,) in await _all(tx, f"{names} order by 1", s=f'"{schema}"'):
        await tx.execute(
            text(f'create table "{fresh}".{name} (like "{schema}".{name} including all excluding indexes)')
        )
    await _copy_constraints(tx, schema, fresh)
    await _copy_indexes(tx, schema, fresh)
    await _copy_rights(tx, schema, fresh)


def filling(db: Database, schema: str) -> Database:
    """The same database; what is written to `schema` through it goes to the copies."""
    engine: AsyncEngine = db.engine.execution_options(schema_translate_map={schema: schema + NEXT})
    db.engine = engine
    return db


async def differences(tx: Tx, schema: str) -> Mapping[str, frozenset[str]]:
    """Table -> whose rows are not the same in the copies: the participants, or else the first column of the key."""
    found: dict[str, frozenset[str]] = {}
    for name, subject in await _all(tx, _SUBJECTS, schema=f'"{schema}"'):
        # All names come from the catalogue, quoted.
        digests = (
            f"select {subject}::text as subject, md5(string_agg(md5(t::text), '' order by md5(t::text))) as digest"  # noqa: S608
            f' from "{{schema}}".{name} t group by 1'
        )
        rows = await _all(
            tx,
            f"select subject from ({digests.format(schema=schema)}) live"  # noqa: S608
            f" full join ({digests.format(schema=schema + NEXT)}) fresh using (subject)"
            " where live.digest is distinct from fresh.digest",
        )
        if rows:
            found[name.strip('"')] = frozenset(subject for (subject,) in rows)
    return found


async def swap(tx: Tx, schema: str) -> None:
    """The copies take the place of the tables when the transaction commits."""
    await tx.execute(text(f'alter schema "{schema}" rename to "{schema}{OLD}"'))
    await tx.execute(text(f'alter schema "{schema}{NEXT}" rename to "{schema}"'))


async def drop_old(tx: Tx, schema: str) -> int:
    """Drop the tables that were replaced; waits for those who still read them."""
    await tx.execute(text(f'drop schema if exists "{schema}{OLD}" cascade'))
    return 0


async def _copy_constraints(tx: Tx, schema: str, fresh: str) -> None:
    """Keys first, then what refers to them. (Checks were copied with the table.)"""
    # With the schema in the search path the definitions name tables without it.
    await tx.execute(text(f'set local search_path = "{schema}"'))
    found = await _all(
        tx,
        "select quote_ident(c.relname), quote_ident(k.conname), pg_get_constraintdef(k.oid) from pg_constraint k"
        " join pg_class c on c.oid = k.conrelid where k.connamespace = to_regnamespace(:s) and contype in"
        " ('p', 'u', 'x', 'f') order by contype = 'f', k.conname",
        s=f'"{schema}"',
    )
    await tx.execute(text(f'set local search_path = "{fresh}"'))
    for table, name, definition in found:
        await tx.execute(text(f"alter table {table} add constraint {name} {_plain(definition)}"))


async def _copy_indexes(tx: Tx, schema: str, fresh: str) -> None:
    found = await _all(
        tx,
        "select pg_get_indexdef(i.indexrelid), quote_ident(:plain) from pg_index i join pg_class c"
        " on c.oid = i.indexrelid where c.relnamespace = to_regnamespace(:s)"
        " and not exists (select from pg_constraint k where k.conindid = i.indexrelid and contype in ('p', 'u', 'x'))",
        s=f'"{schema}"',
        plain=schema,
    )
    for definition, quoted in found:
        await tx.execute(text(_plain(definition.replace(f" ON {quoted}.", f' ON "{fresh}".', 1))))


async def _copy_rights(tx: Tx, schema: str, fresh: str) -> None:
    rights = await _all(
        tx,
        "select 'schema', quote_ident(:fresh), grantee, privilege_type from pg_namespace, aclexplode(nspacl)"
        " where nspname = :plain and grantee <> nspowner"
        " union all select case relkind when 'S' then 'sequence' else 'table' end,"
        " quote_ident(:fresh) || '.' || quote_ident(relname), grantee, privilege_type from pg_class, aclexplode(relacl)"
        " where relnamespace = to_regnamespace(:s) and grantee <> relowner",
        s=f'"{schema}"',
        plain=schema,
        fresh=fresh,
    )
    for kind, what, grantee, right in rights:
        role = await _role(tx, int(grantee))
        await tx.execute(text(f"grant {right} on {kind} {what} to {role}"))


async def _role(tx: Tx, oid: int) -> str:
    if oid == 0:
        return "public"
    [[name]] = await _all(tx, "select quote_ident(rolname) from pg_roles where oid = :oid", oid=oid)
    return str(name)


async def _all(tx: Tx, query: str, **values: object) -> list[tuple[str, ...]]:
    return [tuple(row) for row in await tx.execute(text(query), values)]


def _plain(definition: str) -> str:
    """A definition as SQLAlchemy's `text()` takes it: its colons are no parameters."""
    return definition.replace(":", r"\:")
