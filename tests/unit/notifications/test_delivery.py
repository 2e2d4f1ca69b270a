"""Mails and when they leave: words in every language, nothing that must not be in them, pauses, quiet hours."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from contracts.vocabulary import ParticipantId, Role, StaffId
from services.notifications.delivery.domain import GIVEN_UP_AFTER, LONGEST_PAUSE, Delivery, Notice, given_up, pause
from services.notifications.delivery.mail import MARK, Envelope, compose
from services.notifications.delivery.words import LANGUAGES, language_for
from services.notifications.inbox.domain import Reader
from services.notifications.inbox.feed import read, written
from services.notifications.preference.domain import QuietHours, next_digest
from services.notifications.rules.table import MESSAGES

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ENVELOPE = Envelope("Lotse <no-reply@lotse.example>", "ken@family-advice.example", "<a@lotse.example>", "<x>", NOW)


def a_notice(*, blind: bool = False, message: str = "referral-requested") -> Notice:
    return Notice(
        event=uuid4(),
        type="lotse.referrals.referral-requested",
        message=message,
        participant=ParticipantId(uuid4()),
        reference="P-7KQ2-M4XH",
        link="/referrals/1",
        party=True,
        blind=blind,
        escalation=False,
    )


def a_delivery(age: timedelta) -> Delivery:
    return Delivery(uuid4(), "staff:1", None, None, None, a_notice(), None, NOW - age, 3, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_message(language: str) -> None:
    assert LANGUAGES[language].messages.keys() == set(MESSAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_holds_a_sentence_a_code_and_a_link(language: str) -> None:
    mail = compose([a_notice()], ENVELOPE, language, "https://desk.example/")
    text = mail.get_content()
    assert LANGUAGES[language].messages["referral-requested"] in text
    assert "P-7KQ2-M4XH" in text
    assert "https://desk.example/referrals/1" in text
    assert mail["Message-ID"] == "<a@lotse.example>"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", language)


def test_every_line_in_arabic_reads_from_the_right() -> None:
    text = compose([a_notice()], ENVELOPE, "ar", "https://desk.example").get_content()
    lines = [line for line in text.splitlines() if line.strip() not in ("", "--")]
    assert all(line.startswith(MARK) for line in lines)


def test_a_company_that_may_not_know_yet_gets_no_code() -> None:
    assert "P-7KQ2-M4XH" not in compose([a_notice(blind=True)], ENVELOPE, "en", "https://desk.example").get_content()


def test_a_digest_is_one_mail_with_all_that_happened() -> None:
    mail = compose([a_notice(), a_notice(message="stage-entered")], ENVELOPE, "en", "https://desk.example")
    assert mail["Subject"] == LANGUAGES["en"].digest
    assert mail.get_content().count("P-7KQ2-M4XH") == 2


def test_a_language_we_have_no_words_in_falls_back() -> None:
    assert language_for(None, "de-AT") == "de"
    assert language_for("ar", "de") == "ar"
    assert language_for("uk", None) == "en"


def test_pauses_grow_to_a_limit() -> None:
    pauses = [pause(tries, 1.0) for tries in range(1, 40)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=1), LONGEST_PAUSE)


def test_a_delivery_is_given_up_after_three_days() -> None:
    assert not given_up(a_delivery(GIVEN_UP_AFTER - timedelta(seconds=1)), now=NOW)
    assert given_up(a_delivery(GIVEN_UP_AFTER), now=NOW)


@pytest.mark.parametrize(
    ("hour", "over_at"),
    [(12, None), (19, NOW.replace(hour=7) + timedelta(days=1)), (3, NOW.replace(hour=7)), (7, None)],
)
def test_quiet_hours_may_go_over_midnight(hour: int, over_at: datetime | None) -> None:
    assert QuietHours(time(18), time(7)).over_at(NOW.replace(hour=hour)) == over_at


def test_quiet_hours_within_a_day() -> None:
    lunch = QuietHours(time(12), time(13))
    assert lunch.over_at(NOW) == NOW.replace(hour=13)
    assert lunch.over_at(NOW.replace(hour=14)) is None


def test_digests_leave_the_next_morning() -> None:
    assert next_digest(NOW) == NOW.replace(day=3, hour=5)
    assert next_digest(NOW.replace(hour=4)) == NOW.replace(hour=5)


def test_the_id_of_a_streams_event_says_how_far_each_inbox_was_sent() -> None:
    assert read(written({"own": 12, "caseworker": 40})) == {"own": 12, "caseworker": 40}


def test_a_supervisor_looks_after_the_caseworkers_queue_and_an_operator_after_none() -> None:
    supervisor = Reader(StaffId(uuid4()), "job-centre", None, frozenset({Role.SUPERVISOR}))
    operator = Reader(StaffId(uuid4()), "region", None, frozenset({Role.OPERATOR}))
    admin = Reader(StaffId(uuid4()), "job-centre", None, frozenset({Role.AGENCY_ADMIN}))
    assert supervisor.inboxes().keys() == {"own", "caseworker", "supervisor", "agency"}
    assert admin.inboxes().keys() == {"own", "supervisor"}, "accounts and webhooks, but nothing about people"
    assert operator.inboxes().keys() == {"own"}
