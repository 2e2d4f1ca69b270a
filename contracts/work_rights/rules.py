"""From a residence status and a date to an answer, with its span and its legal source.

The arithmetic is that of the German Civil Code (§ 187 Abs. 1, § 188 Abs. 2 and 3 BGB): a period of months ends with the
day that has the number of the first one, or with the month's last day, and what it opens begins on the day after.
Where the facts or the rules do not suffice, the answer is `unknown`, never a guess.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from contracts.refusal import Invalid
from contracts.vocabulary import Allowed, Day
from contracts.work_rights.loader import rules_of
from contracts.work_rights.tables import Country, Right, Rule, Status

DISCLAIMER: Final = "information, not legal advice"

_DAY: Final = timedelta(days=1)

_NOT_YET: Final = "The status begins on a later date."
_EXPIRED: Final = "The document has expired. Ask whether its extension was requested in time."
_SILENT: Final = "The rules have no answer for this status on this date."
_MISSING: Final = "A fact is missing that decides the answer."


class ResidenceFacts(BaseModel):
    """What has to be known of a person's residence; never leaves intake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str
    """ISO 3166-1 alpha-2."""
    status: str
    """A code of the country's file."""
    since: Day
    """First day of this status."""
    valid_until: Day | None = None
    """Last day of the document."""
    in_reception_centre: bool | None = None
    """Whether the person is obliged to live in a reception centre."""
    applied_on: Day | None = None
    """Day on which the asylum application was lodged."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until and self.valid_until < self.since:
            raise ValueError("the document expires before the status begins")
        return self


class WorkRights(BaseModel):
    """What the person may do. `since` and `until` are the first and the last day on which all of this holds."""

    model_config = ConfigDict(frozen=True)

    work: Allowed
    training: Allowed
    internship: Allowed
    integration_course: Allowed
    since: date
    """`date.min` when the day lies before the status began."""
    until: date | None
    sources: tuple[str, ...]
    note: str
    missing: tuple[str, ...] = ()
    """Fields of `ResidenceFacts` that would decide an `unknown`."""
    disclaimer: str = DISCLAIMER

    def same_rights(self, other: "WorkRights") -> bool:
        """Whether the four answers are the same, whatever the law behind them."""
        return all(getattr(self, right) is getattr(other, right) for right in Right)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The answer for one right on one day."""

    answer: Allowed
    sources: tuple[str, ...] = ()
    note: str | None = None
    missing: frozenset[str] = frozenset()


def answer(facts: ResidenceFacts, on: date, *, country: Country | None = None) -> WorkRights:
    """What the status allows on a day. `country` replaces the shipped rules.

    Raises `Invalid` for a country or status that the rules do not have.
    """
    rules, status = _found(facts, country)
    verdicts = _on(rules, status, facts, on)
    before = [day for day in _boundaries(rules, status, facts) if day <= on]
    after = [day for day in _boundaries(rules, status, facts) if day > on]
    since = next((day for day in reversed(before) if _on(rules, status, facts, day - _DAY) != verdicts), date.min)
    until = next((day - _DAY for day in after if _on(rules, status, facts, day) != verdicts), None)
    found = {right.value: verdict.answer for right, verdict in verdicts.items()}
    return WorkRights(
        **found,
        since=since,
        until=until,
        sources=tuple(dict.fromkeys(source for verdict in verdicts.values() for source in verdict.sources)),
        note=" ".join(dict.fromkeys(verdict.note for verdict in verdicts.values() if verdict.note)),
        missing=tuple(sorted(frozenset().union(*(verdict.missing for verdict in verdicts.values())))),
    )


def changes_after(facts: ResidenceFacts, on: date, *, country: Country | None = None) -> date | None:
    """The first day after `on` on which the answer is another one, be it only its legal source or its note.

    None when nothing known will change it. `WorkRights.same_rights` tells whether the four answers change, too.
    """
    until = answer(facts, on, country=country).until
    return until + _DAY if until else None


def first_day_after(start: date, months: int) -> date:
    """The day after a period of months that begins with an event on `start`."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last)) + _DAY


def _found(facts: ResidenceFacts, country: Country | None) -> tuple[Country, Status]:
    rules = country or rules_of(facts.country)
    if rules is None:
        raise Invalid(
            "There are no work-rights rules for this country.",
            way_out="Add a file for the country, or leave the residence status out.",
            field="country",
        )
    status = rules.status(facts.status)
    if status is None:
        raise Invalid(
            "The work-rights rules do not know this residence status.",
            way_out="Choose one of the listed codes; 'other-permit' stands for what is not listed.",
            field="status",
        )
    return rules, status


def _on(rules: Country, status: Status, facts: ResidenceFacts, day: date) -> dict[Right, _Verdict]:
    if day < facts.since:
        return dict.fromkeys(Right, _Verdict(Allowed.UNKNOWN, note=_NOT_YET))
    if status.ends_with_document and facts.valid_until and day > facts.valid_until:
        return dict.fromkeys(Right, _Verdict(Allowed.UNKNOWN, note=_EXPIRED))
    return {right: _verdict(rules.rules(status), right, facts, day) for right in Right}


def _verdict(rules: tuple[Rule, ...], right: Right, facts: ResidenceFacts, day: date) -> _Verdict:
    for rule in rules:
        if right not in rule.rights or not _in_force(rule, day):
            continue
        if rule.in_reception_centre is not None and facts.in_reception_centre is None:
            return _either_way(rules, right, facts, day)
        if rule.in_reception_centre not in (None, facts.in_reception_centre):
            continue
        if rule.counted_from:
            start: date | None = getattr(facts, rule.counted_from)
            if start is None:
                return _Verdict(Allowed.UNKNOWN, rule.sources, _MISSING, frozenset({rule.counted_from}))
            if not _within(rule, start, day):
                continue
        return _Verdict(rule.answer, rule.sources, rule.note)
    return _Verdict(Allowed.UNKNOWN, note=_SILENT)


def _either_way(rules: tuple[Rule, ...], right: Right, facts: ResidenceFacts, day: date) -> _Verdict:
    """The answer when nobody knows where the person lives: it stands only if both cases agree."""
    inside, outside = (
        _verdict(rules, right, facts.model_copy(update={"in_reception_centre": where}), day) for where in (True, False)
    )
    sources = tuple(dict.fromkeys(inside.sources + outside.sources))
    if inside.answer is outside.answer and inside.answer is not Allowed.UNKNOWN:
        notes = dict.fromkeys(note for note in (inside.note, outside.note) if note)
        return _Verdict(inside.answer, sources, " ".join(notes) or None)
    missing = inside.missing | outside.missing | {"in_reception_centre"}
    return _Verdict(Allowed.UNKNOWN, sources, _MISSING, missing)


def _in_force(rule: Rule, day: date) -> bool:
    return rule.valid_from <= day and (rule.valid_until is None or day <= rule.valid_until)


def _within(rule: Rule, start: date, day: date) -> bool:
    begun = rule.from_month is None or day >= first_day_after(start, rule.from_month)
    over = rule.before_month is not None and day >= first_day_after(start, rule.before_month)
    return begun and not over


def _boundaries(rules: Country, status: Status, facts: ResidenceFacts) -> list[date]:
    """Every day on which an answer may differ from that of the day before, in order."""

    def days() -> Iterator[date]:
        yield facts.since
        if facts.valid_until:
            yield facts.valid_until + _DAY
        for rule in rules.rules(status):
            yield rule.valid_from
            if rule.valid_until:
                yield rule.valid_until + _DAY
            start: date | None = getattr(facts, rule.counted_from) if rule.counted_from else None
            if start:
                yield from (first_day_after(start, month) for month in (rule.from_month, rule.before_month) if month)

    return sorted(set(days()))
