"""Traces at the desk: found by the number that the responsible agency reads out, shown to operators alone."""

import asyncio
import re
from uuid import UUID, uuid4

import httpx

from tests.desk.test_doors import a_desk
from tests.support.desk import Page, Visitor, at_the_desk
from tests.support.joining import body
from tests.support.referring import register
from tests.support.region import Region

PAGE = "/operations/traces"


async def found(opal: Visitor, kind: str, words: str) -> Page:
    """What a search finds, once the exporters have sent what they hold."""
    async with asyncio.timeout(20):
        while True:
            page = await opal.send(await opal.open(PAGE), PAGE, kind=kind, words=words)
            if f'href="{PAGE}/' in page.html or page.status != 200:
                return page
            await asyncio.sleep(0.3)


async def test_what_happened_to_somebody_is_found_by_the_number_that_the_caseworker_reads_out(region: Region) -> None:
    person = await register(region)
    await region.settled()
    jonas, opal = await at_the_desk(region, "jonas"), await at_the_desk(region, "opal")
    [number] = re.findall(
        r'class="code wrap">([0-9a-f-]{36})<', (await jonas.open(f"/participants/{person}/looks")).html
    )
    assert number != person

    listed = await found(opal, "number", number)
    [first, *_] = re.findall(rf'href="({PAGE}/[0-9a-f]{{32}})"', listed.html)
    trace = await opal.open(first)

    assert trace.status == 200
    assert "intake" in trace.text
    assert trace.html.count("<rect") == trace.html.count('<th scope="row">') > 1
    assert re.search(r"level 1:", trace.text), "read aloud, it is a list with levels"
    for page in (listed, trace):
        assert person not in page.html


async def test_an_event_is_found_by_its_id_and_a_trace_by_its_own(region: Region) -> None:
    await register(region)
    await region.settled()
    operator, opal = await region.as_("opal"), await at_the_desk(region, "opal")
    event = (await body(operator.get("intake", "/v1/operations/events?limit=1")))[0]["event"]

    listed = await found(opal, "event", event)
    [trace, *_] = re.findall(rf"{PAGE}/([0-9a-f]{{32}})", listed.html)
    shown = await opal.send(listed, PAGE, kind="trace", words=trace)

    assert shown.path == f"{PAGE}/{trace}"
    assert event in shown.html


async def test_a_reference_code_finds_nothing_and_the_page_says_whom_to_ask(region: Region) -> None:
    opal = await at_the_desk(region, "opal")

    page = await opal.send(await opal.open(PAGE), PAGE, words="P-ABCD-EFGH")

    assert page.status == 422
    assert "Ask the responsible agency for the trace number" in page.text
    assert 'value="P-ABCD-EFGH"' in page.html
    assert (await opal.send(page, PAGE, words="a trace")).status == 422
    assert "Nothing is kept under this." in (await opal.send(page, PAGE, words=str(UUID(int=3)))).text


async def test_nobody_else_sees_a_trace_or_a_number(region: Region) -> None:
    person = await register(region)
    for who in ("jonas", "vera", "hanna", "aud", "paul"):
        visitor = await at_the_desk(region, who)
        assert (await visitor.open(PAGE)).status in (403, 404), who
        assert (await visitor.open(f"{PAGE}/{uuid4().hex}")).status in (403, 404), who
    for who in ("opal", "vera", "ken"):
        await body((await region.as_(who)).get("intake", f"/v1/participants/{person}/trace-number"), 404)


async def test_where_jaeger_keeps_the_traces_pages_lead_there(region: Region) -> None:
    opal, number = await at_the_desk(region, "opal"), str(uuid4())
    jaeger = "http://localhost:8081"
    async with (
        a_desk(region, traces_url="", traces_link=jaeger) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=region.box.desk) as http,
    ):
        cookies = {"Cookie": f"lotse-session={opal.own['lotse-session']}"}
        page = await http.get(PAGE, headers=cookies)
        token = re.findall(r'name="form_token" value="([^"]+)"', page.text)[0]
        sent = {"form_token": token, "kind": "number", "words": number}
        listed = await http.post(PAGE, data=sent, headers={**cookies, "Origin": region.box.desk})

    assert f'href="{jaeger}/search"' in page.text
    assert f"{jaeger}/search?service=lotse-referrals" in listed.text
    assert number in listed.text
