"""What caseworkers record at the desk: what is wrong is said at its field, and nothing that was typed is lost."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.support.arrivals import name as invented
from tests.support.desk import Page, Visitor, at_the_desk
from tests.support.joining import a_cohort, amal_arrives, amal_joins, body, withdraw
from tests.support.referring import register
from tests.support.region import Region


@pytest.fixture(scope="module")
async def jonas(region: Region) -> Visitor:
    return await at_the_desk(region, "jonas")


def named(page: Page, field: str) -> bool:
    """Whether the page says at this field that something is wrong with it, and leads there from its summary."""
    at_field = f'id="{field}-error"' in page.html and f'href="#{field}"' in page.html
    return at_field and 'aria-invalid="true"' in page.html and "What you typed is still there." in page.text


async def test_a_newcomer_without_a_name_or_with_a_thirteenth_month_is_not_registered(jonas: Visitor) -> None:
    form = await jonas.open("/participants/new")

    page = await jonas.send(form, "/participants/new", birth_month="13", phone="030 5550199", address="Quay 7")

    assert page.status == 422
    assert named(page, "given_name")
    assert named(page, "birth_month")
    assert 'value="Quay 7"' in page.html


async def test_what_a_service_refuses_is_said_at_the_field_it_is_about(jonas: Visitor) -> None:
    form = await jonas.open("/participants/new")

    page = await jonas.send(form, "/participants/new", given_name="Salma", phone="ask her brother")

    assert page.status == 422
    assert named(page, "phone")
    assert 'value="ask her brother"' in page.html


async def test_a_newcomer_is_registered_once_however_often_the_button_is_pressed(jonas: Visitor) -> None:
    form, name = await jonas.open("/participants/new"), f"Salma{uuid4().hex[:8]}"

    first = await jonas.send(form, "/participants/new", given_name=name)
    second = await jonas.send(form, "/participants/new", given_name=name)

    assert first.path == second.path
    assert "The person is registered." in first.text


async def test_a_record_is_corrected_and_a_late_correction_is_told(region: Region, jonas: Visitor) -> None:
    path = f"/participants/{await register(region)}/correct"
    early, late = await jonas.open(path), await jonas.open(path)

    done = await jonas.send(early, path, birth_year="1995", phone="030 5550142")
    refused = await jonas.send(late, path, birth_year="1996")

    assert "The record is corrected." in done.text
    assert "1995" in done.text
    assert "030 5550142" in done.text
    assert refused.status == 412
    assert "Somebody changed this while you were writing." in refused.text
    assert 'value="1996"' in refused.html


async def test_somebody_is_assigned_to_a_colleague_who_is_then_named(region: Region, jonas: Visitor) -> None:
    person = await register(region)
    path = f"/participants/{person}/correct"
    form = await jonas.open(path)
    assert "Sigrid Falk" in form.text
    assert "Ken Adler" not in form.text, "of the own agency only"
    assert "Paul Reiter" not in form.text, "no caseworker"
    sigrid = re.findall(r'<option value="([0-9a-f-]{36})">Sigrid Falk', form.html)[0]

    done = await jonas.send(form, path, caseworker=sigrid)

    assert "assigned to Sigrid Falk" in done.text
    hers = await at_the_desk(region, "sigrid")
    assert "assigned to you" in (await hers.open(f"/participants/{person}")).text


async def test_a_consent_is_whole_before_it_is_recorded(region: Region, jonas: Visitor) -> None:
    path = f"/participants/{await register(region)}/consents"

    page = await jonas.send(
        await jonas.open(path), path, purpose="help", valid_until="tomorrow", basis="statutory-task"
    )

    assert page.status == 422
    for field in ("recipient", "categories", "valid_until", "norm"):
        assert named(page, field), field
    assert 'value="help"' in page.html


async def test_a_consent_for_longer_than_the_law_allows_is_refused_with_what_was_typed(
    region: Region, jonas: Visitor
) -> None:
    path = f"/participants/{await register(region)}/consents"
    fields: dict[str, Any] = {"recipient": "regional-matching", "categories": "profile", "purpose": "suggestions"}

    page = await jonas.send(await jonas.open(path), path, valid_until="2099-01-01", **fields)

    assert page.status in (409, 422)
    assert 'value="profile" checked' in page.html
    assert 'value="2099-01-01"' in page.html
    assert "This was not saved" in page.text


async def test_a_consent_does_not_end_without_saying_why(region: Region, jonas: Visitor) -> None:
    amal = await amal_arrives(region)
    path = f"/participants/{amal.id}/consents"
    page = await jonas.open(path)
    [end] = [form.action for form in page.forms if form.action.endswith("/end")]

    refused = await jonas.send(page, end)

    assert refused.status == 422
    assert named(refused, f"why-{end.split('/')[-2]}")
    vera = await at_the_desk(region, "vera")
    assert (await vera.open(f"/participants/{amal.id}")).status == 200


async def test_a_need_is_weighed_anew_and_closed(region: Region, jonas: Visitor) -> None:
    person = await register(region)
    path = f"/participants/{person}/needs"

    refused = await jonas.send(await jonas.open(path), path, note="No quiet room to learn in.")
    assert refused.status == 422
    assert named(refused, "domain")
    assert named(refused, "severity")
    recorded = await jonas.send(refused, path, domain="housing", severity="low", note="No quiet room to learn in.")
    [change] = [form.action for form in recorded.forms if form.action.startswith(f"{path}/")]
    over = await jonas.send(recorded, change, stands="over")

    assert "It is recorded how the need stands now." in over.text
    [kept] = await body((await region.as_("jonas")).get("intake", f"/v1/participants/{person}/barriers"))
    assert (kept["open"], kept["note"]) == (False, "No quiet room to learn in.")


async def test_an_interview_keeps_what_its_form_does_not_show(region: Region, jonas: Visitor) -> None:
    person, api = await register(region), await region.as_("jonas")
    wished = "http://data.europa.eu/esco/occupation/waiter"
    profile = {
        "education": [{"title": "Hotel school", "country": "SY", "year": 2015}],
        "occupations": [wished],
        "languages": [{"language": "ar", "spoken": "C2"}, {"language": "fr", "spoken": "A1"}],
    }
    first = {"If-Match": '"0"'}
    await body(api.put("intake", f"/v1/participants/{person}/profile", profile, headers=first))
    path = f"/participants/{person}/interview"
    skill: dict[str, Any] = {"skills-0-label": "serving", "skills-0-concept": "serving"}

    wrong = await jonas.send(await jonas.open(path), f"{path}/profile", **skill)
    assert wrong.status == 422
    assert named(wrong, "skills-0-concept")
    skill["skills-0-concept"] = "http://data.europa.eu/esco/skill/serve-food"
    skill |= {"languages-1-language": "", "mobility_km": "20"}
    saved = await jonas.send(wrong, f"{path}/profile", **skill)

    assert "is saved" in saved.text
    kept = await body(api.get("intake", f"/v1/participants/{person}/profile"))
    assert [one["language"] for one in kept["languages"]] == ["ar"], "the emptied row is gone"
    assert (kept["occupations"], kept["education"][0]["title"]) == ([wished], "Hotel school")
    assert (kept["skills"][0]["label"], kept["mobility_km"]) == ("serving", 20)


async def test_residence_is_recorded_and_its_order_looked_at(region: Region, jonas: Visitor) -> None:
    path = f"/participants/{await register(region)}/interview"
    fields: dict[str, Any] = {"status": "recognised-refugee", "since": "2024-05-01", "in_reception_centre": "no"}

    refused = await jonas.send(await jonas.open(path), f"{path}/residence", valid_until="2023-01-01", **fields)
    assert refused.status == 422
    assert 'value="2023-01-01"' in refused.html
    saved = await jonas.send(refused, f"{path}/residence", valid_until="2029-04-30", **fields)

    assert "The residence is saved." in saved.text


async def test_two_records_are_one_person_once_both_agencies_say_so(region: Region, jonas: Visitor) -> None:
    mira, name = await region.as_("mira"), f"Zeynab{uuid4().hex[:6]}"
    identity = {"given_name": name, "family_name": "Karaca", "birth": {"year": 1991, "month": 4, "day": 2}}
    theirs = await body(mira.post("intake", "/v1/participants", {"identity": identity}), 201)
    fields: dict[str, Any] = {"given_name": name, "family_name": "Karaca"}
    birth: dict[str, Any] = {"birth_year": "1991", "birth_month": "4", "birth_day": "2"}
    ours = await jonas.send(await jonas.open("/participants/new"), "/participants/new", **fields, **birth)
    assert "It is a record of Migration Advice." in ours.text

    [confirm] = [form.action for form in ours.forms if form.action.endswith("/confirm")]
    answered = await jonas.send(ours, confirm)
    assert "the other agency has not answered yet" in answered.text
    at_mira = await at_the_desk(region, "mira")
    page = await at_mira.open(f"/participants/{theirs['id']}")
    [confirm] = [form.action for form in page.forms if form.action.endswith("/confirm")]
    linked = await at_mira.send(page, confirm)

    assert not [form for form in linked.forms if form.action.endswith("/confirm")]
    await region.settled()
    assert (
        "was linked" in (await jonas.open("/inbox")).text or "linked as one person" in (await jonas.open("/inbox")).text
    )


async def test_a_place_in_a_class_leads_to_the_journey_or_says_why_not(region: Region, jonas: Visitor) -> None:
    cohort = await a_cohort(region)
    for fits in (True, False):
        amal = await amal_arrives(region, fits=fits)
        path = f"/participants/{amal.id}/enrolments"
        empty = await jonas.send(await jonas.open(path), path, cohort="")
        assert named(empty, "cohort")
        asked = await jonas.send(empty, path, cohort=cohort)
        await region.settled()
        answered = await jonas.open(asked.path)
        assert answered.path.startswith("/journeys/") == fits
        assert ("Too young for this programme" in answered.text) != fits


async def test_whose_right_to_a_journey_is_over_still_reads_what_the_own_agency_recorded(region: Region) -> None:
    amal = await amal_joins(region)
    vera = await at_the_desk(region, "vera")
    path = f"/journeys/{amal.journey}"
    await vera.send(await vera.open(path), f"{path}/attendance", present="yes")
    await withdraw(region, amal)

    page = await vera.open(path)

    assert page.status == 200
    assert "What your agency recorded" in page.text
    assert amal.reference in page.text
    assert "there" in page.text
    assert "A stage began" not in page.text
    assert amal.id not in page.html
    assert (await (await at_the_desk(region, "ken")).open(path)).status == 404


async def test_nobody_records_about_people_of_others(region: Region) -> None:
    person = await register(region)
    for who in ("mira", "ken", "vera", "hanna"):
        visitor = await at_the_desk(region, who)
        for page in ("consents", "needs", "interview", "correct", "looks"):
            assert (await visitor.open(f"/participants/{person}/{page}")).status == 404, (who, page)


async def test_somebody_is_taken_from_the_queue_of_the_team_once(region: Region, jonas: Visitor) -> None:
    name = invented()
    rows = {"rows": [{"row": 1, "given_name": name, "family_name": "Nasser"}]}
    answer = await (await region.as_("jonas")).post("intake", "/v1/imports/participants", rows)
    [taken] = answer.json()["rows"]
    sigrid = await at_the_desk(region, "sigrid")
    queue, hers = [await one.open("/participants?whose=queue") for one in (jonas, sigrid)]
    assert name in queue.text

    page = await jonas.send(queue, f"/participants/{taken['participant']}/claim")

    assert "You look after this person now." in page.text
    assert name not in (await jonas.open("/participants?whose=queue")).text
    assert name in (await jonas.open("/participants")).text
    late = await sigrid.send(hers, f"/participants/{taken['participant']}/claim")
    assert late.status == 409
    assert "A colleague looks after this person already." in late.text
