"""What notifications tells the others: that a message left the house, or could not."""

from typing import Final, Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.topics import NOTIFICATIONS

Channel = Literal["email", "sms", "console"]


class MessageDelivered(Fact):
    """A message was handed over to its channel. Names neither the recipient nor the subject."""

    TYPE = "lotse.notifications.message-delivered"
    TOPICS = (NOTIFICATIONS,)
    KEY = "message"
    message: UUID
    about: UUID
    """The event that the message tells of."""
    channel: Channel


class DeliveryParked(Fact):
    """All tries are used up; an operator has to look."""

    TYPE = "lotse.notifications.delivery-parked"
    TOPICS = (NOTIFICATIONS,)
    KEY = "message"
    message: UUID
    about: UUID
    channel: Channel
    tries: int


FACTS: Final[tuple[type[Fact], ...]] = (MessageDelivered, DeliveryParked)
