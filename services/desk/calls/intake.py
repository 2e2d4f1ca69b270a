"""What pages ask of intake: who somebody is, what is known of them, and who may see it."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from services.desk.calls.api import Api, Out

AT_ONCE: Final = 200


class Name(Out):
    """What a list calls somebody."""

    participant: UUID
    reference: str
    given_name: str
    family_name: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip() or self.reference


async def names(api: Api, participants: Collection[UUID]) -> Mapping[UUID, Name]:
    """Of those whom the reader may know by name, in one call however many there are."""
    if not participants:
        return {}
    asked = [str(one) for one in sorted(participants)[:AT_ONCE]]
    found = await api.get(list[Name], "/v1/participants/names", id=asked)
    return {one.participant: one for one in found}
