"""A participant is proposed for a place that others want, too, and goes the way of a programme."""

from datetime import timedelta
from typing import Any

from tests.simulation.agency import found
from tests.simulation.scene import Person, Scene


async def is_placed(s: Scene, person: Person) -> None:
    """Proposed for a place that others want, too; both sides answer; work begins and ends."""
    await s.until(lambda: bool(s.opportunities))
    if not s.opportunities:
        return
    place = s.opportunities[0] if s.chance.random() < 0.8 else s.chance.choice(s.opportunities)
    body = {"participant": person.id, "opportunity": place}
    for _ in range(10):
        made = await s.agency.ask(person.by, "POST", "matching", "/v1/placements", body)
        if made.is_success:
            break
        await s.agency.rest(20)
    else:
        return
    placement = found(made)["id"]
    s.agency.ledger.add("match-proposed", placement)
    if s.chance.random() < 0.2:
        return  # nobody answers
    sides = [("hanna", {}), (person.by, {"given_how": "spoken"})]
    s.chance.shuffle(sides)
    for who, how in sides:
        if s.chance.random() < 0.1:
            refused = {**how, "reason": "too-far"}
            await _answer(s, who, placement, "decline", refused, "match-declined")
            return
        if not await _answer(s, who, placement, "accept", how, "match-accepted"):
            return
    today = s.world.places["matching"].clock.business().date().isoformat()
    if await _answer(s, "hanna", placement, "start", {"on": today}, "placement-started"):
        await s.agency.rest(s.chance.randrange(20))
        if s.chance.random() < 0.5:
            over = {"on": today, "outcome": "completed"}
            await _answer(s, "hanna", placement, "end", over, "placement-ended")


async def _answer(s: Scene, who: str, placement: str, how: str, body: dict[str, Any], fact: str) -> bool:
    for _ in range(3):
        seen = await s.agency.ask(who, "GET", "matching", f"/v1/placements/{placement}")
        if seen.is_success:
            path = f"/v1/placements/{placement}/{how}"
            done = await s.agency.ask(who, "POST", "matching", path, body, version=found(seen)["version"])
            if done.is_success:
                s.agency.ledger.add(fact, placement)
                return True
        await s.agency.rest(5)
    return False


async def joins(s: Scene, person: Person) -> None:
    """A place in the cohort, attendance, a warning, and where the way leads."""
    await s.until(lambda: bool(s.cohort))
    path = f"/v1/cohorts/{s.cohort}/enrolments"
    for _ in range(10):
        asked = await s.agency.ask(person.by, "POST", "referrals", path, {"participant": person.id})
        if asked.is_success:
            break
        await s.agency.rest(20)
    else:
        return
    enrolment = found(asked)["id"]
    s.agency.ledger.add("enrolment-requested", enrolment)
    journey = None
    for _ in range(6):
        await s.agency.rest(20)
        seen = await s.agency.ask(person.by, "GET", "referrals", f"/v1/enrolments/{enrolment}")
        journey = found(seen).get("journey") if seen.is_success else None
        if journey:
            break
    else:
        return
    await _goes_on(s, person, f"/v1/journeys/{journey}", str(journey))


async def _goes_on(s: Scene, person: Person, path: str, journey: str) -> None:
    today = s.world.places["referrals"].clock.business().date()
    for days in range(2):
        day = {"on": (today + timedelta(days=days)).isoformat(), "present": False}
        seen = await s.agency.ask("vera", "POST", "referrals", f"{path}/attendance", day)
        if seen.status_code == 201:
            s.agency.ledger.add("attendance-recorded", journey)
    note = {"note": "Bus line was changed."}
    cleared = await s.agency.ask(person.by, "POST", "referrals", f"{path}/attention/repeated-absence/clear", note)
    if cleared.is_success:
        s.agency.ledger.add("attention-cleared", journey)
    stage = await s.agency.ask("vera", "POST", "referrals", f"{path}/stages/preparation/complete")
    if stage.is_success:
        s.agency.ledger.add("stage-completed", journey)
    if s.chance.random() < 0.7:
        end = {"destination": "other", "why": "dropped-out", "reason": "moved away"}
        for _ in range(4):
            ended = await s.agency.ask("vera", "POST", "referrals", f"{path}/transition", end)
            if ended.is_success:
                s.agency.ledger.add("transition-decided", journey)
                return
            await s.agency.rest(10)
