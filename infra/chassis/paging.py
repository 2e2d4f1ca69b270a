"""Lists a page at a time, by cursor: stable while rows come and go, and as quick on the last page as on the first."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar, overload

from fastapi import Query
from pydantic import BaseModel

from contracts.refusal import Invalid

LARGEST: Final = 200

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

Limit = Annotated[int, Query(ge=1, le=LARGEST, description="Items on a page.")]
After = Annotated[str | None, Query(max_length=2000, description="`next` of the page before.")]


class Page(BaseModel, Generic[T]):
    """A page of a list; `next` is the cursor of the following page, or null on the last one."""

    items: Sequence[T]
    next: str | None = None


def cursor(*position: object) -> str:
    """An opaque cursor from the sort values of the last row."""
    parts = [part.isoformat() if isinstance(part, datetime) else str(part) for part in position]
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode()


@overload
def position(after: str | None, first: Callable[[str], A], /) -> tuple[A] | None: ...


@overload
def position(after: str | None, first: Callable[[str], A], second: Callable[[str], B], /) -> tuple[A, B] | None: ...


@overload
def position(
    after: str | None, first: Callable[[str], A], second: Callable[[str], B], third: Callable[[str], C], /
) -> tuple[A, B, C] | None: ...


def position(after: str | None, /, *readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The sort values inside a cursor, one per reader. Raises `Invalid` if it was not made by `cursor()`.

    A cursor comes from outside: what its readers let through is safe to compare with a column of their type.
    """
    if after is None:
        return None
    try:
        found: Any = json.loads(base64.urlsafe_b64decode(after.encode()))
        if not isinstance(found, list) or len(found) != len(readers) or not all(isinstance(one, str) for one in found):
            raise ValueError("other values than ours")
        return tuple(read(one) for read, one in zip(readers, found, strict=True))
    except (ValueError, OverflowError, RecursionError) as error:
        raise Invalid(
            "This is no cursor of ours.", way_out="Take `next` of the page before, unchanged.", field="after"
        ) from error


def moment(part: str) -> datetime:
    """Raises ValueError without an offset, OverflowError outside the years 1 to 9999 in UTC."""
    at = datetime.fromisoformat(part)
    if at.tzinfo is None:
        raise ValueError("a moment has an offset")
    return at.astimezone(UTC)


def number(part: str) -> int:
    """Raises ValueError for what is no bigint."""
    value = int(part)
    if not -(2**63) <= value < 2**63:
        raise ValueError("larger than any position")
    return value


def text(part: str) -> str:
    """Raises ValueError for what no text column holds: NUL and halves of surrogate pairs."""
    part.encode()
    if "\0" in part:
        raise ValueError("a text holds no NUL")
    return part
