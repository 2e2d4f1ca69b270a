"""A participant is referred to another agency, which answers in one of the ways there are."""

from typing import Any, Final

from tests.simulation.agency import found
from tests.simulation.scene import Person, Scene

DONE: Final = {
    "claim": "referral-claimed",
    "accept": "referral-accepted",
    "start": "referral-started",
    "hold": "referral-on-hold",
    "resume": "referral-resumed",
    "reject": "referral-rejected",
    "complete": "referral-completed",
    "fail": "referral-failed",
    "cancel": "referral-cancelled",
}


async def is_referred(s: Scene, person: Person) -> None:
    await _refer(s, person, {"receiver": "family-advice"})


async def is_called_for(s: Scene, person: Person) -> None:
    await _refer(s, person, {})


async def _refer(s: Scene, person: Person, to: dict[str, str]) -> None:
    body = {"participant": person.id, "need": "family", "note": "Two children.", **to}
    body["urgency"] = s.chance.choice(("routine", "urgent"))
    for _ in range(8):
        sent = await s.agency.ask(person.by, "POST", "referrals", "/v1/referrals", body)
        if sent.is_success:
            break
        await s.agency.rest(20)
    else:
        return
    referral = found(sent)["id"]
    s.agency.ledger.add("referral-requested", referral)
    for action, more in _answers(s, claimed=not to):
        await s.agency.rest(s.chance.randrange(6))
        who = person.by if action == "cancel" and s.chance.random() < 0.5 else "ken"
        if not await _act(s, who, referral, action, more):
            return


def _answers(s: Scene, *, claimed: bool) -> list[tuple[str, dict[str, Any]]]:
    why = {"reason_code": "other", "reason_text": "for a reason"}
    answers: list[tuple[str, dict[str, Any]]] = [("claim", {})] if claimed else []
    end = s.chance.choice(("reject", "complete", "fail", "cancel", "wait", "wait"))
    if end == "reject":
        return [*answers, ("reject", why)]
    if end == "wait" and s.chance.random() < 0.5:
        return answers
    answers += [("accept", {}), ("start", {})]
    if s.chance.random() < 0.4:
        answers += [("hold", why), ("resume", {})]
    last: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "complete": [("complete", {"outcome": "got-help"})],
        "fail": [("fail", why)],
        "cancel": [("cancel", why)],
    }
    return answers + last.get(end, [])


async def _act(s: Scene, who: str, referral: str, action: str, body: dict[str, Any]) -> bool:
    for _ in range(3):
        seen = await s.agency.ask(who, "GET", "referrals", f"/v1/referrals/{referral}")
        if seen.is_success:
            path = f"/v1/referrals/{referral}/{action}"
            done = await s.agency.ask(who, "POST", "referrals", path, body, version=found(seen)["version"])
            if done.is_success:
                s.agency.ledger.add(DONE[action], referral)
                return True
            if done.status_code != 412:
                return False
        await s.agency.rest(5)
    return False
