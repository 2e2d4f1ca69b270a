"""The topics, who writes each and who may read it. Creation, ACLs and subscriptions come from this table."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

INTAKE_SERVICE: Final = "intake"
MATCHING_SERVICE: Final = "matching"
REFERRALS_SERVICE: Final = "referrals"
NOTIFICATIONS_SERVICE: Final = "notifications"
SERVICES: Final = (INTAKE_SERVICE, MATCHING_SERVICE, REFERRALS_SERVICE, NOTIFICATIONS_SERVICE)


@dataclass(frozen=True, slots=True)
class Topic:
    """One stream of facts. The message key is the participant's id, or the aggregate's where no person is concerned."""

    name: str
    publisher: str
    readers: frozenset[str]
    partitions: int = 12
    retention: timedelta = timedelta(days=30)


def _topic(name: str, publisher: str, *readers: str) -> Topic:
    return Topic(name, publisher, frozenset(readers))


INTAKE: Final = _topic("lotse.intake", INTAKE_SERVICE, MATCHING_SERVICE, REFERRALS_SERVICE, NOTIFICATIONS_SERVICE)
INTAKE_CARE: Final = _topic("lotse.intake.care", INTAKE_SERVICE, REFERRALS_SERVICE)
MATCHING: Final = _topic("lotse.matching", MATCHING_SERVICE, INTAKE_SERVICE, REFERRALS_SERVICE, NOTIFICATIONS_SERVICE)
REFERRALS: Final = _topic("lotse.referrals", REFERRALS_SERVICE, INTAKE_SERVICE, MATCHING_SERVICE, NOTIFICATIONS_SERVICE)
REFERRALS_CARE: Final = _topic("lotse.referrals.care", REFERRALS_SERVICE, NOTIFICATIONS_SERVICE)
NOTIFICATIONS: Final = _topic("lotse.notifications", NOTIFICATIONS_SERVICE)

TOPICS: Final = (INTAKE, INTAKE_CARE, MATCHING, REFERRALS, REFERRALS_CARE, NOTIFICATIONS)


def concerning(service: str) -> tuple[Topic, ...]:
    """The topics that `service` writes or reads; of any other it knows nothing."""
    return tuple(topic for topic in TOPICS if service == topic.publisher or service in topic.readers)


def read_by(service: str) -> tuple[Topic, ...]:
    """The topics that `service` consumes."""
    return tuple(topic for topic in TOPICS if service in topic.readers)
