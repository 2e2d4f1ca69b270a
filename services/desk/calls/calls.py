"""All four services at once, asked with the token of whoever looks at a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import httpx

from services.desk.calls.api import Api, Tally


@dataclass(frozen=True)
class Calls:
    """One per page: it counts what the page costs."""

    intake: Api
    matching: Api
    referrals: Api
    notifications: Api
    tally: Tally


def calling(addresses: Mapping[str, str], http: httpx.AsyncClient, token: str, seconds: float) -> Calls:
    """The four, sharing one client and one tally."""
    tally = Tally()
    to = partial(Api, token=token, http=http, seconds=seconds, tally=tally)
    return Calls(
        intake=to("intake", addresses["intake"]),
        matching=to("matching", addresses["matching"]),
        referrals=to("referrals", addresses["referrals"]),
        notifications=to("notifications", addresses["notifications"]),
        tally=tally,
    )
