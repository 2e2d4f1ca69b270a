"""Whether a country's file says exactly one thing for each status, right, day and circumstance."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Final

from contracts.vocabulary import Allowed
from contracts.work_rights.tables import Circumstance, Right, Rule, Statement, Status
from contracts.yaml_file import Location, Problem

if TYPE_CHECKING:
    from contracts.work_rights.country import Country

_DAY: Final = timedelta(days=1)
_FOR_EVER: Final = date.max

Placed = tuple[Location, Rule]


def problems_of(country: Country) -> Iterator[Problem]:
    """Every mistake that only the whole file can tell: references first, contradictions if there are no others."""
    broken = list(_references(country))
    yield from broken
    if not broken:
        for number, status in enumerate(country.statuses):
            yield from _contradictions(country, number, status)


def _references(country: Country) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, status in enumerate(country.statuses):
        at: Location = ("statuses", number)
        if status.code in seen:
            yield Problem((*at, "code"), f"'{status.code}' is given twice")
        seen.add(status.code)
        begin, end = country.begin(status), status.valid_until
        if end and end < begin:
            yield Problem((*at, "valid_until"), "the status ends before it begins")
        yield from _missing((*at, "includes"), status.includes, country.rule_sets, "rule set")
        yield from _missing((*at, "supported_by"), status.supported_by, country.support_sets, "support set")
        if not status.rules and not status.includes:
            yield Problem(at, f"'{status.code}' has no rules")
        if status.continues:
            yield from _unknown_laws(country, (*at, "continues"), status.continues.sources)
        yield from _each(country, (*at, "rules"), status.rules)
    for name, rules in country.rule_sets.items():
        yield from _each(country, ("rule_sets", name), rules)
    for name, supports in country.support_sets.items():
        yield from _each(country, ("support_sets", name), supports)
        for number, support in enumerate(supports):
            if support.office not in country.offices:
                yield Problem(("support_sets", name, number, "office"), f"no office is called '{support.office}'")


def _missing(at: Location, names: Sequence[str], known: Container[str], kind: str) -> Iterator[Problem]:
    for position, name in enumerate(names):
        if name not in known:
            yield Problem((*at, position), f"no {kind} is called '{name}'")


def _each(country: Country, at: Location, statements: Sequence[Statement]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, one in enumerate(statements):
        place: Location = (*at, number)
        if one.id in seen:
            yield Problem((*place, "id"), f"'{one.id}' is given twice")
        seen.add(one.id)
        yield from _dates(place, one)
        yield from _unknown_laws(country, place, one.sources)
        if isinstance(one, Rule):
            yield from _permission(country, place, one)


def _dates(place: Location, one: Statement) -> Iterator[Problem]:
    if one.valid_until and one.valid_until < one.valid_from:
        yield Problem((*place, "valid_until"), "the rule ends before it begins")
    months = (one.from_month, one.before_month)
    if one.counted_from and months == (None, None):
        yield Problem((*place, "counted_from"), "say from_month or before_month, too")
    if not one.counted_from and months != (None, None):
        field = "from_month" if one.from_month else "before_month"
        yield Problem((*place, field), "say counted_from, too")
    if one.from_month and one.before_month and one.from_month >= one.before_month:
        yield Problem((*place, "before_month"), "the rule ends before it begins")


def _unknown_laws(country: Country, place: Location, sources: Sequence[str]) -> Iterator[Problem]:
    for position, source in enumerate(sources):
        if not any(source == law or source.endswith(f" {law}") for law in country.laws):
            yield Problem((*place, "sources", position), f"'{source}' names no law of this file")


def _permission(country: Country, place: Location, rule: Rule) -> Iterator[Problem]:
    if rule.answer is Allowed.WITH_PERMISSION and not rule.permission_of:
        yield Problem((*place, "answer"), "say permission_of, too: whose permission is needed")
    if rule.answer is not Allowed.WITH_PERMISSION and rule.permission_of:
        yield Problem((*place, "permission_of"), "only an answer 'with-permission' needs somebody's permission")
    for position, office in enumerate(rule.permission_of):
        if office not in country.offices:
            yield Problem((*place, "permission_of", position), f"no office is called '{office}'")


def _contradictions(country: Country, number: int, status: Status) -> Iterator[Problem]:
    placed = list(_placed(country, number, status))
    begin, end = country.begin(status), status.valid_until or _FOR_EVER
    for right in Right:
        rules = [(at, rule) for at, rule in placed if right in rule.rights]
        found = _two_at_once(rules) or _nothing(rules, begin, end)
        if found is None:
            continue
        at, what = found
        yield Problem(at or ("statuses", number), f"'{status.code}', {right.value}: {what}")


def _placed(country: Country, number: int, status: Status) -> Iterator[Placed]:
    for position, rule in enumerate(status.rules):
        yield ("statuses", number, "rules", position), rule
    for name in status.includes:
        for position, rule in enumerate(country.rule_sets[name]):
            yield ("rule_sets", name, position), rule


def _two_at_once(rules: Sequence[Placed]) -> tuple[Location, str] | None:
    for later, (at, rule) in enumerate(rules):
        for _, other in rules[:later]:
            if _meet(rule, other):
                return (*at, "id"), f"'{rule.id}' and '{other.id}' answer for the same days and circumstances"
    return None


def _meet(one: Rule, other: Rule) -> bool:
    same_days = one.valid_from <= (other.valid_until or _FOR_EVER) and other.valid_from <= (
        one.valid_until or _FOR_EVER
    )
    apart = any(other.when.get(name, value) is not value for name, value in one.when.items())
    return same_days and not apart and _same_months(one, other)


def _same_months(one: Rule, other: Rule) -> bool:
    """Whether both can hold at once. Months that are counted from different days tell no two rules apart."""
    if one.counted_from is None or one.counted_from != other.counted_from:
        return True
    return (one.from_month or 0) < (other.before_month or 999) and (other.from_month or 0) < (one.before_month or 999)


def _nothing(rules: Sequence[Placed], begin: date, end: date) -> tuple[Location | None, str] | None:
    """The first day, case by case, for which no rule answers."""
    names = sorted({name for _, rule in rules for name in rule.when})
    starts = sorted({rule.counted_from for _, rule in rules if rule.counted_from})
    months = [sorted({0, *_months(rules, start)}) for start in starts]
    for day in _firsts(rules, begin, end):
        for values in product((True, False), repeat=len(names)):
            case = dict(zip(names, values, strict=True))
            for passed in product(*months):
                if not any(_covers(rule, day, case, dict(zip(starts, passed, strict=True))) for _, rule in rules):
                    return None, f"no rule answers {_told(day, case, dict(zip(starts, passed, strict=True)))}"
    return None


def _months(rules: Sequence[Placed], start: str) -> set[int]:
    counted = [rule for _, rule in rules if rule.counted_from == start]
    return {month for rule in counted for month in (rule.from_month, rule.before_month) if month}


def _firsts(rules: Sequence[Placed], begin: date, end: date) -> list[date]:
    """The days within the span on which a rule begins or has just ended."""
    days = {begin}
    for _, rule in rules:
        days.add(rule.valid_from)
        if rule.valid_until:
            days.add(rule.valid_until + _DAY)
    return sorted(day for day in days if begin <= day <= end)


def _covers(rule: Rule, day: date, case: dict[Circumstance, bool], passed: dict[str, int]) -> bool:
    if not rule.valid_from <= day <= (rule.valid_until or _FOR_EVER):
        return False
    if any(case[name] is not value for name, value in rule.when.items()):
        return False
    if rule.counted_from is None:
        return True
    return (rule.from_month or 0) <= passed[rule.counted_from] < (rule.before_month or 999)


def _told(day: date, case: dict[Circumstance, bool], passed: dict[str, int]) -> str:
    circumstances = [f"{name.value} {'true' if value else 'false'}" for name, value in case.items()]
    months = [f"{count} months from {start}" for start, count in passed.items()]
    return ", ".join([f"from {day.isoformat()}", *circumstances, *months])
