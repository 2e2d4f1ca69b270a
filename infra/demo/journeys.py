"""Ways through the fast-track: to every destination, ended early, and still under way, with attendance and warnings."""

from typing import Any, Final

from infra.demo.help import granted
from infra.demo.offers import EMPLOYERS, trades
from infra.demo.scene import Known, NotMade, Scene

BINDINGS: Final = {
    "selects": "job-centre",
    "teaches": "adult-education",
    "coaches": "adult-education",
    "mentors-in-company": "harbour-hotel",
}
COMPANY: Final = "hanna"
FIRST_CLASSES: Final = (6, 40, 74)
"""Days on which classes begin that have ended by now."""
RUNNING_CLASS: Final = 320
WITH_PLACE: Final = frozenset({"job", "apprenticeship"})


async def classes_open(scene: Scene) -> None:
    """The cohorts, each when it is known who takes part."""
    for day in (*FIRST_CLASSES, RUNNING_CLASS):
        await scene.diary.until(day - 4)
        cohort = {
            "programme": "talents-fast-track@1",
            "name": f"Talents hotel and gastronomy, {scene.on(day):%B %Y}",
            "starts_on": scene.on(day).isoformat(),
            "bindings": BINDINGS,
        }
        scene.cohorts[day] = (await scene.post("vera", "referrals", "/v1/cohorts", cohort))["id"]


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


async def joins(scene: Scene, known: Known, day: int) -> str:
    """The path of the journey that begins on this day."""
    await scene.diary.until(day - 2)
    await interviewed(scene, known)
    await scene.diary.until(day)
    path = f"/v1/cohorts/{scene.cohorts[day]}/enrolments"
    asked = await scene.post(known.worker, "referrals", path, {"participant": known.id})
    await scene.diary.until(day + 2)
    answer = await scene.get(known.worker, "referrals", f"/v1/enrolments/{asked['id']}")
    if answer["journey"] is None:
        raise NotMade(f"{known.reference} was not enrolled: {answer}")
    return f"/v1/journeys/{answer['journey']}"


async def way_to(scene: Scene, known: Known, destination: str, turn: int) -> None:
    """The whole way: class, internship, and where it leads; then how things went."""
    day = FIRST_CLASSES[turn % len(FIRST_CLASSES)]
    journey = await joins(scene, known, day)
    await attends(scene, known, journey, day + 14, absent=turn % 3 == 0)
    await scene.diary.until(day + 70)
    internship = await placed(scene, known, "internship")
    await scene.diary.until(day + 80)
    await scene.act(COMPANY, "matching", internship, "start", {"on": scene.today})
    await scene.diary.until(day + 84)
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
        await scene.diary.until(day + 114)
        await scene.act(COMPANY, "matching", place, "start", {"on": scene.today})
        decision["placement"] = place.rpartition("/")[2]
    await scene.diary.until(day + 116)
    await scene.post("vera", "referrals", f"{journey}/transition", decision)
    await scene.diary.until(day + 218)
    if turn % 2 == 0:
        found = {"job": "still-employed", "apprenticeship": "in-training"}.get(destination, "looking")
        await scene.post(known.worker, "referrals", f"{journey}/follow-ups/3", {"outcome": found})


async def ends_early(scene: Scene, known: Known) -> None:
    """Somebody moves away in the second month."""
    day = FIRST_CLASSES[0]
    journey = await joins(scene, known, day)
    await attends(scene, known, journey, day + 14, absent=True)
    await scene.diary.until(day + 40)
    decision = {"destination": "other", "why": "moved", "reason": "Moved to relatives in another town."}
    await scene.post("vera", "referrals", f"{journey}/transition", decision)


async def under_way(scene: Scene, known: Known, turn: int) -> None:
    """In the class that runs now; of some an early warning is open."""
    journey = await joins(scene, known, RUNNING_CLASS)
    await attends(scene, known, journey, RUNNING_CLASS + 10, absent=turn % 2 == 0, cleared=False)


async def attends(scene: Scene, known: Known, journey: str, day: int, *, absent: bool, cleared: bool = True) -> None:
    """Three days of class; who is absent on two of them is asked about it."""
    for days, present in ((0, True), (2, not absent), (4, not absent)):
        await scene.diary.until(day + days)
        entry = {"on": scene.today, "present": present}
        await scene.post("vera", "referrals", f"{journey}/attendance", entry)
    if absent and cleared:
        await scene.diary.until(day + 6)
        path = f"{journey}/attention/repeated-absence/clear"
        await scene.post(known.worker, "referrals", path, {"note": "The child was ill; back since Monday."})


async def placed(scene: Scene, known: Known, kind: str) -> str:
    """The path of a placement at the hotel to which both sides have said yes."""
    proposal = {"participant": known.id, "opportunity": scene.places[COMPANY, kind]}
    made = await scene.post(known.worker, "matching", "/v1/placements", proposal)
    path = f"/v1/placements/{made['id']}"
    await scene.act(COMPANY, "matching", path, "accept")
    await scene.act(known.worker, "matching", path, "accept", {"given_how": "signed"})
    await scene.diary.until(scene.diary.day + 2)
    return path


async def rated(scene: Scene, journey: str, stage: str) -> None:
    """Coach and company say how it went; the participant's own corner stays empty, and is missed."""
    ratings = {"stage": stage, "ratings": {"guest service": 4, "German at work": 3}, "comment": "Getting on well."}
    for who in ("vera", COMPANY):
        await scene.post(who, "referrals", f"{journey}/feedback", ratings)
