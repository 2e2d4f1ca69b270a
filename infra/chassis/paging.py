"""Lists a page at a time, by cursor: stable while rows come and go, and as quick on the last page as on the first."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from contracts.refusal import Invalid

LARGEST: Final = 200

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=LARGEST, description="Items on a page.")]
After = Annotated[str | None, Query(max_length=400, description="`next` of the page before.")]


class Page(BaseModel, Generic[T]):
    """A page of a list; `next` is the cursor of the following page, or null on the last one."""

    items: Sequence[T]
    next: str | None = None


def cursor(*position: object) -> str:
    """An opaque cursor from the sort values of the last row."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in position]).encode()).decode()


def position(after: str | None, parts: int) -> list[str] | None:
    """The sort values inside a cursor. Raises `Invalid` if it was not made by `cursor()`."""
    if after is None:
        return None
    try:
        found: Any = json.loads(base64.urlsafe_b64decode(after.encode()))
    except (binascii.Error, UnicodeError, ValueError):
        found = None
    if not isinstance(found, list) or len(found) != parts or not all(isinstance(part, str) for part in found):
        raise Invalid("This is no cursor of ours.", way_out="Take `next` of the page before, unchanged.", field="after")
    return found
