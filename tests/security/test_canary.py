"""Nothing that leaves a service's own tables may hold a person's words: events, logs, traces, mails, error bodies.

The story is played with known words; then everything is searched for them, also upper-cased, transliterated and
encoded. Each place has a planted leak as positive control, so that the search itself is proved.
"""

import base64
import tempfile
import urllib.parse
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from infra.onebox.box import box
from infra.onebox.layout import Box
from infra.story.arrival import CHILD_CARE
from infra.story.cast import Region
from infra.story.play import play
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


@pytest.fixture(scope="module")
async def played() -> AsyncIterator[tuple[Box, list[tuple[str, bytes]]]]:
    """A region on which the story was played, each service in its own processes, and the error bodies on the way."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-canary-"))
    refusals: list[tuple[str, bytes]] = []

    async def keep(answer: httpx.Response) -> None:
        if answer.is_error:
            refusals.append((f"error body of {answer.request.url.path}", await answer.aread()))

    async with box(folder / "box", environment="test", apart=True, keep=False) as made:
        async with httpx.AsyncClient(timeout=20, event_hooks={"response": [keep]}) as http:
            region = Region(made, http)
            stage = await play(region)
            jonas = await stage.person("jonas")
            await jonas.post("intake", "/v1/participants", {"identity": {"given_name": "Amal", "shoe_size": "Haddad"}})
            await jonas.post("intake", "/v1/participants", {"identity": {"birth": {"year": "Haddad"}}})
            await jonas.get("intake", "/v1/participants/Haddad")
        yield made, refusals


def everything(made: Box, refusals: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """All that left a service's own tables, as bytes, with where it was found."""
    yield from refusals
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


async def test_nothing_holds_a_persons_words(played: tuple[Box, list[tuple[str, bytes]]]) -> None:
    found = list(everything(*played))
    kinds = {where.split()[0] for where, _ in found}
    assert {"error", "log", "mail", "lotse.intake", "traces", "outbox", "audit"} <= kinds, "every place was searched"
    assert leaks(WORDS, found) == []


async def test_the_search_finds_planted_leaks(played: tuple[Box, list[tuple[str, bytes]]]) -> None:
    """In each place, in each form."""
    places = list(everything(*played))
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
