"""What the region offers: services by need, and places with what they ask for."""

from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import yaml

from infra.demo.scene import Scene

SERVICES: Final = Path(__file__).parent / "services.yaml"
TRADES: Final = Path(__file__).parent / "trades.yaml"
EMPLOYERS: Final = {
    "harbour-hotel": "hanna",
    "city-kitchen": "rosa",
    "dock-logistics": "max",
    "coding-school": "nora",
}
KINDS: Final = ("internship", "job", "apprenticeship", "job-sampling", "training")
STATES: Final = ("capacity", "capacity", "waitlist", "no-capacity")
ROOM: Final = 50
"""Places of an opportunity of which the demo's journeys make use."""


def trades() -> list[dict[str, Any]]:
    """Occupations with skills, from ESCO."""
    found: list[dict[str, Any]] = yaml.safe_load(TRADES.read_text(encoding="utf-8"))
    return found


async def services_are_listed(scene: Scene) -> None:
    """Some are full, some have a waiting list."""
    by_need: dict[str, list[tuple[str, str]]] = yaml.safe_load(SERVICES.read_text(encoding="utf-8"))
    for need, offers in by_need.items():
        for number, (who, name) in enumerate(offers[: scene.size.services_per_need]):
            state = STATES[number % len(STATES)]
            service = {
                "name": name,
                "need": need,
                "languages": ["de", "ar", "uk"][: 1 + number % 3],
                "capacity_state": state,
                "free_places": 5 if state == "capacity" else 0,
            }
            await scene.post(who, "referrals", "/v1/directory/services", service)


async def places_are_published(scene: Scene) -> None:
    """Every trade in every kind, until there are enough; one of ten stays a draft."""
    dice = scene.dice("places")
    every = [(kind, trade) for trade in trades() for kind in KINDS]
    for number, (kind, trade) in enumerate(islice(cycle(every), scene.size.opportunities)):
        who = EMPLOYERS[trade["company"]]
        place = {
            "kind": kind,
            "title": f"{trade['label'].capitalize()} ({kind.replace('-', ' ')})",
            "occupation": trade["occupation"],
            "region": dice.choice(["harbour district", "old town", "north side"]),
            "capacity": ROOM if kind in ("internship", "job", "apprenticeship") else dice.randint(1, 4),
            "starts_on": scene.on(dice.randint(20, 330)).isoformat(),
            "must_skills": [{"concept": trade["skills"][0]["concept"], "level": "basic"}],
            "can_skills": [
                {"concept": one["concept"], "level": "basic", "weight": weight}
                for weight, one in enumerate(trade["skills"][1:], 1)
            ],
            "language_needs": [{"language": "de", "level": dice.choice(["A1", "A2", "B1"])}],
            "description": "Invented for the demo region.",
        }
        made = await scene.post(who, "matching", "/v1/opportunities", place)
        if number % 10 != 9:
            await scene.post(who, "matching", f"/v1/opportunities/{made['id']}/publish")
            scene.places.setdefault((who, kind), made["id"])
