"""What leaves notifications. Each function is a decision about privacy: neither recipient nor subject is named."""

from collections.abc import Mapping
from typing import Any, Final

from contracts.events import notifications as facts
from infra.chassis.service import Say
from services.notifications.delivery import domain as delivery


def message_delivered(e: delivery.Sent) -> list[facts.MessageDelivered]:
    return [facts.MessageDelivered(message=e.message, about=e.about, channel=e.channel, at=e.at)]


def delivery_parked(e: delivery.Parked) -> list[facts.DeliveryParked]:
    return [facts.DeliveryParked(message=e.message, about=e.about, channel=e.channel, tries=e.tries, at=e.at)]


OUTGOING: Final[Mapping[type[Any], Say]] = {
    delivery.Sent: message_delivered,
    delivery.Parked: delivery_parked,
}
