"""From a residence status and a date to an answer, with its span and its legal source.

The arithmetic is that of the German Civil Code (§ 187 Abs. 1, § 188 Abs. 2 and 3 BGB): a period of months ends with the
day that has the number of the first one, or with the month's last day, and what it opens begins on the day after. The
same is done for every country; where its law counts otherwise by a day, the note has to say so.
Where the facts or the rules do not suffice, the answer is `unknown`, never a guess.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from contracts.refusal import Invalid
from contracts.vocabulary import Allowed
from contracts.work_rights.country import Country
from contracts.work_rights.facts import ResidenceFacts
from contracts.work_rights.loader import rules_of
from contracts.work_rights.tables import Circumstance, Right, Rule, Statement, Status, Support

_DAY: Final = timedelta(days=1)

_NOT_YET: Final = "The status begins on a later date."
_EXPIRED: Final = "The document has expired. Ask whether its extension was requested in time."
_LATE: Final = (
    "The document has expired, and its extension was requested only afterwards. Ask the authority whether rights go on."
)
_ENDED: Final = "The status has ended, and no later one is recorded."
_NOT_DESCRIBED: Final = "The rules do not describe this status on this date."
_MISSING: Final = "A fact is missing that decides the answer."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one right on one day."""

    answer: Allowed
    permission_of: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str | None = None
    verify: str | None = None
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OneDay:
    """Everything that is answered for one day."""

    verdicts: Mapping[Right, Verdict]
    support: tuple[Support, ...] = ()
    facts: ResidenceFacts | None = None
    """The status that answers."""


def nothing_known(note: str) -> OneDay:
    """A day about which the rules say nothing, and why."""
    return OneDay(dict.fromkeys(Right, Verdict(Allowed.UNKNOWN, note=note)))


@dataclass(frozen=True, slots=True)
class Holding:
    """One status of a person under its country's rules."""

    facts: ResidenceFacts
    country: Country
    status: Status
    rules: tuple[Rule, ...]
    support: tuple[Support, ...]

    @classmethod
    def of(cls, facts: ResidenceFacts, country: Country | None = None) -> "Holding":
        """Raises `Invalid` for a country or status that the rules do not have."""
        rules, status = found(facts.country, facts.status, country)
        return cls(facts, rules, status, rules.rules(status), rules.support(status))

    def on(self, day: date) -> OneDay:
        """What the status allows on a day."""
        facts, status = self.facts, self.status
        if day < facts.since:
            return nothing_known(_NOT_YET)
        if facts.ended_on and day > facts.ended_on:
            return nothing_known(_ENDED)
        if day < self.country.begin(status) or (status.valid_until and day > status.valid_until):
            return replace(nothing_known(_NOT_DESCRIBED), facts=facts)
        expired = status.ends_with_document and facts.valid_until is not None and day > facts.valid_until
        if expired and not self._requested_in_time():
            late = status.continues is not None and facts.extension_requested_on is not None
            return replace(nothing_known(_LATE if late else _EXPIRED), facts=facts)
        verdicts = {right: _verdict(self.rules, right, facts, day) for right in Right}
        if expired:
            verdicts = {right: self._goes_on(verdict) for right, verdict in verdicts.items()}
        return OneDay(verdicts, tuple(one for one in self.support if _applies(one, facts, day)), facts)

    def boundaries(self) -> Iterator[date]:
        """Every day on which an answer may differ from that of the day before."""
        facts, status = self.facts, self.status
        yield facts.since
        yield self.country.begin(status)
        for last in (facts.valid_until, facts.ended_on, status.valid_until):
            if last:
                yield last + _DAY
        for one in (*self.rules, *self.support):
            yield one.valid_from
            if one.valid_until:
                yield one.valid_until + _DAY
            start = _start(one, facts)
            if start:
                yield from (first_day_after(start, month) for month in (one.from_month, one.before_month) if month)

    def _requested_in_time(self) -> bool:
        facts = self.facts
        if self.status.continues is None or facts.valid_until is None or facts.extension_requested_on is None:
            return False
        return facts.extension_requested_on <= facts.valid_until

    def _goes_on(self, verdict: Verdict) -> Verdict:
        """The document has expired, its extension was requested in time: the same rights, on another ground."""
        more = self.status.continues
        if more is None:
            return verdict
        return replace(
            verdict,
            sources=(*more.sources, *verdict.sources),
            note=_joined(more.note, verdict.note),
            verify=_joined(more.verify, verdict.verify),
        )


def found(country: str, status: str, rules: Country | None = None) -> tuple[Country, Status]:
    """The rules of a country and one of its statuses. Raises `Invalid` for what there is not."""
    rules = rules or rules_of(country)
    if rules is None:
        raise Invalid(
            "There are no work-rights rules for this country.",
            way_out="Choose one of the countries of GET /v1/work-rights/countries, or leave the residence status out.",
            field="country",
        )
    one = rules.status(status)
    if one is None:
        raise Invalid(
            "The work-rights rules do not know this residence status.",
            way_out="Choose one of the listed codes; 'other-permit' stands for what is not listed.",
            field="status",
        )
    return rules, one


def first_day_after(start: date, months: int) -> date:
    """The day after a period of months that begins with an event on `start`."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last)) + _DAY


def _verdict(rules: tuple[Rule, ...], right: Right, facts: ResidenceFacts, day: date) -> Verdict:
    """Exactly one rule applies once every circumstance is known; until then the answer stands if all cases agree."""
    there = [rule for rule in rules if right in rule.rights and _in_force(rule, day)]
    asked = {name for rule in there for name in rule.when if getattr(facts, name) is None}
    if asked:
        return _either_way(there, right, facts, day, min(asked))
    possible: list[Rule] = []
    for rule in there:
        if any(getattr(facts, name) is not value for name, value in rule.when.items()):
            continue
        match _within(rule, facts, day):
            case True:
                return Verdict(rule.answer, rule.permission_of, rule.sources, rule.note, rule.verify)
            case None:
                possible.append(rule)
    return _one_of(possible)


def _one_of(rules: list[Rule]) -> Verdict:
    """One of these holds, and it is not known which: if they agree, their answer stands, with all who may be asked."""
    if not rules:
        return Verdict(Allowed.UNKNOWN, note=_NOT_DESCRIBED)
    sources, verify = _all(*(rule.sources for rule in rules)), _joined(*(rule.verify for rule in rules))
    [agreed, *others] = {rule.answer for rule in rules}
    if others or agreed is Allowed.UNKNOWN:
        missing = frozenset(str(rule.counted_from) for rule in rules)
        return Verdict(Allowed.UNKNOWN, (), sources, _MISSING, verify, missing)
    offices, note = _all(*(rule.permission_of for rule in rules)), _joined(*(rule.note for rule in rules))
    return Verdict(agreed, offices, sources, note, verify)


def _either_way(rules: list[Rule], right: Right, facts: ResidenceFacts, day: date, name: Circumstance) -> Verdict:
    """The answer while a circumstance is not known: it stands only if both cases agree."""
    one, other = (_verdict(tuple(rules), right, facts.model_copy(update={name: value}), day) for value in (True, False))
    if one == other:
        return one
    sources = _all(one.sources, other.sources)
    if one.answer is other.answer and one.answer is not Allowed.UNKNOWN:
        offices = _all(one.permission_of, other.permission_of)
        note, verify = _joined(one.note, other.note), _joined(one.verify, other.verify)
        return Verdict(one.answer, offices, sources, note, verify)
    missing = one.missing | other.missing | {name.value}
    return Verdict(Allowed.UNKNOWN, (), sources, _MISSING, _joined(one.verify, other.verify), missing)


def _in_force(one: Statement, day: date) -> bool:
    return one.valid_from <= day and (one.valid_until is None or day <= one.valid_until)


def _applies(one: Support, facts: ResidenceFacts, day: date) -> bool:
    return _in_force(one, day) and _within(one, facts, day) is not False


def _start(one: Statement, facts: ResidenceFacts) -> date | None:
    if one.counted_from in ("stay_since", "stay_or_since"):
        return facts.stay_since or facts.since
    return getattr(facts, one.counted_from) if one.counted_from else None


def _within(one: Statement, facts: ResidenceFacts, day: date) -> bool | None:
    """Whether the months are those of the statement; None if that can't be told.

    A stay of which nobody has said when it began is at least as old as the status.
    """
    if one.counted_from is None:
        return True
    start = _start(one, facts)
    if start is None:
        return None
    begun = one.from_month is None or day >= first_day_after(start, one.from_month)
    over = one.before_month is not None and day >= first_day_after(start, one.before_month)
    if one.counted_from == "stay_since" and facts.stay_since is None:
        certain = begun and one.before_month is None
        return True if certain else False if over else None
    return begun and not over


def _joined(*texts: str | None) -> str | None:
    return " ".join(dict.fromkeys(text for text in texts if text)) or None


def _all(*many: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for some in many for one in some))
