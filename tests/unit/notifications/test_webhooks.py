"""Webhooks, the pure part: signatures, addresses, who may get what, when it is tried again, and when it is enough."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from uuid import uuid4

import pytest

from contracts import register
from contracts.catalogue import published_on
from contracts.events import intake
from contracts.refusal import Conflict, Invalid
from contracts.register import Granularity
from contracts.topics import read_by
from contracts.vocabulary import Category, ParticipantId
from contracts.webhooks import OFFERS
from infra.chassis.access import Standing
from infra.chassis.freshness import GrantsStale
from services.notifications.webhook import domain, signing
from services.notifications.webhook.addresses import checked_url, permitted, public
from services.notifications.webhook.domain import (
    LONGEST_REST,
    Delivery,
    Happening,
    Health,
    Secrets,
    Subscription,
    SubscriptionState,
    Tried,
    Trouble,
)
from services.notifications.webhook.rights import NOBODY, names_the_person, opens

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AMAL = ParticipantId(uuid4())
HOME, SCHOOL, HOTEL = "job-centre", "adult-education", "harbour-hotel"
BY_HOTEL = frozenset({HOTEL})


def standing(*granted: Category, withheld: tuple[Category, ...] = ()) -> Standing:
    return Standing(HOME, "P-AAAA-AAAA", None, frozenset(granted), frozenset(withheld))


def happening(name: str, **more: object) -> Happening:
    plain = Happening(
        event=uuid4(),
        key=AMAL,
        type=f"lotse.{name}",
        source="/region/referrals",
        dataschema="urn:lotse:webhook:any:1",
        time=NOW,
        participant=AMAL,
        subject="a-record",
        data={"at": NOW.isoformat()},
        parts=frozenset(),
        leading=None,
        blind=False,
        traceparent=None,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def subscription(**more: object) -> Subscription:
    plain = Subscription(
        id=uuid4(),
        agency=SCHOOL,
        url="https://case.example/",
        types=frozenset(),
        state=SubscriptionState.ACTIVE,
        why=None,
        responsible=uuid4(),
        vouched_at=NOW,
        tried_since=NOW,
        created_at=NOW,
        version=1,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def tried(trouble: Trouble | None = Trouble.ANSWER, *, before: int = 0) -> Tried:
    delivery = Delivery(uuid4(), uuid4(), happening("referrals.stage-entered"), before, NOW)
    return Tried(delivery, None if trouble is None else 500, trouble)


def test_the_signature_is_that_of_the_test_vector_of_standard_webhooks() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    said = signing.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [key])
    assert said == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_is_shown_as_libraries_take_it_and_never_twice_the_same() -> None:
    secret = signing.new_secret()
    assert secret != signing.new_secret()
    assert 24 <= len(secret) <= 64, "as Standard Webhooks wants"
    assert signing.shown(secret).startswith("whsec_")
    assert base64.b64decode(signing.shown(secret).removeprefix("whsec_")) == secret


def test_while_a_secret_is_changed_both_sign_and_then_the_new_one_alone() -> None:
    keys = Secrets(b"new", b"old", NOW + timedelta(hours=1))
    assert keys.valid(NOW) == (b"new", b"old")
    assert keys.valid(NOW + timedelta(hours=1)) == (b"new",)
    assert Secrets(b"only").valid(NOW) == (b"only",)
    both = signing.headers("id", 1, b"{}", keys.valid(NOW))["webhook-signature"].split(" ")
    assert both == [signing.signature("id", 1, b"{}", key) for key in (b"new", b"old")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address that is refused
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "2002:0a00:0001::1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "no-address",
    ],
)
def test_addresses_within_somebodys_network_are_refused(address: str) -> None:
    assert not permitted(address, loopback=False)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::8.8.8.8"])
def test_addresses_of_the_open_internet_are_fine(address: str) -> None:
    assert public(ip_address(address))
    assert permitted(address, loopback=False)


def test_a_demo_may_reach_this_machine_and_no_neighbour() -> None:
    assert permitted("127.0.0.1", loopback=True)
    assert permitted("::1", loopback=True)
    assert not permitted("10.0.0.1", loopback=True)
    assert not permitted("::ffff:169.254.169.254", loopback=True)


@pytest.mark.parametrize(
    ("url", "loopback", "fine"),
    [
        ("https://case.example/lotse?token=1", False, True),
        ("https://case.example:8443/", False, True),
        ("http://case.example/", False, False),
        ("http://127.0.0.1:9/", True, True),
        ("http://localhost:9/", True, True),
        ("http://127.0.0.1:9/", False, False),
        ("https://localhost/", False, False),
        ("https://10.0.0.1/", True, False),
        ("https://[::1]/", False, False),
        ("https://user:word@case.example/", False, False),
        ("https://case.example/#part", False, False),
        ("https://case.example:99999/", False, False),
        ("https://case.example:0/", False, False),
        ("https://[broken/", False, False),
        ("https:///path", False, False),
        ("ftp://case.example/", False, False),
        ("https://fälle.example/", False, False),
        ("https://case.example/a b", False, False),
        ("https://case.example/\r\nhost: other", False, False),
        ("nothing", False, False),
        ("", False, False),
    ],
)
def test_what_can_be_registered(url: str, loopback: bool, fine: bool) -> None:
    if fine:
        assert checked_url(url, loopback=loopback) == url
        return
    with pytest.raises(Invalid) as refused:
        checked_url(url, loopback=loopback)
    assert refused.value.field == "url"


def test_the_catalogue_lists_events_that_arrive_and_fields_that_exist() -> None:
    heard = {fact for topic in read_by("notifications") for fact in published_on(topic)}
    assert OFFERS.keys() <= heard
    wrong = [
        f"{fact.TYPE}.{field}"
        for fact, offer in OFFERS.items()
        for field in (*offer.fields, *offer.parts, *(("agency",) if offer.leading else ()))
        if field not in fact.model_fields
    ]
    assert wrong == []


def test_nothing_that_is_offered_names_a_need_a_reason_of_an_end_or_a_member_of_staff() -> None:
    known = register.load()
    fields = {(fact, field) for fact, offer in OFFERS.items() for field in offer.fields}
    staff = [
        field
        for fact, field in fields
        if known.fields_of(fact)[field].granularity is Granularity.ONE_MEMBER_OF_STAFF or field in ("need", "why")
    ]
    assert staff == []
    people = {field for fact, field in fields if known.fields_of(fact)[field].granularity is Granularity.ONE_PERSON}
    assert people == {"reference"}, "which only the person's own agency gets"
    own = {fact: offer for fact, offer in OFFERS.items() if "reference" in offer.fields}
    assert [offer for offer in own.values() if offer.granted or offer.parts or offer.leading or offer.everybody] == []
    assert own.keys() == {intake.ParticipantRegistered, intake.ParticipantChanged}


def test_the_services_register_names_notifications_for_all_that_it_passes_on() -> None:
    known = register.load()
    silent = [
        f"{fact.TYPE}.{field}"
        for fact, offer in OFFERS.items()
        for field in (*offer.fields, *offer.parts)
        if "notifications" not in known.consumers(fact, field)
    ]
    assert silent == []


def test_a_grant_opens_what_it_names_and_nothing_else() -> None:
    stage = happening("referrals.stage-entered", leading=None)
    assert opens(stage, SCHOOL, standing(Category.JOURNEY))
    assert not opens(stage, SCHOOL, standing(Category.PROFILE, Category.ATTENDANCE))
    assert not opens(stage, SCHOOL, standing())
    assert opens(stage, HOME, standing()), "the own agency needs none"
    assert not opens(happening("referrals.no-such-fact"), HOME, standing())


def test_a_warning_is_for_the_own_agency_and_for_who_leads_the_course() -> None:
    warning = happening("referrals.attention-raised", leading=SCHOOL)
    assert opens(warning, HOME, standing())
    assert opens(warning, SCHOOL, standing(Category.JOURNEY))
    assert not opens(warning, SCHOOL, standing(Category.PROFILE))
    assert not opens(warning, HOTEL, standing(Category.JOURNEY)), "it leads nothing"


def test_whose_record_it_is_hears_of_it_and_of_whom_only_with_a_right() -> None:
    asked = happening("referrals.referral-requested", parts=frozenset({HOME, SCHOOL}))
    assert opens(asked, SCHOOL, standing())
    assert not names_the_person(asked, SCHOOL, standing())
    assert names_the_person(asked, SCHOOL, standing(Category.IDENTITY))
    assert names_the_person(asked, HOME, standing())
    assert not opens(asked, HOTEL, standing(Category.IDENTITY))


def test_a_company_does_not_learn_who_it_is_before_both_have_accepted() -> None:
    proposed = happening("matching.match-proposed", parts=BY_HOTEL, blind=True)
    known_already = standing(Category.IDENTITY)
    assert opens(proposed, HOTEL, known_already)
    assert not names_the_person(proposed, HOTEL, known_already)
    assert names_the_person(proposed, HOME, standing())
    assert names_the_person(replace(proposed, blind=False), HOTEL, known_already)


def test_what_rests_on_a_grant_of_which_nothing_is_known_waits() -> None:
    unknown = standing(withheld=(Category.JOURNEY,))
    with pytest.raises(GrantsStale):
        opens(happening("referrals.stage-entered"), SCHOOL, unknown)
    with pytest.raises(GrantsStale):
        names_the_person(happening("referrals.referral-requested", parts=frozenset({SCHOOL})), SCHOOL, unknown)
    assert opens(happening("referrals.stage-entered"), HOME, unknown), "own work goes on"


def test_a_free_place_is_everybodys_news() -> None:
    place = happening("matching.opportunity-published", participant=None)
    assert opens(place, HOTEL, NOBODY)
    assert not names_the_person(place, HOTEL, NOBODY)


def test_a_receiver_that_fails_thrice_in_a_row_is_asked_ever_more_seldom_but_once_a_minute() -> None:
    health, now, rests = Health(), NOW, []
    for _ in range(12):
        health = domain.after_try(health, tried(), now=now, jitter=1)
        rests.append((health.rests_until or now) - now)
        now = health.rests_until or now
    assert [rest.total_seconds() for rest in rests] == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert rests[-1] == LONGEST_REST
    assert domain.room(health, 0, 8, now=now - timedelta(seconds=1)) == 0, "it rests"
    assert domain.room(health, 0, 8, now=now) == 1, "then it is asked with one"
    assert domain.room(health, 1, 8, now=now) == 0
    well = domain.after_try(health, tried(None), now=now, jitter=1)
    assert (well.failures, well.rests_until, well.last_delivered_at) == (0, None, now)
    assert domain.room(well, 3, 8, now=now) == 5


def test_many_that_fail_together_count_as_one_rest() -> None:
    health = Health()
    for _ in range(50):
        health = domain.after_try(health, tried(), now=NOW, jitter=1)
    assert health.rests_until == NOW + timedelta(seconds=1)


def test_one_event_that_fails_again_and_again_does_not_make_the_receiver_rest() -> None:
    health = domain.after_try(Health(), tried(), now=NOW, jitter=1)
    for before in range(1, 30):
        health = domain.after_try(health, tried(before=before), now=NOW, jitter=1)
    assert not health.tired
    assert health.rests_until is None


def test_three_days_count_from_when_it_was_queued_or_the_subscription_resumed() -> None:
    late = replace(tried().delivery, queued_at=NOW)
    then = NOW + timedelta(hours=72)
    assert domain.given_up(late, subscription(), now=then)
    assert not domain.given_up(late, subscription(), now=then - timedelta(seconds=1))
    assert not domain.given_up(late, subscription(tried_since=NOW + timedelta(hours=1)), now=then)
    assert not domain.given_up(replace(late, queued_at=NOW + timedelta(hours=1)), subscription(), now=then)


def test_who_resumes_a_subscription_answers_for_it() -> None:
    by = uuid4()
    still = domain.stopped(subscription(health=Health(failures=9)), domain.Why.GONE)
    again = domain.resumed(still, by, NOW + timedelta(days=1))
    assert (again.state, again.why, again.responsible) == (SubscriptionState.ACTIVE, None, by)
    assert again.tried_since == again.vouched_at == NOW + timedelta(days=1)
    assert not again.health.tired
    assert again.version == still.version + 1
    with pytest.raises(Conflict):
        domain.resumed(again, by, NOW)
    with pytest.raises(Conflict):
        domain.paused(still)


def test_only_what_is_in_the_catalogue_can_be_subscribed_to() -> None:
    for wrong in ([], ["lotse.intake.barriers-updated"], ["lotse.intake.staff-access-ended"], ["*"]):
        with pytest.raises(Invalid):
            domain.checked_types(wrong)
    assert domain.checked_types(["lotse.intake.grant-ended"] * 2) == {"lotse.intake.grant-ended"}
