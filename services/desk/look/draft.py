"""A form as it is shown: what stands in its fields, and what is wrong with them. Pure.

Whatever was typed stays when a form is refused, by us or by a service; what is wrong is said at the field it is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from services.desk.calls.api import SaidNo
from services.desk.door import Form
from services.desk.words.marking import N_

REFUSED: Final = (403, 409, 412, 422)
"""What is shown on the form itself. Everything else is a page of its own."""
NOT_RIGHT: Final = N_("Something is not right here. Please look at it again.")


@dataclass(frozen=True, slots=True)
class Draft:
    """`wrong`: field -> what is wrong, in English. `no`: the refusal of a service, if there was one."""

    start: Mapping[str, object] = field(default_factory=dict)
    typed: Form | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)
    no: SaidNo | None = None

    @classmethod
    def mistaken(cls, typed: Form, wrong: Mapping[str, str]) -> Self:
        """We saw ourselves that something is wrong."""
        return cls(typed=typed, wrong=wrong)

    @classmethod
    def refused(cls, typed: Form, no: SaidNo, fields: Mapping[str, str] | None = None) -> Self:
        """A service said no. `fields`: the service's field, or the begin of it -> ours. Raises `no` if it is no matter
        of the form.
        """
        if no.status not in REFUSED:
            raise no
        named = (_ours(theirs, fields or {}) for theirs, _ in no.errors)
        return cls(typed=typed, wrong=dict.fromkeys(filter(None, named), NOT_RIGHT), no=no)

    @property
    def said(self) -> bool:
        """Whether there is something to be said about it."""
        return bool(self.wrong) or self.no is not None

    @property
    def status(self) -> int:
        """Of the page."""
        return self.no.status if self.no else 422 if self.wrong else 200

    def value(self, name: str) -> str:
        """What stands in a field."""
        if self.typed is not None:
            return self.typed[name]
        given = self.start.get(name)
        return "" if given is None else str(given)

    def has(self, name: str, choice: object) -> bool:
        """Whether a box is ticked."""
        if self.typed is not None:
            return str(choice) in self.typed.many(name)
        given = self.start.get(name)
        return choice in given if isinstance(given, (list, tuple, set, frozenset)) else given == choice


def _ours(theirs: str, fields: Mapping[str, str]) -> str:
    """Our field for the service's, by the longest begin that is known; the same name if nothing else is."""
    begins = [one for one in fields if theirs == one or theirs.startswith(f"{one}.")]
    return fields[max(begins, key=len)] if begins else theirs.replace(".", "-")
