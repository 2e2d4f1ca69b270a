"""What a code is called on a page, in English; the catalogues have the other languages.

A code that nobody has named is shown as it is, with spaces: a newer service may know words that we don't.
"""

from collections.abc import Mapping
from typing import Final

from services.desk.words.codes import CODES
from services.desk.words.marking import N_
from services.desk.words.sentences import SENTENCES

LABELS: Final[Mapping[str, str]] = {**CODES, **SENTENCES}
_SPACES: Final = str.maketrans("-_.", "   ")


def of(code: object) -> str:
    """Of an enum's value, a message, a service."""
    text = str(code)
    short = text.removeprefix("was-")
    return LABELS.get(text) or LABELS.get(short) or short.translate(_SPACES).capitalize()


def agency(code: object) -> str:
    """An agency's short name as it is read: `job-centre` is "Job Centre". Names are not translated."""
    return str(code).replace("-", " ").title()


def programme(code: object) -> str:
    """A programme's short name as it is read: `talents-fast-track@1` is "Talents Fast Track". Not translated."""
    return agency(str(code).partition("@")[0])


def deed(action: object) -> str:
    """What somebody did with a record, from the action's name."""
    verb = str(action).rpartition(":")[2]
    if verb == "list":
        return N_("saw in a list")
    return N_("looked at") if verb.startswith("read") else N_("recorded or changed")
