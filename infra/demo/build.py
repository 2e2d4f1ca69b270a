"""Makes the demo region: everybody's life in one year, from one seed, in steps of business time up to today."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Final

from contracts.vocabulary import Destination
from infra.demo import arrivals, journeys, offers, referrals
from infra.demo.diary import Diary, Life
from infra.demo.scene import STEP, YEAR, Known, NotMade, Scene
from infra.demo.size import Size
from infra.story.cast import Region

SEED: Final = 7
Tell = Callable[[str, int], None]
"""What is being made, and how many of the year's days are over."""
MATCHES: Final = ("linked", "declined", "open", "linked", "mistaken")
ENDS: Final = ("expires", "withdrawn", "narrowed", "stays")


async def build(
    region: Region, folder: Path, size: Size, began: datetime, tell: Tell = lambda *_: None, seed: int = SEED
) -> Scene:
    """The region with a year behind it. `began` is its business time now; files of the imports go into `folder`.

    Raises `NotMade` with the request that the region refused.
    """
    scene = Scene(region, size, seed, began, Diary(lambda days: scene.turn(days), STEP))
    tell("services and places", 0)
    await offers.services_are_listed(scene)
    await offers.places_are_published(scene)
    tell(f"{size.people} people from two files", 0)
    await arrivals.people_come_in(scene, folder)
    await region.settled()
    if len(scene.known) != size.people:
        raise NotMade(f"{len(scene.known)} of {size.people} people came in")
    await scene.diary.live(_lives(scene), YEAR, lambda day: tell("a year", day))
    await region.settled()
    return scene


def _lives(scene: Scene) -> Iterator[Life]:
    """Who does what: the same for the same seed."""
    size = scene.size
    for opened in journeys.CLASSES:
        yield partial(journeys.class_opens, scene, opened)
    ours = iter([one for one in scene.known if one.worker == "jonas"])
    for turn in range(size.ways):
        for number, destination in enumerate(Destination):
            yield partial(journeys.way_to, scene, next(ours), destination.value, turn + number)
        yield partial(journeys.one_stage, scene, next(ours), journeys.DUOS, "duo", 185, "job")
        yield partial(
            journeys.one_stage, scene, next(ours), journeys.PREPARATION, "preparation", 240, "further-training"
        )
    yield partial(journeys.ends_early, scene, next(ours))
    for turn in range(size.under_way):
        yield partial(journeys.under_way, scene, next(ours), turn)
    anybody = cycle(scene.known[::-1])
    for turn in range(size.referrals_per_state):
        for number, state in enumerate(referrals.STATES):
            yield partial(referrals.referred, scene, next(anybody), state, turn + number)
    for how in ENDS:
        yield partial(referrals.grant_that_ends, scene, next(anybody), how)
    matched: list[Known] = [one for one in scene.known if one.worker == "mira" and one.possible_match]
    for known, answer in zip(matched, cycle(MATCHES)):
        yield partial(arrivals.asked_about, scene, known, answer)
