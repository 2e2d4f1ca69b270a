"""What a test of referrals over HTTP begins with: a person, a grant, an offer, a referral."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from tests.support.region import Person, Region

NOTE: Final = "Two children, 2 and 4 years old; shifts begin at six."
FAMILY: Final = ("identity", "contact", "barriers.family")


async def register(region: Region) -> str:
    """The id of a person who is new with Jonas."""
    jonas = await region.as_("jonas")
    body = {"identity": {"given_name": "Amal", "family_name": "Haddad", "birth": {"year": 1994}}}
    made = await jonas.post("intake", "/v1/participants", body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def with_grant(
    region: Region, recipient: str, person: str | None = None, categories: Sequence[str] = FAMILY
) -> str:
    """The id of a person of whom this agency was granted these categories; every service knows of it."""
    person = person or await register(region)
    await give(region, person, recipient, categories)
    await region.settled()
    return person


async def give(region: Region, person: str, recipient: str, categories: Sequence[str] = FAMILY) -> str:
    """A grant of Jonas's; its id."""
    jonas = await region.as_("jonas")
    until = region.box.runtimes["intake"].clock.business() + timedelta(days=365)
    body = {
        "recipient": recipient,
        "categories": list(categories),
        "purpose": "help with child care",
        "valid_until": until.isoformat(),
        "language": "ar",
    }
    made = await jonas.post("intake", f"/v1/participants/{person}/grants", body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def offer(who: Person, **more: Any) -> str:
    """An entry of the directory with room for a need of the family; its id."""
    body = {"name": "Child-care advice", "need": "family", "languages": ["de", "ar"], "capacity_state": "capacity"}
    made = await who.post("referrals", "/v1/directory/services", {**body, **more})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def refer(who: Person, person: str, **more: Any) -> dict[str, Any]:
    """A referral for child care, as it was answered."""
    made = await who.post("referrals", "/v1/referrals", {"participant": person, "need": "family", "note": NOTE, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def act(who: Person, referral: str, action: str, **body: Any) -> dict[str, Any]:
    """Do something with a referral as it stands now."""
    seen = await who.get("referrals", f"/v1/referrals/{referral}")
    assert seen.status_code == 200, seen.text
    match = {"If-Match": seen.headers["ETag"]}
    done = await who.post("referrals", f"/v1/referrals/{referral}/{action}", body, headers=match)
    assert done.status_code == 200, done.text
    found: dict[str, Any] = done.json()
    return found
