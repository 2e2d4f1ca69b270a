"""Bad input on every route: a 4xx problem that names the field and the way out; never a 5xx, and nothing is changed."""

import base64
import json
from collections.abc import AsyncIterator
from itertools import product
from typing import Any

from tests.security.conftest import Played
from tests.security.test_without_a_right import filled
from tests.support.openapi import Route, routes, wrong_values

STRANGER = "00000000-0000-4000-8000-000000000000"


async def test_wrong_bodies_are_refused_with_the_field_and_the_way_out(played: Played) -> None:
    jonas = await played.stage.person("jonas")
    wrong, asked = [], 0
    for route in await routes(played.box, jonas):
        if route.body is None:
            continue
        for fault, body in wrong_values(route.body, route.schemas):
            answer = await jonas.call(
                route.method, route.service, filled(route, played.stage), json=body, headers={"If-Match": '"1"'}
            )
            asked += 1
            problem = answer.json()
            fine = answer.status_code == 422 and problem["way_out"] and all(e["field"] for e in problem["errors"])
            if not fine:
                wrong.append((route.name, fault, answer.status_code, answer.text[:200]))
    assert asked > 60
    assert wrong == []


async def test_wrong_addresses_are_refused(played: Played) -> None:
    """An id that is none, in every place of every path."""
    jonas = await played.stage.person("jonas")
    wrong = []
    for route in await routes(played.box, jonas):
        for parameter in route.parameters:
            if parameter["in"] != "path" or parameter["schema"].get("format") != "uuid":
                continue
            path = filled(route, played.stage)
            broken = route.path.replace(f"{{{parameter['name']}}}", "not-an-id")
            for other in route.parameters:
                broken = broken.replace(f"{{{other['name']}}}", path.rsplit("/", 1)[-1])
            answer = await jonas.call(route.method, route.service, broken, json={}, headers={"If-Match": '"1"'})
            if answer.status_code != 422 or "way_out" not in answer.text:
                wrong.append((route.name, answer.status_code, answer.text[:200]))
    assert wrong == []


async def test_forged_cursors_are_refused_by_every_list(played: Played) -> None:
    """Whoever reads a list, and whatever the cursor holds that somebody else made."""
    forged = ["x", "surely no cursor", "W10=", "\U0001f3e0", "[" * 1500]
    parts: list[list[Any]] = [[], ["x"], ["x", "y"], [1], [None, {}], ["9" * 30], [STRANGER] * 3]
    parts += [["a\0b"], ["a\0b", "c\0d"], ["a\0b", STRANGER], ["\ud800"], ["\ud800", "\udfff"], ["\ud800", STRANGER]]
    forged += [base64.urlsafe_b64encode(json.dumps(one).encode()).decode() for one in parts]
    forged.append(base64.urlsafe_b64encode(b"[" * 1400).decode())
    readers = [await played.stage.person(name) for name in ("jonas", "hanna", "amal", "vera", "opal", "paul")]
    wrong, read = [], set()
    lists = [route for route in await routes(played.box, readers[0]) if "after" in queried(route)]
    for route, reader in product(lists, readers):
        path = filled(route, played.stage)
        if (await reader.get(route.service, path)).status_code != 200:
            continue
        read.add(route.name)
        for cursor in forged:
            answer = await reader.get(route.service, path, params={"after": cursor})
            if answer.status_code != 422 or "after" not in answer.json()["errors"][0]["field"]:
                wrong.append((route.name, cursor, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert read == {route.name for route in lists}, "every list was read by somebody"
    assert len(read) >= 13


def queried(route: Route) -> set[str]:
    """The names of the query's parameters."""
    return {parameter["name"] for parameter in route.parameters if parameter["in"] == "query"}


async def test_a_change_without_a_version_is_refused(played: Played) -> None:
    """428 names If-Match; an old version is 412."""
    jonas = await played.stage.person("jonas")
    record = f"/v1/participants/{played.stage.has['record']}"
    missing = await jonas.patch("intake", record, {"language": "en"})
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (428, "If-Match")
    stale = await jonas.patch("intake", record, {"language": "en"}, headers={"If-Match": '"99"'})
    assert stale.status_code == 412
    assert "again" in stale.json()["way_out"]


async def test_a_nul_character_is_refused_wherever_it_hides(played: Played) -> None:
    jonas = await played.stage.person("jonas")
    for answer in (
        await jonas.post("matching", "/v1/opportunities", {"title": "a\0b"}),
        await jonas.get("intake", "/v1/participants?q=a%00b"),
        await jonas.get("intake", "/v1/participants/a%00b"),
    ):
        assert answer.status_code == 422, answer.text
        assert answer.json()["way_out"]


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(played: Played) -> None:
    jonas = await played.stage.person("jonas")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 65_536

    answer = await jonas.call("POST", "intake", "/v1/participants", content=endless())
    assert answer.status_code == 413
    assert answer.json()["way_out"]
