"""Nothing that leaves a service's own tables may hold a person's words: events, logs, traces, mails, error bodies.

The story is played with known words; then everything is searched for them, also upper-cased, transliterated and
encoded. Each place has a planted leak as positive control, so that the search itself is proved.
"""

import base64
import urllib.parse
from collections.abc import Iterator

import psycopg

from infra.story.arrival import CHILD_CARE
from tests.security.conftest import Played
from tests.support.canary import leaks

WORDS = (
    "Amal",
    "Haddad",
    "أمل",
    "5550101",
    "555 01 01",
    CHILD_CARE,
    "Two children, 2 and 4 years old",
    "Jonas, room 12",
    "Bus line was changed",
    "Getting on well.",
)


def everything(played: Played) -> Iterator[tuple[str, bytes]]:
    """All that left a service's own tables, as bytes, with where it was found."""
    made = played.box
    yield from played.refusals
    for log in made.folder.glob("*.log"):
        yield f"log {log.name}", log.read_bytes()
    for mail in made.folder.rglob("*.eml"):
        yield f"mail {mail.name}", mail.read_bytes()
    bus = made.settings["intake"].bus_url.get_secret_value()
    yield from rows(bus, "select topic, key || ' ' || headers::text, value from bus.log")
    yield from rows(
        bus.replace("//bus@", "//traces@").replace("lotse_bus", "lotse_traces"),
        "select 'traces', s::text, ''::bytea from traces.span s",
    )
    for name, settings in made.settings.items():
        url = settings.database_url.get_secret_value()
        yield from rows(url, f"select 'outbox of {name}', topic, value from chassis.outbox")  # noqa: S608
        yield from rows(url, f"select 'audit of {name}', a::text, ''::bytea from chassis.audit a")  # noqa: S608


def rows(url: str, query: str) -> Iterator[tuple[str, bytes]]:
    with psycopg.connect(url) as conn:
        for where, text, value in conn.execute(query.encode()):
            yield where, text.encode() + b" " + bytes(value)


async def test_nothing_holds_a_persons_words(played: Played) -> None:
    jonas = await played.stage.person("jonas")
    await jonas.post("intake", "/v1/participants", {"identity": {"given_name": "Amal", "shoe_size": "Haddad"}})
    await jonas.post("intake", "/v1/participants", {"identity": {"birth": {"year": "Haddad"}}})
    await jonas.get("intake", "/v1/participants/Haddad")
    found = list(everything(played))
    kinds = {where.split()[0] for where, _ in found}
    assert {"error", "log", "mail", "lotse.intake", "traces", "outbox", "audit"} <= kinds, "every place was searched"
    assert leaks(WORDS, found) == []


async def test_the_search_finds_planted_leaks(played: Played) -> None:
    """In each place, in each form."""
    places = list(everything(played))
    for planted in (
        b"HADDAD",
        b"amal",
        "أمل".encode(),
        urllib.parse.quote("أمل").encode(),
        b"xx" + base64.b64encode(b"a" + CHILD_CARE.encode()),
        base64.b64encode(b"Haddad, Amal"),
        b"\\u0623\\u0645\\u0644",
    ):
        for where, hay in {where.split()[0]: (where, hay) for where, hay in places}.values():
            assert leaks(WORDS, [(where, hay + planted)]), f"{planted!r} planted in {where}"
