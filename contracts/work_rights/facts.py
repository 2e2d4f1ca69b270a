"""What has to be known of a person's residence to answer. It lies sealed in intake and never leaves it."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from contracts.vocabulary import Day


class ResidenceFacts(BaseModel):
    """One status of a person, with its dates and circumstances. None: nobody has asked yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str
    """ISO 3166-1 alpha-2."""
    status: str
    """A code of the country's file."""
    since: Day
    """First day of this status."""
    valid_until: Day | None = None
    """Last day of the document."""
    ended_on: Day | None = None
    """Last day of the status itself, where it ended otherwise than with its document: revoked, given up."""
    extension_requested_on: Day | None = None
    """Day on which the extension of the document was requested."""
    in_reception_centre: bool | None = None
    """Whether the person is obliged to live in a reception centre."""
    minor_children: bool | None = None
    """Whether the person lives together with minor children of their own."""
    travel_document: bool | None = None
    """Whether the asylum applicant has shown a valid travel document."""
    applied_on: Day | None = None
    """Day on which the asylum application was lodged."""
    stay_since: Day | None = None
    """First day of an unbroken lawful, permitted or tolerated stay, whatever the status then."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until and self.valid_until < self.since:
            raise ValueError("the document expires before the status begins")
        if self.ended_on and self.ended_on < self.since:
            raise ValueError("the status ends before it begins")
        if self.stay_since and self.stay_since > self.since:
            raise ValueError("the stay begins after the status; it counts from the earlier of the two")
        return self


History = tuple[ResidenceFacts, ...]
"""The statuses of one person, in the order in which they began. A later one ends the one before."""


def of_nobody(
    country: str, status: str, on: date, months: int, circumstances: Mapping[str, bool | None]
) -> ResidenceFacts:
    """The facts of somebody whose status, stay and application began so many whole months before a day."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    begun = date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
    if months:
        begun -= timedelta(days=1)
    dates = {"since": begun, "applied_on": begun, "stay_since": begun}
    return ResidenceFacts.model_validate({"country": country, "status": status, **dates, **circumstances})
