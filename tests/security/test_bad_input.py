"""Bad input on every route: a 4xx problem that names the field and the way out; never a 5xx, and nothing is changed."""

from tests.security.conftest import Played
from tests.security.test_without_a_right import filled
from tests.support.openapi import routes, wrong_values


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


async def test_a_change_without_a_version_is_refused(played: Played) -> None:
    """428 names If-Match; an old version is 412."""
    jonas = await played.stage.person("jonas")
    record = f"/v1/participants/{played.stage.has['record']}"
    missing = await jonas.patch("intake", record, {"language": "en"})
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (428, "If-Match")
    stale = await jonas.patch("intake", record, {"language": "en"}, headers={"If-Match": '"99"'})
    assert stale.status_code == 412
    assert "again" in stale.json()["way_out"]
