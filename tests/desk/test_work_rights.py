"""The desk's pages of work rights: on a participant's page, and as a knowledge base that a company reads, too."""

from typing import Any

from tests.support.arrivals import registered
from tests.support.desk import at_the_desk
from tests.support.region import Region

ASKED = "/residence-rights?status=DE%2Ftoleration&on=2025-06-01&months={months}&in_reception_centre=no"


async def test_a_company_looks_up_what_a_status_allows(region: Region) -> None:
    hanna = await at_the_desk(region, "hanna")
    assert 'href="/residence-rights"' in (await hanna.open("/placements")).html

    page = await hanna.open(ASKED.format(months=4))

    assert "Toleration (§ 60a AufenthG)" in page.text
    assert "foreigners' authority + employment agency" in page.text
    assert "§ 32 Abs. 1 BeschV" in page.text
    assert "Information, not legal advice." in page.text
    sooner = await hanna.open(ASKED.format(months=1))
    assert "✕ No" in sooner.text


async def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(region: Region) -> None:
    hanna = await at_the_desk(region, "hanna")

    page = await hanna.open("/residence-rights?status=DE%2Ftoleration&on=soon&months=four")

    assert page.answer.status_code == 422
    assert "Give a day, for example 2026-12-01." in page.text
    assert "Give a number of months, 240 at most." in page.text
    assert 'value="four"' in page.html
    assert (await hanna.open("/residence-rights?status=DE%2Fgolden-ticket")).answer.status_code == 422


async def test_the_knowledge_base_speaks_german(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas", language="de")

    page = await jonas.open(ASKED.format(months=4))

    assert "Duldung (§ 60a AufenthG)" in page.text
    assert "Erlaubnis von: Ausländerbehörde + Agentur für Arbeit" in page.text
    assert "Rechtsstand:" in page.text


async def test_a_participants_page_says_what_is_allowed_what_comes_next_and_what_was(region: Region) -> None:
    person = await registered(await region.as_("jonas"))
    jonas = await at_the_desk(region, "jonas")
    path = f"/participants/{person}/interview"
    first: dict[str, Any] = {
        "status": "asylum-applicant",
        "since": "2025-02-01",
        "applied_on": "2025-02-10",
        "ended_on": "2026-02-28",
    }
    saved = await jonas.send(await jonas.open(path), f"{path}/residence", in_reception_centre="no", **first)
    assert "The residence is saved." in saved.text
    title: dict[str, Any] = {
        "status": "recognised-refugee",
        "since": "2026-03-01",
        "valid_until": "2029-02-28",
        "ended_on": "",
    }
    saved = await jonas.send(saved, f"{path}/residence", kind="new", **title)
    assert "The residence is saved." in saved.text

    page = await jonas.open(f"/participants/{person}")

    assert "✓ Yes work" in page.text
    assert "What changes next" in page.text
    assert "Earlier statuses" in page.text
    assert "Asylum applicant" in page.text
    early = await jonas.send(
        await jonas.open(path), f"{path}/residence", kind="new", **{**title, "since": "2026-02-01"}
    )
    assert early.answer.status_code == 422
