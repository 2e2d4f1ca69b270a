"""Where everything stands in the picture of a journey: time across, one lane per agency, stages as bands. Pure.

Distances are in the picture's own units. From right to left the picture is mirrored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.desk.calls.referrals import Happened, Stage

WIDTH: Final = 960
NAMES: Final = 190
"""Room for the agencies' names."""
LANE: Final = 40
NAME: Final = 150
"""Room for a stage's name."""
HEAD: Final = 84
"""Room for months and stages."""
_EDGE: Final = 16


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    line: Happened


@dataclass(frozen=True, slots=True)
class Lane:
    """What one agency did. `agency` is None for what no agency is told of."""

    agency: str | None
    y: float
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A stage: from its begin to its end, or to the end of the picture. Its name stands at `name_x`, written towards
    the picture's begin (`inward`) where there is no room after it.
    """

    x: float
    width: float
    stage: Stage
    name_x: float
    inward: bool


@dataclass(frozen=True, slots=True)
class Picture:
    height: float
    names_x: float
    lanes: tuple[Lane, ...]
    bands: tuple[Band, ...]
    first: datetime
    last: datetime


def drawn(lines: Sequence[Happened], stages: Sequence[Stage], *, mirrored: bool) -> Picture | None:
    """The picture of these lines; None if nothing has happened yet."""
    moments = [line.at for line in lines] + [stage.entered_at for stage in stages]
    if not moments:
        return None
    first, last = min(moments), max(moments)
    span = max((last - first) / timedelta(seconds=1), 1.0)

    def across(at: datetime) -> float:
        room = WIDTH - NAMES - 2 * _EDGE
        x = NAMES + _EDGE + room * ((at - first) / timedelta(seconds=1)) / span
        return round(WIDTH - x if mirrored else x, 1)

    def band(stage: Stage) -> Band:
        begin, end = across(stage.entered_at), across(stage.completed_at or last)
        left, width = min(begin, end), max(abs(end - begin), 6.0)
        inward = width < NAME and (begin < NAME if mirrored else begin > WIDTH - NAME)
        name = (left + width + 6 if mirrored else left - 6) if inward else (left + width - 6 if mirrored else left + 6)
        return Band(left, width, stage, round(name, 1), inward)

    in_order = sorted(lines, key=lambda line: line.at)
    agencies = list(dict.fromkeys(line.by for line in in_order))
    lanes = tuple(
        Lane(
            agency,
            HEAD + LANE * (number + 0.5),
            tuple(Dot(across(line.at), line) for line in in_order if line.by == agency),
        )
        for number, agency in enumerate(agencies)
    )
    height = HEAD + LANE * len(agencies) + _EDGE / 2
    return Picture(height, WIDTH - 8 if mirrored else 8, lanes, tuple(map(band, stages)), first, last)
