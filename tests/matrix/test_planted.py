"""Wrong policies and wrong routes are planted; some cell of the matrix must notice each.

A plant is taken out again before anybody else asks: the region belongs to all tests.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from contracts import policy as texts
from contracts.vocabulary import Category, NeedDomain
from infra.chassis import access, caller
from infra.chassis.caller import Caller
from infra.chassis.policy import Policy, Record, Relation
from services.intake.assessment import store as barriers
from services.intake.participant.shapes import ParticipantOut
from tests.matrix.asking import Matrix
from tests.matrix.table import cells, files, rows_of

Plant = Callable[[pytest.MonkeyPatch], None]

BOTH = 'principal.roles.contains("caseworker") || principal.roles.contains("supervisor")'
COACH = '["identity", "contact", "profile", "journey", "attendance", "feedback"].contains(context.category)'
PROFILE, RESIDENCE = "/v1/participants/{participant}/profile", "/v1/participants/{participant}/residence"
RECORD = "/v1/participants/{participant}"


def said(before: str, after: str) -> Plant:
    """The policies with this passage written otherwise."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        text, schema = texts.load()
        assert before in text, f"the policies no longer say {before!r}: plant something else"
        patch.setattr(texts, "load", lambda: (text.replace(before, after), schema))

    return plant


def added(rule: str) -> Plant:
    """The policies with one more."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        text, schema = texts.load()
        patch.setattr(texts, "load", lambda: (f'{text}\n@id("planted") {rule}', schema))

    return plant


def instead(place: Any, name: str, make: Callable[[Any], Any]) -> Plant:
    """The code with this function replaced by what `make` makes of it."""
    return lambda patch: patch.setattr(place, name, make(getattr(place, name)))


def other_category(decide: Any) -> Any:
    """The profile's route asks for the identity."""

    async def decided(self: Caller, tx: Any, record: Record, category: Category | None, action: str) -> Any:
        return await decide(
            self,
            tx,
            record,
            Category.IDENTITY if category is Category.PROFILE and record.kind == "profile" else category,
            action,
        )

    return decided


def no_question(allow: Any) -> Any:
    """The route of residence statuses notes the look and forgets to ask."""

    async def allowed(
        self: Caller, tx: Any, record: Record, category: Any = None, *, action: str | None = None
    ) -> None:
        if record.kind == "residence":
            return await self.note(tx, record, category)
        await allow(self, tx, record, category, action=action)

    return allowed


def all_domains(of: Any) -> Any:
    """Whoever may see barriers of one domain gets those of all."""

    async def every(tx: Any, participant: Any, _domains: Any) -> Any:
        return await of(tx, participant, list(NeedDomain))

    return every


def all_sections(of: Any) -> Any:
    """Sections that stay closed are sent along."""
    return classmethod(lambda cls, participant, shown: of(participant, {*shown, Category.CONTACT}))


def links_widen(standing: Any) -> Any:
    """Whoever has a record of the person's is at home in the linked one."""

    async def wide(tx: Any, participant: Any, recipient: str | None) -> Any:
        found = await standing(tx, participant, recipient)
        for other in await access.same_person(tx, participant):
            if (await standing(tx, other, recipient)).owner == recipient:
                return replace(found, owner=recipient)
        return found

    return wide


def any_category(visible: Any) -> Any:
    """A list shows everybody of whom something was granted."""
    return lambda tx, agency, _category: access.reachable(tx, agency)


PLANTS: dict[str, tuple[str, Plant]] = {
    "everybody's participants are the caseworker's own": (
        PROFILE,
        said(f"{BOTH}) &&\n  resource.home == principal.agency\n", f"{BOTH})\n"),
    ),
    "a grant of anything opens everything": (
        PROFILE,
        said(
            f"{BOTH}) &&\n  resource.granted.contains(context.category)\n", f"{BOTH}) && !resource.granted.isEmpty()\n"
        ),
    ),
    "a coach may see what no course needs": (RECORD, said(COACH, "true")),
    "a participant may read everybody": (
        PROFILE,
        said(
            'principal.participant != "" &&\n  resource.participant == principal.participant',
            'principal.participant != ""',
        ),
    ),
    "an auditor may read profiles": (
        PROFILE,
        added(
            'permit (principal, action == Action::"profile:read", resource) '
            'when { principal.roles.contains("auditor") };'
        ),
    ),
    "a grant lets others write": (
        PROFILE,
        added(
            'permit (principal, action == Action::"profile:write", resource) '
            'when { resource.granted.contains("profile") };'
        ),
    ),
    "anybody at home may end grants": (
        "/v1/grants/{grant}/end",
        added(
            'permit (principal, action == Action::"grant:end", resource) when { resource.home == principal.agency };'
        ),
    ),
    "a category is swapped": (PROFILE, instead(Caller, "_decide", other_category)),
    "a route forgets to ask": (RESIDENCE, instead(Caller, "allow", no_question)),
    "one domain of barriers opens all": (
        "/v1/participants/{participant}/barriers",
        instead(barriers, "of", all_domains),
    ),
    "closed sections are sent along": (RECORD, instead(ParticipantOut, "of", all_sections)),
    "a link opens the other record": (PROFILE, instead(access, "standing", links_widen)),
    "a list shows whoever was granted": ("/v1/participants", instead(access, "visible", any_category)),
    "a refusal tells that the record exists": (
        PROFILE,
        lambda patch: patch.setattr(Relation, "some_right", property(lambda _: True)),
    ),
    "a refusal names nothing": (
        PROFILE,
        instead(caller, "not_allowed", lambda refuse: lambda action, _category: refuse(action, None)),
    ),
}
"""What is wrong -> (the route whose cells must notice, the plant)."""


@contextmanager
def planted(matrix: Matrix, plant: Plant) -> Iterator[None]:
    """Intake with this fault while the block runs."""
    runtime = matrix.box.runtimes[matrix.service]
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        patch.setattr(runtime, "policy", Policy())
        yield


@pytest.mark.parametrize("what", PLANTS)
async def test_the_matrix_notices(intake: Matrix, what: str) -> None:
    path, plant = PLANTS[what]
    asked = [cell for file in files("intake") for cell in cells(rows_of(file)) if cell.row.path == path]
    with planted(intake, plant):
        assert await intake.wrong(asked, enough=1) != [], f"planted, and nobody noticed: {what}"
