"""Ways through three programmes: to every destination, ended early, still under way, with attendance and warnings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.demo.offers import EMPLOYERS, trades
from infra.demo.referrals import granted
from infra.demo.scene import STEP, Known, NotMade, Scene

COMPANY: Final = "hanna"


@dataclass(frozen=True, slots=True)
class Class:
    """A cohort that Vera leads, from its first day on."""

    day: int
    programme: str
    name: str
    bindings: Mapping[str, str]


def _talents(day: int) -> Class:
    bindings = {
        "selects": "job-centre",
        "teaches": "adult-education",
        "coaches": "adult-education",
        "mentors-in-company": "harbour-hotel",
    }
    return Class(day, "talents-fast-track@1", "Talents hotel and gastronomy", bindings)


TALENTS: Final = (_talents(10), _talents(45), _talents(80))
"""Classes that have ended by now."""
RUNNING: Final = _talents(320)
DUOS: Final = Class(
    20, "duo-for-a-job@1", "Duos of the old town", {"matches": "adult-education", "mentors": "migration-advice"}
)
PREPARATION: Final = Class(
    30,
    "start-into-a-job@1",
    "Start into a job at the docks",
    {"employs": "dock-logistics", "teaches": "adult-education"},
)
CLASSES: Final = (*TALENTS, DUOS, PREPARATION, RUNNING)
WITH_PLACE: Final = frozenset({"job", "apprenticeship"})


async def class_opens(scene: Scene, opened: Class) -> None:
    """Before anybody joins it."""
    await scene.diary.until(opened.day - 2 * STEP)
    cohort = {
        "programme": opened.programme,
        "name": f"{opened.name}, {scene.on(opened.day):%B %Y}",
        "starts_on": scene.on(opened.day).isoformat(),
        "bindings": dict(opened.bindings),
    }
    scene.cohorts[opened.day] = (await scene.post("vera", "referrals", "/v1/cohorts", cohort))["id"]


async def interviewed(scene: Scene, known: Known) -> None:
    """Profile and residence are recorded, and shared with the school and for suggestions."""
    dice = scene.dice("interview", known.person.number)
    trade = dice.choice([one for one in trades() if EMPLOYERS[one["company"]] == COMPANY])
    level = dice.choice(["A2", "B1", "B2"])
    languages = [(known.person.language, "C2"), ("de", level)]
    profile = {
        "skills": [
            {"concept": one["concept"], "label": one["label"], "level": "independent"} for one in trade["skills"]
        ],
        "languages": [
            {"language": code, "listening": cefr, "reading": cefr, "spoken": cefr, "written": cefr}
            for code, cefr in languages
        ],
        "occupations": [trade["occupation"]],
        "available_from": scene.today,
    }
    record = f"/v1/participants/{known.id}"
    await scene.put_first(known.worker, "intake", f"{record}/profile", profile)
    since, until = scene.on(-400).isoformat(), scene.on(1400).isoformat()
    residence = {"country": "DE", "status": "recognised-refugee", "since": since, "valid_until": until}
    await scene.put_first(known.worker, "intake", f"{record}/residence", residence)
    await granted(scene, known, "adult-education", "profile", "journey", purpose="Talents fast-track")
    await granted(scene, known, "regional-matching", "profile", purpose="suggestions")


async def joins(scene: Scene, known: Known, of: Class) -> str:
    """The path of the journey that begins with this class."""
    await scene.diary.until(of.day)
    await interviewed(scene, known)
    await scene.diary.night()
    path = f"/v1/cohorts/{scene.cohorts[of.day]}/enrolments"
    asked = await scene.post(known.worker, "referrals", path, {"participant": known.id})
    await scene.diary.night()
    answer = await scene.get(known.worker, "referrals", f"/v1/enrolments/{asked['id']}")
    if answer["journey"] is None:
        raise NotMade(f"{known.reference} was not enrolled: {answer}")
    return f"/v1/journeys/{answer['journey']}"


async def way_to(scene: Scene, known: Known, destination: str, turn: int) -> None:
    """The whole way: class, internship, and where it leads; then how things went."""
    talents = TALENTS[turn % len(TALENTS)]
    day = talents.day
    journey = await joins(scene, known, talents)
    await attends(scene, known, journey, day + 15, absent=turn % 3 == 0)
    await scene.diary.until(day + 70)
    internship = await placed(scene, known, "internship")
    await scene.diary.until(day + 80)
    await scene.act(COMPANY, "matching", internship, "start", {"on": scene.today})
    await scene.diary.until(day + 85)
    await rated(scene, journey, "preparation")
    await scene.post("vera", "referrals", f"{journey}/stages/preparation/complete")
    await scene.diary.until(day + 110)
    await rated(scene, journey, "workplace")
    await scene.post("vera", "referrals", f"{journey}/stages/workplace/complete")
    outcome = "taken-on" if destination == "job" else "completed"
    await scene.act(COMPANY, "matching", internship, "end", {"on": scene.today, "outcome": outcome})
    decision: dict[str, Any] = {"destination": destination}
    if destination in WITH_PLACE:
        place = await placed(scene, known, destination)
        await scene.act(COMPANY, "matching", place, "start", {"on": scene.today})
        decision["placement"] = place.rpartition("/")[2]
    await scene.diary.until(day + 125)
    await scene.post("vera", "referrals", f"{journey}/transition", decision)
    await scene.diary.until(day + 225)
    if turn % 2 == 0:
        found = {"job": "still-employed", "apprenticeship": "in-training"}.get(destination, "looking")
        await scene.post(known.worker, "referrals", f"{journey}/follow-ups/3", {"outcome": found})


async def ends_early(scene: Scene, known: Known) -> None:
    """Somebody moves away in the second month."""
    day = TALENTS[0].day
    journey = await joins(scene, known, TALENTS[0])
    await attends(scene, known, journey, day + 15, absent=True)
    await scene.diary.until(day + 40)
    decision = {"destination": "other", "why": "moved", "reason": "Moved to relatives in another town."}
    await scene.post("vera", "referrals", f"{journey}/transition", decision)


async def under_way(scene: Scene, known: Known, turn: int) -> None:
    """In the class that runs now; of some an early warning is open."""
    journey = await joins(scene, known, RUNNING)
    await attends(scene, known, journey, RUNNING.day + 10, absent=turn % 2 == 0, cleared=False)


async def one_stage(scene: Scene, known: Known, of: Class, stage: str, days: int, destination: str) -> None:
    """A programme of one stage, from start to end."""
    journey = await joins(scene, known, of)
    await attends(scene, known, journey, of.day + 15, absent=False)
    await scene.diary.until(of.day + days)
    await scene.post("vera", "referrals", f"{journey}/stages/{stage}/complete")
    await scene.post("vera", "referrals", f"{journey}/transition", {"destination": destination})


async def attends(scene: Scene, known: Known, journey: str, day: int, *, absent: bool, cleared: bool = True) -> None:
    """Three days of class; who is absent on two of them is asked about it."""
    await scene.diary.until(day)
    for present in (True, not absent, not absent):
        entry = {"on": scene.today, "present": present}
        await scene.post("vera", "referrals", f"{journey}/attendance", entry)
        await scene.diary.night()
    if absent and cleared:
        path = f"{journey}/attention/repeated-absence/clear"
        await scene.post(known.worker, "referrals", path, {"note": "The child was ill; back since Monday."})


async def placed(scene: Scene, known: Known, kind: str) -> str:
    """The path of a placement at the hotel to which both sides have said yes."""
    proposal = {"participant": known.id, "opportunity": scene.places[COMPANY, kind]}
    made = await scene.post(known.worker, "matching", "/v1/placements", proposal)
    path = f"/v1/placements/{made['id']}"
    await scene.act(COMPANY, "matching", path, "accept")
    await scene.act(known.worker, "matching", path, "accept", {"given_how": "signed"})
    await scene.diary.night()
    return path


async def rated(scene: Scene, journey: str, stage: str) -> None:
    """Coach and company say how it went; the participant's own corner stays empty, and is missed."""
    ratings = {"stage": stage, "ratings": {"guest service": 4, "German at work": 3}, "comment": "Getting on well."}
    for who in ("vera", COMPANY):
        await scene.post(who, "referrals", f"{journey}/feedback", ratings)
