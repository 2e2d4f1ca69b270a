"""People who have just arrived: builders of participants for journeys over HTTP.

Each has a name that nobody else in the shared region bears, so that only those meet as possible matches who shall.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.region import Person, Region

_letters = random.Random()


def name() -> str:
    """An invented name of twelve letters, whose consonants are unlike those of others."""
    return "".join(_letters.choice("bdfgklmnprst") + _letters.choice("aeiou") for _ in range(6)).capitalize()


async def registered(by: Person, **more: Any) -> UUID:
    """The id of somebody whom `by` registers; `more` are fields of the identity."""
    identity = {"given_name": name(), "family_name": name(), "birth": {"year": 1994}, **more}
    answer = await by.post("intake", "/v1/participants", {"identity": identity, "language": "ar"})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def granted(by: Person, participant: UUID | str, recipient: str, *categories: str) -> UUID:
    """The id of a grant that `by` records."""
    answer = await by.post(
        "intake",
        f"/v1/participants/{participant}/grants",
        {
            "recipient": recipient,
            "categories": list(categories),
            "purpose": "a course",
            "valid_until": (datetime.now(UTC) + timedelta(days=365)).isoformat(),
            "language": "ar",
        },
    )
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def handed_over(region: Region, participant: UUID | str, by: str = "jonas") -> Person:
    """The person, logged in with the code that a caseworker hands over."""
    answer = await (await region.as_(by)).post("intake", f"/v1/participants/{participant}/login-code")
    assert answer.status_code == 201, answer.text
    return await region.as_(answer.json()["reference"], answer.json()["code"])
