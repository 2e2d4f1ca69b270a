"""People with a residence status, as the tests of the work-rights rules need them."""

from datetime import date

from contracts.work_rights import ResidenceFacts

MARCH_5: date = date(2024, 3, 5)


def person(
    status: str,
    *,
    country: str = "DE",
    since: date = MARCH_5,
    valid_until: date | None = None,
    in_centre: bool | None = False,
    children: bool | None = False,
    applied_on: date | None = date(2024, 3, 10),
    stay_since: date | None = None,
    travel_document: bool | None = None,
    extension_requested_on: date | None = None,
    ended_on: date | None = None,
) -> ResidenceFacts:
    """Somebody in Germany since March 2024 who lives in a flat and has no children, unless told otherwise."""
    return ResidenceFacts(
        country=country,
        status=status,
        since=since,
        valid_until=valid_until,
        in_reception_centre=in_centre,
        minor_children=children,
        applied_on=applied_on,
        stay_since=stay_since,
        travel_document=travel_document,
        extension_requested_on=extension_requested_on,
        ended_on=ended_on,
    )
