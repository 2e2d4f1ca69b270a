"""After an erasure nothing of the person is found: databases, keys aside; the bus; logs; traces; mails. In any clothes.

Each kind of place has a planted leak as positive control, in each form, so that the search itself is proved.
"""

import base64
import urllib.parse
from collections.abc import Iterator
from uuid import UUID

import psycopg

from tests.journeys.test_intake_erasure import act, filed, is_done
from tests.support.arrivals import granted, name
from tests.support.canary import leaks
from tests.support.matching import good
from tests.support.referring import refer
from tests.support.region import Region

NOTE = "Nursery place from the canary onwards"


def tables(url: str, where: str) -> Iterator[tuple[str, bytes]]:
    """Every row of every table."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information_schema$)'"
        ).fetchall()
        for schema, table in found:
            query = f'select t::text from "{schema}"."{table}" t'  # noqa: S608 - from the catalogue
            for (row,) in connection.execute(query.encode()):
                yield f"{where} {schema}.{table}", row.encode()


def everything(region: Region) -> Iterator[tuple[str, bytes]]:
    """All that a region keeps, with where it lies. What the database shows in hexadecimal, the search knows."""
    made = region.box
    for service, settings in made.settings.items():
        assert settings.owner_database_url is not None
        yield from tables(settings.owner_database_url.get_secret_value(), f"database of {service}")
    bus = made.settings["intake"].bus_url.get_secret_value()
    yield from tables(bus, "bus")
    yield from tables(bus.replace("//bus@", "//traces@").replace("lotse_bus", "lotse_traces"), "traces")
    for log in made.folder.glob("*.log"):
        yield f"log {log.name}", log.read_bytes()
    for mail in made.folder.rglob("*.eml"):
        yield f"mail {mail.name}", mail.read_bytes()


async def test_nothing_of_an_erased_person_is_found(region: Region) -> None:
    jonas, ken = await region.as_("jonas"), await region.as_("ken")
    given, family, phone = name() + name(), name() + name(), "+49 30 7701955123"
    identity = {"given_name": given, "family_name": family, "birth": {"year": 1987, "month": 11, "day": 23}}
    body = {"identity": identity, "contact": {"phone": phone}, "language": "ar"}
    record = good(await jonas.post("intake", "/v1/participants", body), 201)
    person = record["id"]
    barrier = {"domain": "family", "severity": "high", "note": NOTE}
    good(await jonas.post("intake", f"/v1/participants/{person}/barriers", barrier), 201)
    await granted(jonas, UUID(record["id"]), "family-advice", "identity", "contact", "barriers.family")
    await region.settled()
    referral = await refer(jonas, person, receiver="family-advice", note=NOTE)
    good(await ken.get("referrals", f"/v1/referrals/{referral['id']}"))
    good(await jonas.get("intake", "/v1/participants", params={"q": family}))

    request = await filed(jonas, record)
    await act(jonas, request["id"], "identity-check", {"how": "known-in-person"})
    await act(jonas, request["id"], "decision", {"decision": "granted"})
    await is_done(jonas, request["id"])
    await region.settled()

    words = (given, family, phone, "7701955123", "1987-11-23", NOTE, record["reference"])
    places = list(everything(region))
    kinds = {where.split()[0] for where, _ in places}
    assert {"database", "bus", "traces"} <= kinds, "every kind of place was searched"
    # Topics keep events for 30 days, and a mail that was sent is sent: the code is on both, and no name.
    kept = [(where, hay) for where, hay in places if not where.startswith(("bus ", "mail "))]
    assert leaks(words, kept) == []
    assert leaks([word for word in words if word != record["reference"]], places) == []

    for planted in (
        family.upper().encode(),
        urllib.parse.quote(NOTE).encode(),
        base64.b64encode(b"x" + NOTE.encode()),
        NOTE.encode().hex().encode(),
    ):
        for where, hay in {where.split()[0]: (where, hay) for where, hay in places}.values():
            assert leaks(words, [(where, hay + planted)]), f"{planted!r} planted in {where}"
