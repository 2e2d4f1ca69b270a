"""How a person says what they want to be told of, and how."""

from datetime import time
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from contracts.refusal import Invalid
from contracts.vocabulary import LanguageCode
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In
from services.notifications.preference import use_cases
from services.notifications.preference.domain import Email, Preference, QuietHours
from services.notifications.rules.table import MUTABLE

router = APIRouter(prefix="/v1/preferences", route_class=Edge, tags=["preference"], responses=responses())

Minute = Annotated[time, Field(description="Local time of the region, e.g. `18:00`.")]


class Quiet(In):
    """No e-mails between these times, over midnight if `end` comes first. Escalations come through."""

    begin: Minute
    end: Minute


class PreferenceBody(BaseModel):
    """All of a person's preferences: what is left out goes back to its default."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "email": "digest",
                    "language": "de",
                    "quiet_hours": {"begin": "18:00", "end": "07:00"},
                    "muted": ["lotse.referrals.stage-entered"],
                }
            ]
        },
    )
    email: Email = Email.ON
    language: LanguageCode | None = None
    quiet_hours: Quiet | None = None
    muted: Annotated[frozenset[str], Field(max_length=100, description="Event types; escalations can't be muted.")] = (
        frozenset()
    )

    @classmethod
    def of(cls, preference: Preference) -> Self:
        quiet = preference.quiet_hours
        return cls(
            email=preference.email,
            language=preference.language,
            quiet_hours=Quiet(begin=quiet.begin, end=quiet.end) if quiet else None,
            muted=preference.muted,
        )

    def as_preference(self, person: UUID) -> Preference:
        if not self.muted <= MUTABLE:
            raise Invalid(
                "These event types are told to nobody, or can't be muted.",
                way_out="Name event types such as `lotse.referrals.stage-entered`; escalations come through always.",
                field="muted",
            )
        quiet = self.quiet_hours
        hours = None
        if quiet is not None:
            hours = QuietHours(quiet.begin.replace(tzinfo=None), quiet.end.replace(tzinfo=None))
        return Preference(person, self.email, self.language, hours, self.muted)


@router.get("", summary="How I want to be told")
async def read(who: Caller = may("inbox:read"), tx: Tx = InTx) -> PreferenceBody:
    """The own preferences; the defaults as long as nothing was said."""
    await who.allow(tx, _own(who))
    return PreferenceBody.of(await use_cases.of(tx, _person(who)))


@router.put("", summary="Say how I want to be told")
async def choose(body: PreferenceBody, who: Caller = may("inbox:change"), tx: Tx = InTx) -> PreferenceBody:
    """Replaces all preferences; counts for what happens from now on."""
    await who.allow(tx, _own(who))
    preference = body.as_preference(_person(who))
    await use_cases.choose(tx, preference)
    return PreferenceBody.of(preference)


def _person(who: Caller) -> UUID:
    return who.principal.participant or who.principal.subject


def _own(who: Caller) -> Record:
    return Record("preferences", staff=frozenset({who.principal.subject}))
