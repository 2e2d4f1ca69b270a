"""In and out of the desk: sessions on the server, and what a browser may and may not do with them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from infra.chassis.identity.embedded.people import load_people
from infra.chassis.identity.log_in_page import form_on
from infra.onebox.layout import PEOPLE
from services.desk.session.secrecy import digest
from tests.support.desk import Visitor, at_the_desk, page_of
from tests.support.region import Region
from tests.support.rows import rows


@pytest.fixture
def visitor(region: Region) -> Visitor:
    return Visitor(region.box.desk, region.http)


def password() -> str:
    return load_people(PEOPLE).password


async def test_who_opens_a_page_logs_in_and_comes_back_to_it(visitor: Visitor) -> None:
    page = await visitor.log_in("jonas", password(), at="/inbox?state=done")

    assert page.status == 200
    assert str(page.answer.url).endswith("/inbox?state=done")
    assert "Jonas Berger" in page.text


async def test_the_first_page_tells_what_this_is_and_needs_no_log_in(visitor: Visitor) -> None:
    page = await visitor.open("/")

    assert page.status == 200
    assert "From arrival into work, together" in page.text
    assert visitor.own == {}


async def test_the_browser_holds_a_secret_and_the_database_only_its_digest(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    secret = jonas.own["lotse-session"]

    kept = [row for row in await sessions(region) if row["id"] == digest(secret)]

    assert len(kept) == 1
    everything = b"".join(bytes(row["sealed"]) for row in kept)
    assert secret.encode() not in everything
    assert b"Jonas" not in everything
    assert b"eyJ" not in everything, "tokens are sealed"


async def test_a_log_in_never_takes_over_a_session_that_the_browser_brought(region: Region) -> None:
    """Session fixation: whoever planted a cookie does not know the one that counts afterwards."""
    planted = (await at_the_desk(region, "mira")).own["lotse-session"]
    victim = Visitor(region.box.desk, region.http)
    victim.own["lotse-session"] = planted
    await victim.open("/inbox")
    victim.own["lotse-session"] = "x" * 43

    await victim.log_in("jonas", password())

    assert victim.own["lotse-session"] not in (planted, "x" * 43)
    attacker = Visitor(region.box.desk, region.http)
    attacker.own["lotse-session"] = planted
    assert "Jonas" not in (await attacker.open("/inbox")).text


async def test_logging_in_anew_ends_the_session_before(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    before = jonas.own.pop("lotse-session")
    asked = await jonas.once("GET", f"{region.box.desk}/inbox")
    jonas.own["lotse-session"] = before

    await through_the_issuer(jonas, asked.headers["location"])

    assert jonas.own["lotse-session"] != before
    other = Visitor(region.box.desk, region.http)
    other.own["lotse-session"] = before
    assert (await other.once("GET", f"{region.box.desk}/inbox")).status_code == 303


async def test_the_way_back_fits_only_the_browser_that_set_out(region: Region, visitor: Visitor) -> None:
    asked = await visitor.once("GET", f"{region.box.desk}/inbox")
    back = await answered_by_the_issuer(visitor, asked.headers["location"])
    stranger = Visitor(region.box.desk, region.http)

    refused = page_of(await stranger.once("GET", back))

    assert refused.status == 400
    assert "The log-in did not work" in refused.text
    assert "lotse-session" not in stranger.own


async def test_a_changed_state_is_refused_and_a_way_back_works_once(region: Region, visitor: Visitor) -> None:
    asked = await visitor.once("GET", f"{region.box.desk}/inbox")
    back = await answered_by_the_issuer(visitor, asked.headers["location"])
    state = parse_qs(urlsplit(back).query)["state"][0]
    kept = dict(visitor.own)

    assert (await visitor.once("GET", back.replace(state, state[:-1] + "-"))).status_code == 400
    visitor.own.update(kept)
    assert (await visitor.once("GET", back)).status_code == 303
    visitor.own.update(kept)
    assert (await visitor.once("GET", back)).status_code == 400, "the issuer takes a code once"


async def test_no_log_in_leads_to_another_site(region: Region) -> None:
    """Where a log-in leads is what was asked of us, never what an address says."""
    for asked_for in ("//evil.example/", "/inbox?next=https://evil.example", "/%5Cevil.example"):
        visitor = Visitor(region.box.desk, region.http)
        asked = await visitor.once("GET", region.box.desk + asked_for)
        if asked.is_redirect:
            back = await answered_by_the_issuer(visitor, asked.headers["location"])
            answer = await visitor.once("GET", back)
            assert urlsplit(answer.headers["location"]).netloc == urlsplit(region.box.desk).netloc
        else:
            assert asked.status_code == 404


async def test_the_choice_of_a_language_leads_to_no_other_site(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        page = await jonas.open("/inbox")
        fields = {**page.form("/language").fields, "page": evil, "language": "de"}
        answer = await jonas.once(
            "POST", f"{region.box.desk}/language", data=fields, headers={"Origin": region.box.desk}
        )
        assert answer.headers["location"] == "/inbox"


async def test_logging_out_ends_the_session_here_and_at_the_issuer(region: Region) -> None:
    jonas = await at_the_desk(region, "jonas")
    before = jonas.own["lotse-session"]
    open_before = await open_at_the_issuer(region)

    page = await jonas.send(await jonas.open("/inbox"), "/log-out")

    assert "here and at the log-in service" in page.text
    assert "lotse-session" not in jonas.own
    jonas.own["lotse-session"] = before
    assert (await jonas.once("GET", f"{region.box.desk}/inbox")).status_code == 303
    assert await open_at_the_issuer(region) == open_before - 1


async def test_a_session_ends_when_nobody_is_there_and_at_the_end_of_a_day(region: Region) -> None:
    for column, ago in (("seen_at", timedelta(minutes=31)), ("ends_at", timedelta(seconds=1))):
        jonas = await at_the_desk(region, "jonas")
        await change(region, jonas, column, datetime.now(UTC) - ago)

        assert (await jonas.once("GET", f"{region.box.desk}/inbox")).status_code == 303, column


async def test_an_open_tab_is_nobody_at_the_desk(region: Region) -> None:
    """What the page's script asks for does not keep a session open; opening a page does."""
    jonas = await at_the_desk(region, "jonas")
    long_ago = datetime.now(UTC) - timedelta(minutes=20)
    await change(region, jonas, "seen_at", long_ago)

    await jonas.open("/inbox/list", headers={"Sec-Fetch-Mode": "cors"})
    assert (await kept_of(region, jonas))["seen_at"] == long_ago
    await jonas.open("/inbox")
    assert (await kept_of(region, jonas))["seen_at"] > long_ago


async def test_tokens_are_refreshed_once_however_many_pages_ask(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issuer takes a refresh token once: a second refresh with the same would end the session."""
    jonas = await at_the_desk(region, "jonas")
    before = (await kept_of(region, jonas))["sealed"]
    monkeypatch.setattr("services.desk.session.sessions.SPARE", timedelta(minutes=10))  # every token is about to end
    first = await jonas.open("/inbox")
    assert first.status == 200
    assert (await kept_of(region, jonas))["sealed"] != before

    pages = await asyncio.gather(*(jonas.open("/inbox") for _ in range(8)))

    assert {page.status for page in pages} == {200}


async def test_whose_log_in_was_ended_elsewhere_must_log_in_again(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    jonas = await at_the_desk(region, "jonas")
    ended = "delete from issuer.session where client_id = 'lotse-desk' returning 1"
    await rows(url_of(region, "lotse_issuer", "issuer"), ended)
    monkeypatch.setattr("services.desk.session.sessions.SPARE", timedelta(minutes=10))

    answer = await jonas.once("GET", f"{region.box.desk}/inbox")

    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == "/identity/authorize"


# --- how the pieces are reached -----------------------------------------------------------------------------------


async def answered_by_the_issuer(visitor: Visitor, address: str, username: str = "jonas") -> str:
    """The address with a code to which the issuer sends the browser back."""
    form = form_on(await visitor.once("GET", address))
    assert form is not None
    sent = await visitor.once("POST", form.action, data=form.filled_in(username, password()))
    return str(sent.headers["location"])


async def through_the_issuer(visitor: Visitor, address: str) -> None:
    back = await answered_by_the_issuer(visitor, address)
    assert (await visitor.once("GET", urljoin(visitor.desk, back))).status_code == 303


def url_of(region: Region, database: str, role: str) -> str:
    """A database of the region's own server: the desk's address with other names."""
    text = (region.box.folder / "desk.env").read_text()
    desk = next(line.partition("=")[2] for line in text.splitlines() if line.startswith("DESK_DATABASE_URL="))
    return desk.replace("lotse_desk", database).replace("//desk@", f"//{role}@")


async def sessions(region: Region) -> list[dict[str, Any]]:
    return await rows(url_of(region, "lotse_desk", "desk"), "select * from session.session")


async def kept_of(region: Region, visitor: Visitor) -> dict[str, Any]:
    secret = digest(visitor.own["lotse-session"])
    [found] = [row for row in await sessions(region) if row["id"] == secret]
    return found


async def change(region: Region, visitor: Visitor, column: str, to: datetime) -> None:
    statement = f"update session.session set {column} = %s where id = %s returning 1"  # noqa: S608 - the test's own
    await rows(url_of(region, "lotse_desk", "desk"), statement, to, digest(visitor.own["lotse-session"]))


async def open_at_the_issuer(region: Region) -> int:
    [found] = await rows(url_of(region, "lotse_issuer", "issuer"), "select count(*) as open from issuer.session")
    return int(found["open"])
