"""The answer as it is given out: what holds on a day, since when, until when, why, and what changes next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from contracts.vocabulary import Allowed
from contracts.work_rights.country import Country
from contracts.work_rights.facts import History, ResidenceFacts
from contracts.work_rights.rules import Holding, OneDay, Verdict, nothing_known
from contracts.work_rights.tables import Names, Right, Support

DISCLAIMER: Final = "information, not legal advice"

_DAY: Final = timedelta(days=1)
_NOT_YET: Final = "The status begins on a later date."


class Office(BaseModel):
    """Somebody to ask."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: Names


class Detail(BaseModel):
    """The answer for one right. `since` and `until` are the first and the last day on which it holds."""

    model_config = ConfigDict(frozen=True)

    right: Right
    answer: Allowed
    permission_of: tuple[Office, ...] = ()
    """All of them have to agree."""
    since: date
    until: date | None
    sources: tuple[str, ...]
    note: str
    to_be_checked: str
    """What is not certain about this answer, and why; empty if nothing is."""
    missing: tuple[str, ...] = ()


class Helper(BaseModel):
    """An office that supports somebody with this status."""

    model_config = ConfigDict(frozen=True)

    kind: str
    """`livelihood` or `work`."""
    office: Office
    sources: tuple[str, ...]
    note: str
    to_be_checked: str


class Change(BaseModel):
    """From this day on the answer for a right is another one."""

    model_config = ConfigDict(frozen=True)

    on: date
    right: Right
    answer: Allowed


class WorkRights(BaseModel):
    """What the person may do. `since` and `until` are the first and the last day on which all of this holds."""

    model_config = ConfigDict(frozen=True)

    work: Allowed
    training: Allowed
    school_training: Allowed
    internship: Allowed
    compulsory_internship: Allowed
    activation_measure: Allowed
    integration_course: Allowed
    job_language_course: Allowed
    self_employment: Allowed
    since: date
    """`date.min` when the day lies before the status began."""
    until: date | None
    sources: tuple[str, ...]
    note: str
    missing: tuple[str, ...] = ()
    """Facts that would decide an `unknown`."""
    details: tuple[Detail, ...] = ()
    support: tuple[Helper, ...] = ()
    changes: tuple[Change, ...] = ()
    """What is known to change after the day, in order."""
    law_as_of: date | None = None
    disclaimer: str = DISCLAIMER

    def same_rights(self, other: "WorkRights") -> bool:
        """Whether all answers are the same, whatever the law behind them."""
        return all(getattr(self, right) is getattr(other, right) for right in Right)

    @classmethod
    def unknown(cls, note: str, *missing: str) -> "WorkRights":
        """Nothing can be said, and why."""
        said = {"since": date.min, "until": None, "sources": (), "note": note, "missing": missing}
        return cls.model_validate({**{right.value: Allowed.UNKNOWN for right in Right}, **said})


@dataclass(frozen=True, slots=True)
class _Course:
    """The statuses of a person one after the other, and every day on which something may change."""

    holdings: tuple[Holding, ...]
    days: tuple[date, ...]
    looked_at: dict[date, OneDay] = field(default_factory=dict)
    """Each day is worked out once."""

    @classmethod
    def of(cls, history: History, country: Country | None) -> "_Course":
        holdings = tuple(Holding.of(facts, country) for facts in one_stay(history))
        return cls(holdings, tuple(sorted({day for one in holdings for day in one.boundaries()})))

    def on(self, day: date) -> OneDay:
        """The status that began last answers."""
        if day not in self.looked_at:
            begun = [one for one in self.holdings if one.facts.since <= day]
            self.looked_at[day] = begun[-1].on(day) if begun else nothing_known(_NOT_YET)
        return self.looked_at[day]

    def span(self, day: date, of: "OneDay | Verdict", right: Right | None = None) -> tuple[date, date | None]:
        """The first and the last day around `day` on which `of` is what holds."""

        def same(other: date) -> bool:
            there = self.on(other)
            return (there.verdicts[right] if right else there) == of

        before = [one for one in self.days if one <= day]
        since = next((one for one in reversed(before) if not same(one - _DAY)), date.min)
        until = next((one - _DAY for one in self.days if one > day and not same(one)), None)
        return since, until

    def changes(self, day: date) -> tuple[Change, ...]:
        found: list[Change] = []
        current = {right: verdict.answer for right, verdict in self.on(day).verdicts.items()}
        for following in (one for one in self.days if one > day):
            for right, verdict in self.on(following).verdicts.items():
                if verdict.answer is not current[right]:
                    current[right] = verdict.answer
                    found.append(Change(on=following, right=right, answer=verdict.answer))
        return tuple(found)


def one_stay(history: History) -> History:
    """In order; a status that follows another without a gap inherits the first day of the stay."""
    found: list[ResidenceFacts] = []
    for facts in sorted(history, key=lambda facts: facts.since):
        if found and facts.stay_since is None and _follows(found[-1], facts):
            facts = facts.model_copy(update={"stay_since": found[-1].stay_since or found[-1].since})
        found.append(facts)
    return tuple(found)


def _follows(before: ResidenceFacts, after: ResidenceFacts) -> bool:
    ends = [day for day in (before.valid_until, before.ended_on) if day]
    return before.country == after.country and all(after.since <= day + _DAY for day in ends)


def answer(facts: ResidenceFacts | History, on: date, *, country: Country | None = None) -> WorkRights:
    """What one status, or the last of several, allows on a day. `country` replaces the shipped rules.

    Raises `Invalid` for a country or status that the rules do not have.
    """
    history = (facts,) if isinstance(facts, ResidenceFacts) else facts
    course = _Course.of(history, country)
    one = course.on(on)
    rules = next((holding.country for holding in course.holdings if holding.facts == one.facts), None)
    names = rules.offices if rules else {}
    since, until = course.span(on, one)
    details = tuple(_detail(course, right, verdict, on, names) for right, verdict in one.verdicts.items())
    said = {
        "since": since,
        "until": until,
        "sources": _each(source for detail in details for source in detail.sources),
        "note": " ".join(_each(detail.note for detail in details if detail.note)),
        "missing": tuple(sorted({fact for detail in details for fact in detail.missing})),
        "details": details,
        "support": tuple(_helper(support, names) for support in one.support),
        "changes": course.changes(on),
        "law_as_of": rules.law_as_of if rules else None,
    }
    return WorkRights.model_validate({**{detail.right.value: detail.answer for detail in details}, **said})


def changes_after(facts: ResidenceFacts | History, on: date, *, country: Country | None = None) -> date | None:
    """The first day after `on` on which the answer is another one, be it only its legal source or its note.

    None when nothing known will change it. `WorkRights.same_rights` tells whether the answers change, too.
    """
    history = (facts,) if isinstance(facts, ResidenceFacts) else facts
    course = _Course.of(history, country)
    _, until = course.span(on, course.on(on))
    return until + _DAY if until else None


def _detail(course: _Course, right: Right, verdict: Verdict, on: date, names: Mapping[str, Names]) -> Detail:
    since, until = course.span(on, verdict, right)
    return Detail(
        right=right,
        answer=verdict.answer,
        permission_of=tuple(_office(code, names) for code in verdict.permission_of),
        since=since,
        until=until,
        sources=verdict.sources,
        note=verdict.note or "",
        to_be_checked=verdict.verify or "",
        missing=tuple(sorted(verdict.missing)),
    )


def _helper(support: Support, names: Mapping[str, Names]) -> Helper:
    return Helper(
        kind=support.kind,
        office=_office(support.office, names),
        sources=support.sources,
        note=support.note or "",
        to_be_checked=support.verify or "",
    )


def _office(code: str, names: Mapping[str, Names]) -> Office:
    return Office(code=code, name=names[code])


def _each(many: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(many))
