"""All four services at once, asked with the token of whoever looks at a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from services.desk.calls.api import Api, Tally
from services.desk.calls.client import Client


@dataclass(frozen=True)
class Calls:
    """One per page: it counts what the page costs."""

    intake: Api
    matching: Api
    referrals: Api
    notifications: Api
    traces: Api
    """Asks nobody who he is: only for those of whom a service says that they are operators."""
    tally: Tally


def calling(addresses: Mapping[str, str], client: Client, token: str, seconds: float, *, traces: str = "") -> Calls:
    """The four, sharing one client and one tally; and where traces are, which gets no token."""
    tally = Tally()
    to = partial(Api, token=token, client=client, seconds=seconds, tally=tally)
    return Calls(
        intake=to("intake", addresses["intake"]),
        matching=to("matching", addresses["matching"]),
        referrals=to("referrals", addresses["referrals"]),
        notifications=to("notifications", addresses["notifications"]),
        traces=Api("traces", traces, "", client, seconds, tally),
        tally=tally,
    )
