"""Every route of every service, asked by somebody without a right: as if the record did not exist.

The list comes from OpenAPI, so a new route is in the test the day it is written. The ids are those of the story.
"""

from typing import Any, Final

import pytest

from infra.story.cast import Person
from infra.story.stage import Stage
from tests.security.conftest import Played
from tests.support.openapi import Route, example, routes

FOR_ALL_STAFF = {"directory:read", "opportunity:read", "cohort:read"}
"""Actions that hold no participant and that every agency may take."""


AUDITED: Final = ("grants", "reason", "disclosures", "looks", "trace-number", "rights-requests")
"""What an auditor is there for: who may see what, who has looked, and the number under which it is traced."""


def filled(route: Route, stage: Stage) -> str:
    """The path with the story's ids, and what the route must be asked with."""
    ids = {
        "participant": stage.has["record"],
        "grant": stage.has["grant to family-advice"],
        "barrier": stage.has["barrier"],
        "referral": stage.has["referral"],
        "journey": stage.has["journey"],
        "placement": stage.has["job"],
        "opportunity": stage.has["job place"],
        "webhook": stage.has["webhook"],
        "stage": "workplace",
        "rule": "repeated-absence",
        "months": "6",
        "action": "accept",
    }
    path = route.path
    for parameter in route.parameters:
        if parameter["in"] == "path":
            name = parameter["name"]
            path = path.replace(f"{{{name}}}", str(ids.get(name, example(parameter["schema"], route.schemas, name))))
    return path + route.query


async def ask(person: Person, route: Route, stage: Stage) -> Any:
    body = None if route.body is None else example(route.body, route.schemas)
    if isinstance(body, dict) and "participant" in body:
        body["participant"] = stage.has["record"]
    return await person.call(route.method, route.service, filled(route, stage), json=body, headers={"If-Match": '"1"'})


def about_a_participant(route: Route) -> bool:
    named = {parameter["name"] for parameter in route.parameters if parameter["in"] == "path"}
    return bool(named & {"participant", "grant", "barrier", "referral", "journey", "placement"})


@pytest.mark.parametrize("who", ["mira", "cora", "aud", "opal"])
async def test_strangers_find_nothing(played: Played, who: str) -> None:
    """Another agency, a coordinator, an auditor, an operator: 404 with the one uniform body."""
    person, stage = await played.stage.person(who), played.stage
    wrong, asked = [], 0
    for route in await routes(played.box, person):
        if not about_a_participant(route) or (who == "aud" and route.path.endswith(AUDITED)):
            continue
        answer = await ask(person, route, stage)
        asked += 1
        if answer.status_code != 404 or answer.json()["type"] != "urn:lotse:problem:not-found":
            wrong.append((route.name, answer.status_code, answer.text[:200]))
    assert asked > 25, "the list of routes is not empty"
    assert wrong == []


async def test_an_administrator_of_the_own_agency_opens_nothing(played: Played) -> None:
    """Paul manages the job centre's people: he may know that the record exists, and sees nothing of it."""
    paul, opened = await played.stage.person("paul"), []
    for route in await routes(played.box, paul):
        if about_a_participant(route):
            answer = await ask(paul, route, played.stage)
            if answer.status_code not in (403, 404):
                opened.append((route.name, answer.status_code, answer.text[:200]))
    assert opened == []


async def test_after_withdrawal_the_recipient_finds_nothing_but_its_own(played: Played) -> None:
    """Vera: everything that rested on the grant is gone; what Adult Education recorded itself stays."""
    vera, stage = await played.stage.person("vera"), played.stage
    own = {"/v1/journeys/{journey}/attendance", "/v1/journeys/{journey}/feedback"}
    wrong = []
    for route in await routes(played.box, vera):
        if not about_a_participant(route):
            continue
        answer = await ask(vera, route, stage)
        expected = 200 if route.method == "GET" and route.path in own else 404
        if answer.status_code != expected:
            wrong.append((route.name, answer.status_code, answer.text[:200]))
    assert wrong == []


async def test_without_a_token_there_is_nothing(played: Played) -> None:
    """401 on every route, with the way out."""
    jonas, stage = await played.stage.person("jonas"), played.stage
    for route in await routes(played.box, jonas):
        url = played.box.addresses[route.service] + filled(route, stage)
        answer = await jonas.http.request(route.method, url, json={})
        assert answer.status_code == 401, (route.name, answer.text)
        assert answer.json()["way_out"], route.name
