"""Referrals at the desk: what I can do is what the table and my side allow, once, and on the version that I read."""

import re
from typing import Any

import pytest

from contracts.transitions import Action, Party, ReferralStatus, possible
from tests.support.desk import Page, Visitor, at_the_desk
from tests.support.referring import NOTE, act, offer, refer, with_grant
from tests.support.region import Region


@pytest.fixture
async def jonas(region: Region) -> Visitor:
    return await at_the_desk(region, "jonas")


@pytest.fixture
async def ken(region: Region) -> Visitor:
    return await at_the_desk(region, "ken")


async def sent(region: Region) -> str:
    """The id of a referral from Jonas to Ken's agency."""
    person = await with_grant(region, "family-advice")
    made = await refer(await region.as_("jonas"), person, receiver="family-advice")
    await region.settled()
    return str(made["id"])


def offered(page: Page) -> set[str]:
    return set(re.findall(r'action="/referrals/[0-9a-f-]{36}/([a-z-]+)"', page.html))


async def test_each_side_is_offered_its_actions_and_no_others(region: Region, jonas: Visitor, ken: Visitor) -> None:
    referral = await sent(region)
    asked = ReferralStatus.REQUESTED

    senders, receivers = await jonas.open(f"/referrals/{referral}"), await ken.open(f"/referrals/{referral}")

    assert offered(senders) == set(possible(asked, Party.SENDER))
    assert offered(receivers) == set(possible(asked, Party.RECEIVER)) - {Action.CLAIM}
    assert NOTE in receivers.text


async def test_from_acceptance_to_outcome(region: Region, jonas: Visitor, ken: Visitor) -> None:
    path = f"/referrals/{await sent(region)}"

    page = await ken.send(await ken.open(path), f"{path}/accept", contact_name="Ken, room 3")
    assert "The referral is accepted." in page.text
    page = await ken.send(page, f"{path}/start")
    page = await ken.send(page, f"{path}/complete", outcome="got-help", note="A place from Monday.")

    assert "The referral is completed." in page.text
    assert offered(page) == set()
    seen = await jonas.open(path)
    assert "Got help" in seen.text
    assert "Ken, room 3" in seen.text


async def test_a_double_click_acts_once(region: Region, ken: Visitor) -> None:
    path = f"/referrals/{await sent(region)}"
    page = await ken.open(path)

    first = await ken.send(page, f"{path}/accept", note="Welcome.")
    second = await ken.send(page, f"{path}/accept", note="Welcome.")

    assert first.status == second.status == 200
    assert "The referral is accepted." in second.text
    assert second.text.count("Welcome.") == 1


async def test_a_lost_update_is_told_and_what_was_typed_is_kept(region: Region, ken: Visitor) -> None:
    referral = await sent(region)
    path = f"/referrals/{referral}"
    read_before = await ken.open(path)
    await act(await region.as_("ken"), referral, "accept")

    late = await ken.send(
        read_before, f"{path}/reject", reason_code="no-capacity", reason_text="We are full until March."
    )

    assert late.status == 412
    assert "Somebody changed this referral while you were writing" in late.text
    assert "“Turn down” is no longer possible." in late.text
    assert (await ken.open(path)).text.count("Accepted") > 0

    read_before = await ken.open(path)
    await act(await region.as_("ken"), referral, "start")
    late = await ken.send(read_before, f"{path}/complete", outcome="got-help", note="Two places found.")
    assert late.status == 412
    assert "Two places found." in late.html
    again = await ken.send(late, f"{path}/complete", outcome="got-help", note="Two places found.")
    assert again.status == 200
    assert "The referral is completed." in again.text


async def test_what_is_missing_is_said_at_the_field(region: Region, ken: Visitor) -> None:
    path = f"/referrals/{await sent(region)}"

    page = await ken.send(await ken.open(path), f"{path}/reject", reason_text="Full.", reason_code="")

    assert page.status == 422
    assert 'id="reject-reason_code" name="reason_code" required aria-invalid="true"' in page.html
    assert "Full." in page.html


async def test_a_new_referral_is_sent_once_however_often_the_button_is_pressed(region: Region, jonas: Visitor) -> None:
    person = await with_grant(region, "family-advice")
    service = await offer(await region.as_("ken"))
    action = f"/referrals/new?participant={person}"
    form = await jonas.open(action)
    fields: dict[str, Any] = {
        "to": f"family:family-advice:{service}",
        "note": NOTE,
        "first_appointment": "2026-12-01T09:30",
    }

    first = await jonas.send(form, action, None, **fields)
    second = await jonas.send(form, action, None, **fields)

    assert "The referral is sent." in first.text
    assert first.path == second.path
    assert "1 Dec 2026, 09:30" in first.text


async def test_a_referral_without_consent_says_what_to_do_and_keeps_what_was_typed(
    region: Region, jonas: Visitor
) -> None:
    person = await with_grant(region, "family-advice", categories=("identity",))
    service = await offer(await region.as_("ken"))
    action = f"/referrals/new?participant={person}"

    page = await jonas.send(await jonas.open(action), action, to=f"family:family-advice:{service}", note="Two children")

    assert page.status == 409
    assert "Record a consent for name, contact and this need first." in page.text
    assert "Two children" in page.html
    assert f'value="family:family-advice:{service}" selected' in page.html


async def test_an_incomplete_form_is_sent_nowhere(region: Region, jonas: Visitor) -> None:
    person = await with_grant(region, "family-advice")
    action = f"/referrals/new?participant={person}"

    page = await jonas.send(await jonas.open(action), action, to="", first_appointment="tomorrow")

    assert page.status == 422
    assert "Choose who shall help with what." in page.text
    assert 'href="#first_appointment"' in page.html


async def test_the_board_shows_states_and_only_names_that_i_may_know(region: Region, ken: Visitor) -> None:
    path = f"/referrals/{await sent(region)}"

    board = await ken.open("/referrals?side=received")

    assert "Waiting for an answer" in board.text
    assert f'href="{path}"' in board.html
    for who in ("vera", "hanna", "opal"):
        stranger = await at_the_desk(region, who)
        assert (await stranger.open(path)).status == 404
        assert (await stranger.open("/referrals")).status == 403
