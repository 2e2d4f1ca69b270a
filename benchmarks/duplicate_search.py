"""G6: one new person against a million stored, encrypted, in PostgreSQL; beside rapidfuzz over all names in memory.

Ours is the real thing: keyed tokens and Bloom filter, the best few fetched, their keys fetched, decrypted, compared,
weighed. The new persons are stored ones with FEBRL's kinds of errors. Both sides take turns, one person at a time.
Smaller: `LOTSE_BENCH_PEOPLE=20000`.
"""

import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console

from benchmarks.linkage import PEER
from benchmarks.made_people import febrl, people
from benchmarks.peers import environment
from benchmarks.result import Result
from infra.chassis.clock import SystemClock
from infra.chassis.db import Database
from infra.chassis.ids import RandomIds
from infra.chassis.master_keys import MasterKeys
from infra.chassis.sealed import Vault
from infra.onebox import children
from infra.onebox.box import box
from infra.onebox.layout import Box
from services.intake.duplicates import blocking, use_cases
from services.intake.duplicates.encoding import Encoder
from services.intake.duplicates.particulars import Particulars
from services.intake.participant.domain import BirthDate, Contact, Identity

STORED: Final = 1_000_000
ASKED: Final = 1000
SEED: Final = 11
AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY: Final = UUID(int=0)


async def measure() -> list[Result]:
    """Load, then ask."""
    stored = int(os.environ.get("LOTSE_BENCH_PEOPLE", STORED))
    python = await environment.interpreter()
    source = random.Random(SEED)
    rows = [row for row, _ in people.region(source, stored)]
    folder = Path(tempfile.mkdtemp(prefix="lotse-bench-"))
    async with box(folder / "box", environment="test", apart=True, keep=False, services=("intake",)) as made:
        settings = made.settings["intake"]
        master = MasterKeys.read(settings.master_key.get_secret_value())
        vault = Vault(settings.keys_database_url.get_secret_value(), master)
        await vault.open()
        started = time.perf_counter()
        ids = await asyncio.to_thread(_load, made, rows, vault, master)
        Console().print(f"{stored} people sealed, encoded and stored in {time.perf_counter() - started:.0f} s.")
        db = Database(settings.database_url.get_secret_value(), clock=SystemClock(), ids=RandomIds(), pool_size=2)
        db.vault = vault
        try:
            return await _ask(db, python, folder, rows, ids, source)
        finally:
            await vault.close()
            await db.close()


async def _ask(
    db: Database, python: Path, folder: Path, rows: list[people.Record], ids: list[UUID], source: random.Random
) -> list[Result]:
    names = folder / "names.json"
    names.write_text(json.dumps([_name(row) for row in rows]))
    brute = await children.start(
        str(python),
        str(PEER),
        "brute",
        str(names),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert brute.stdin is not None
    assert brute.stdout is not None
    await brute.stdout.readline()
    ours, theirs, hits = [], [], 0
    for turn, place in enumerate(source.sample(range(len(rows)), ASKED)):
        new = febrl.changed(source, rows[place])
        person = Particulars.of(*_record(new))
        started = time.perf_counter()
        async with db.transaction() as tx:
            found = await use_cases.weighed(tx, NOBODY, person)
        ours.append((time.perf_counter() - started) * 1000)
        hits += any(other.id == ids[place] for other, _ in found)
        if turn % 10 == 0:
            brute.stdin.write(f"{_name(new)}\n".encode())
            theirs.append(float(await brute.stdout.readline()))
    brute.stdin.close()
    await brute.wait()
    Console().print(f"ours p50 {median(ours):.2f} ms, p99 {_p99(ours):.2f} ms; all names p50 {median(theirs):.1f} ms")
    many = len(rows)
    return [
        Result(
            "G6", f"one against {many}, p50, rate : all names", 1000 / median(ours), 1000 / median(theirs), "1/s", 30
        ),
        Result("G6", f"one against {many}, p99, rate : all names", 1000 / _p99(ours), 1000 / _p99(theirs), "1/s", 20),
        Result("G6", "recall among the opened, FEBRL's errors : 0.98", hits / ASKED, 0.98, "share", 1.0),
    ]


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _name(row: people.Record) -> str:
    return " ".join(sorted((row.given_name.lower(), row.family_name.lower())))


def _record(row: people.Record) -> tuple[Identity, Contact]:
    """As an agency would enter the row."""
    address = f"{row.street}, {row.postcode} {row.place}" if row.street or row.postcode or row.place else None
    return (
        Identity(row.given_name, row.family_name, BirthDate(*row.birth)),
        Contact(phone=row.phone or None, email=row.mail or None, address=address),
    )


def _load(made: Box, rows: list[people.Record], vault: Vault, master: MasterKeys) -> list[UUID]:
    """What registering writes, by COPY: records sealed under a key each, keys wrapped, tokens and filters."""
    owner, keys_owner = made.settings["intake"].owner_database_url, made.settings["intake"].keys_owner_database_url
    assert owner is not None
    assert keys_owner is not None
    source = random.Random(SEED)
    ids = [UUID(int=source.getrandbits(128), version=4) for _ in rows]
    keys = [(UUID(int=source.getrandbits(128), version=4), AESGCM.generate_key(256)) for _ in rows]
    with psycopg.connect(owner.get_secret_value()) as conn, psycopg.connect(keys_owner.get_secret_value()) as beside:
        conn.execute("drop index duplicates.encoding_tokens")
        _copy(conn, "duplicates.encoding (participant, tokens, bloom)", _encoded(ids, rows, vault))
        _copy(conn, "chassis.key_of (person, key)", ((one, key) for one, (key, _) in zip(ids, keys, strict=True)))
        columns = "id, reference, agency, identity, contact, registered_at, version"
        _copy(conn, f"participant.participant ({columns})", _sealed(ids, keys, rows))
        _copy(beside, "keys.key (id, wrapped)", ((one, master.wrap(key, one.bytes)) for one, key in keys))
        conn.execute("set maintenance_work_mem = '512MB'")
        conn.execute("create index encoding_tokens on duplicates.encoding using gin (tokens) with (fastupdate = off)")
        conn.commit()
        beside.commit()
        conn.autocommit = beside.autocommit = True
        for table in ("duplicates.encoding", "participant.participant", "chassis.key_of"):
            conn.execute(f"vacuum analyze {table}".encode())
        beside.execute("vacuum analyze keys.key")
    return ids


def _copy(conn: psycopg.Connection, into: str, values: Iterator[tuple[object, ...]]) -> None:
    with conn.cursor() as cursor, cursor.copy(f"copy {into} from stdin".encode()) as copy:
        for row in values:
            copy.write_row(row)


def _encoded(ids: list[UUID], rows: list[people.Record], vault: Vault) -> Iterator[tuple[object, ...]]:
    encoder = Encoder(vault.token)
    for one, row in zip(ids, rows, strict=True):
        person = Particulars.of(*_record(row))
        encoding = encoder.encode(person, blocking.keys(person))
        yield one, encoding.tokens, encoding.bloom


def _sealed(ids: list[UUID], keys: list[tuple[UUID, bytes]], rows: list[people.Record]) -> Iterator[tuple[object, ...]]:
    for number, (one, (key_id, key), row) in enumerate(zip(ids, keys, rows, strict=True)):
        parts = []
        for part in _record(row):
            nonce = os.urandom(12)
            plain = json.dumps(asdict(part), ensure_ascii=False, separators=(",", ":")).encode()
            parts.append(key_id.bytes + nonce + AESGCM(key).encrypt(nonce, plain, one.bytes))
        yield one, f"P-{number:08}", "job-centre", parts[0], parts[1], AT, 1
