"""What pages ask of intake about work rights: of a person, and of nobody."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from services.desk.calls.api import Api, Out

Names = Mapping[str, str]


class Office(Out):
    code: str
    name: Names


class Detail(Out):
    """The answer for one right. `since` is the first day of all days where the status has always been so."""

    right: str
    answer: str
    permission_of: tuple[Office, ...] = ()
    since: date
    until: date | None
    sources: tuple[str, ...]
    note: str
    to_be_checked: str
    missing: tuple[str, ...] = ()

    @property
    def begun(self) -> date | None:
        return None if self.since == date.min else self.since


class Helper(Out):
    kind: str
    office: Office
    sources: tuple[str, ...]
    note: str
    to_be_checked: str


class Change(Out):
    on: date
    right: str
    answer: str


class WorkRights(Out):
    """Information, not legal advice."""

    on: date
    details: tuple[Detail, ...]
    support: tuple[Helper, ...]
    changes: tuple[Change, ...]
    note: str
    law_as_of: date | None

    @property
    def unknown(self) -> bool:
        """Whether nothing at all can be said."""
        return all(detail.answer == "unknown" for detail in self.details)


class Known(WorkRights):
    """What a status allows, whoever has it."""

    country_name: Names
    status: str
    status_name: Names
    checked_by: str


class Held(Out):
    """A status that somebody had, or has."""

    country: str
    status: str
    since: date
    valid_until: date | None = None
    ended_on: date | None = None


class Statuses(Out):
    version: int
    statuses: tuple[Held, ...]


class Status(Out):
    code: str
    name: Names


class Country(Out):
    country: str
    name: Names
    law_as_of: date
    statuses: tuple[Status, ...]


async def of_person(api: Api, id_: UUID) -> WorkRights:
    return await api.get(WorkRights, f"/v1/participants/{id_}/work-rights")


async def statuses(api: Api, id_: UUID) -> Statuses:
    return await api.get(Statuses, f"/v1/participants/{id_}/residence/statuses")


async def countries(api: Api) -> tuple[Country, ...]:
    return await api.get(tuple[Country, ...], "/v1/work-rights/countries")


async def of_nobody(api: Api, **asked: object) -> Known:
    return await api.get(Known, "/v1/work-rights", **asked)
