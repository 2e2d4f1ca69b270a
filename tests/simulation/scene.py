"""What all ways have in common: the person, the people who ask, and what there is for everybody."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tests.simulation.agency import Agency, found

FAMILY: Final = ["identity", "contact", "barriers.family"]
GRANTS: Final = {
    "family-advice": FAMILY,
    "adult-education": ["profile", "journey", "attendance"],
    "regional-matching": ["profile"],
}
"""What a participant may be asked to open, and to whom."""


@dataclass
class Person:
    """One participant, as far as those who help know the ids."""

    number: int
    by: str
    """The caseworker."""
    name: str = ""
    id: str = ""
    grants: dict[str, str] = field(default_factory=dict)
    """recipient -> grant"""

    @property
    def token(self) -> str:
        return f"participant:{self.id}"


class Scene:
    """Where all this happens."""

    def __init__(self, agency: Agency) -> None:
        self.agency, self.world, self.chance = agency, agency.world, agency.world.chance
        self.opportunities: list[str] = []
        self.cohort = ""

    def new_name(self) -> str:
        return "".join(self.chance.choice("bdfgklmnprst") + self.chance.choice("aeiou") for _ in range(6))

    async def register(self, by: str, name: str) -> str:
        identity = {"given_name": name.title(), "family_name": name[::-1].title(), "birth": {"year": 1994}}
        made = await self.agency.ask(by, "POST", "intake", "/v1/participants", {"identity": identity})
        self.agency.ledger.add("participant-registered", found(made)["id"])
        return str(found(made)["id"])

    async def grant(self, person: Person, recipient: str, categories: list[str]) -> None:
        days = self.chance.choice((3, 30, 400, 400))
        until = self.world.places["intake"].clock.business() + timedelta(days=days)
        body = {
            "recipient": recipient,
            "categories": categories,
            "purpose": "help",
            "valid_until": until.isoformat(),
            "language": "ar",
        }
        given = await self.agency.ask(person.by, "POST", "intake", f"/v1/participants/{person.id}/grants", body)
        if given.is_success:
            person.grants[recipient] = found(given)["id"]
            self.agency.ledger.add("grant-given", found(given)["id"])

    async def until(self, true: Callable[[], bool]) -> None:
        for _ in range(200):
            if true():
                return
            await self.agency.rest(1)
