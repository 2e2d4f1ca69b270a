"""What makes a programme template contradict itself: the rules that no single field can check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from contracts.programmes.parts import OpenBarrier, StageCompleted
from contracts.vocabulary import NeedDomain
from contracts.work_rights.loader import status_codes
from contracts.yaml_file import Location, Problem

if TYPE_CHECKING:
    from contracts.programmes.template import Programme


def problems_of(programme: Programme) -> Iterator[Problem]:
    """Every contradiction, with its place in the file."""
    yield from _named_twice(programme)
    yield from _unknown_functions(programme)
    yield from _unknown_sources(programme)
    yield from _impossible_order(programme)
    yield from _odd_values(programme)


def _named_twice(programme: Programme) -> Iterator[Problem]:
    lists: dict[Location, Iterable[str]] = {
        ("sources",): (source.id for source in programme.sources),
        ("consortium",): (function.id for function in programme.consortium),
        ("curriculum", "modules"): (module.id for module in programme.curriculum.modules),
        ("stages",): (stage.id for stage in programme.stages),
        ("early_warning",): (rule.id for rule in programme.early_warning),
        ("follow_ups", "support"): (support.id for support in programme.follow_ups.support),
        ("indicators",): (indicator.id for indicator in programme.indicators),
    }
    for at, ids in lists.items():
        yield from _repeated(at, "id", ids)
    seen: set[str] = set()
    for number, stage in enumerate(programme.stages):
        yield from _repeated(("stages", number, "feedback"), "rater", stage.raters)
        for position, step in enumerate(stage.steps):
            if step.id in seen:
                yield Problem(("stages", number, "steps", position, "id"), f"'{step.id}' is given twice")
            seen.add(step.id)


def _repeated(at: Location, field: str, values: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, value in enumerate(values):
        if value in seen:
            yield Problem((*at, position, field), f"'{value}' is given twice")
        seen.add(value)


def _unknown_functions(programme: Programme) -> Iterator[Problem]:
    known = {function.id for function in programme.consortium}
    required = {function.id for function in programme.required_functions}
    staffed = required | {function.id for function in programme.consortium if function.falls_to}
    asked: list[tuple[Location, str]] = [(("follow_ups", "responsible"), programme.follow_ups.responsible)]
    for number, stage in enumerate(programme.stages):
        asked += [(("stages", number, "steps", at, "owner"), step.owner) for at, step in enumerate(stage.steps)]
    for number, rule in enumerate(programme.early_warning):
        asked.append((("early_warning", number, "responsible"), rule.responsible))
        asked += [(("early_warning", number, "told", at), told) for at, told in enumerate(rule.told)]
    for number, support in enumerate(programme.follow_ups.support):
        asked.append((("follow_ups", "support", number, "owner"), support.owner))
    if programme.learning_plan:
        asked += [(("learning_plan", "shared_by", at), one) for at, one in enumerate(programme.learning_plan.shared_by)]
    for place, function in asked:
        if function not in known:
            yield Problem(place, f"the consortium has no function '{function}'")
        elif function not in staffed:
            yield Problem(place, f"nobody has to take '{function}': make it required or say to whom it falls")
    for number, member in enumerate(programme.consortium):
        if member.falls_to and member.falls_to not in required:
            yield Problem(("consortium", number, "falls_to"), f"'{member.falls_to}' is no required function")


def _unknown_sources(programme: Programme) -> Iterator[Problem]:
    known = {source.id for source in programme.sources}
    for at, source in _sources(programme, ()):
        if source not in known:
            yield Problem(at, f"no source is called '{source}'")


def _sources(part: Any, at: Location) -> Iterator[tuple[Location, str]]:
    """Every `source` field at any depth."""
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            value = getattr(part, name)
            if name == "source" and value is not None:
                yield (*at, name), value
            else:
                yield from _sources(value, (*at, name))
    elif isinstance(part, tuple):
        for position, item in enumerate(part):
            yield from _sources(item, (*at, position))


def _impossible_order(programme: Programme) -> Iterator[Problem]:
    ids = [stage.id for stage in programme.stages]
    done: set[str] = set()
    all_steps = {step.id for stage in programme.stages for step in stage.steps}
    for number, stage in enumerate(programme.stages):
        for at, gate in enumerate(stage.entry):
            if not isinstance(gate, StageCompleted):
                continue
            place: Location = ("stages", number, "entry", at, "stage")
            if gate.stage not in ids:
                yield Problem(place, f"no stage is called '{gate.stage}'")
            elif ids.index(gate.stage) >= number:
                yield Problem(place, f"'{gate.stage}' does not come before '{stage.id}'")
        for at, step in enumerate(stage.steps):
            for position, before in enumerate(step.after):
                if before not in done:
                    what = "does not come before this step" if before in all_steps else "is no step"
                    yield Problem(("stages", number, "steps", at, "after", position), f"'{before}' {what}")
            done.add(step.id)


def _odd_values(programme: Programme) -> Iterator[Problem]:
    for position, status in enumerate(programme.eligibility.residence_statuses):
        if status not in status_codes():
            yield Problem(
                ("eligibility", "residence_statuses", position), f"the work-rights rules have no status '{status}'"
            )
    age = programme.eligibility.age
    if age and age.minimum is not None and age.maximum is not None and age.minimum > age.maximum:
        yield Problem(("eligibility", "age", "maximum"), "the maximum is below the minimum")
    months = programme.follow_ups.months
    if list(months) != sorted(set(months)):
        yield Problem(("follow_ups", "months"), "the months must rise")
    yield from _repeated_destinations(programme)
    for number, stage in enumerate(programme.stages):
        for at, point in enumerate(stage.feedback):
            if point.due_after_days > stage.days:
                place: Location = ("stages", number, "feedback", at, "due_after_days")
                yield Problem(place, f"the stage lasts {stage.days} days only")
    for number, rule in enumerate(programme.early_warning):
        if isinstance(rule, OpenBarrier) and any(domain in rule.id for domain in NeedDomain):
            yield Problem(("early_warning", number, "id"), "the id travels on events and must not name a need")
    for number, indicator in enumerate(programme.indicators):
        if indicator.benchmark and indicator.benchmark.unit == "share" and indicator.benchmark.value > 1:
            yield Problem(("indicators", number, "benchmark", "value"), "a share is at most 1")


def _repeated_destinations(programme: Programme) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, destination in enumerate(programme.destinations):
        if destination in seen:
            yield Problem(("destinations", position), f"'{destination}' is given twice")
        seen.add(destination)
