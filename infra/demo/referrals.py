"""Referrals of every state, and the disclosure grants that they rest on: some live, some over."""

from typing import Any, Final

from infra.demo.scene import STEP, Known, Scene

HELPERS: Final = (
    ("family", "family-advice", "ken"),
    ("health", "harbour-clinic", "lena"),
    ("housing", "housing-help", "tom"),
    ("legal", "legal-advice", "iris"),
    ("mental-health", "harbour-clinic", "lena"),
    ("finance", "family-advice", "ken"),
)
Steps = tuple[tuple[str, str, dict[str, Any]], ...]
"""(which side, action, body) one after the other."""
YES: Final = ("receiver", "accept", {"contact_name": "Front desk"})
GO: Final[tuple[str, str, dict[str, Any]]] = ("receiver", "start", {})
NO_ANSWER: Final = {"reason_code": "could-not-reach", "reason_text": "No answer to three calls."}
STATES: Final[dict[str, tuple[int, Steps]]] = {
    "draft": (330, ()),
    "requested": (355, ()),
    "expired": (60, ()),
    "accepted": (345, (YES,)),
    "rejected": (90, (("receiver", "reject", {"reason_code": "no-capacity", "reason_text": "Full until autumn."}),)),
    "cancelled": (
        120,
        (("sender", "cancel", {"reason_code": "participant-declined", "reason_text": "Changed plans."}),),
    ),
    "in-progress": (335, (YES, GO)),
    "on-hold": (
        335,
        (YES, GO, ("receiver", "hold", {"reason_code": "missing-documents", "reason_text": "Card lost."})),
    ),
    "completed": (45, (YES, GO, ("receiver", "complete", {"outcome": "got-help"}))),
    "failed": (150, (YES, ("receiver", "fail", NO_ANSWER))),
    "entered-in-error": (200, (YES, ("sender", "mark-error", {}))),
}
"""State -> (day on which it is sent, what happens afterwards, one a step)."""


async def referred(scene: Scene, known: Known, state: str, turn: int) -> None:
    """One referral to the state in which it stays."""
    day, steps = STATES[state]
    need, agency, helper = HELPERS[turn % len(HELPERS)]
    await scene.diary.until(day - STEP)
    barrier = {"domain": need, "severity": "medium", "note": "Told in the first talk."}
    await scene.post(known.worker, "intake", f"/v1/participants/{known.id}/barriers", barrier)
    await granted(scene, known, agency, "identity", "contact", f"barriers.{need}")
    await scene.diary.night()  # the others have heard of it by then
    sent = await scene.post(
        known.worker,
        "referrals",
        "/v1/referrals",
        {
            "participant": known.id,
            "need": need,
            "receiver": agency,
            "urgency": "urgent" if turn % 5 == 0 else "routine",
            "note": "Please call in the morning.",
            "contact_name": f"{known.worker.capitalize()}, front office",
            "draft": state == "draft",
        },
    )
    for side, action, body in steps:
        await scene.diary.night()
        who = known.worker if side == "sender" else helper
        await scene.act(who, "referrals", f"/v1/referrals/{sent['id']}", action, body)


async def granted(
    scene: Scene, known: Known, recipient: str, *categories: str, purpose: str = "help", until: int = 700
) -> str:
    """The id of a grant that holds until that day."""
    grant = {
        "recipient": recipient,
        "categories": list(categories),
        "basis": "consent",
        "purpose": purpose,
        "valid_until": scene.moment(until),
        "recorded_how": "signed-form",
        "language": known.person.language,
    }
    path = f"/v1/participants/{known.id}/grants"
    made: str = (await scene.post(known.worker, "intake", path, grant))["id"]
    return made


async def grant_that_ends(scene: Scene, known: Known, how: str) -> None:
    """By time, by withdrawal, or in part."""
    await scene.diary.until(30)
    end = 200 if how == "expires" else 700
    grant = await granted(scene, known, "adult-education", "identity", "profile", purpose="a course", until=end)
    await scene.diary.until(180)
    if how == "withdrawn":
        await scene.post(known.worker, "intake", f"/v1/grants/{grant}/end", {"why": "withdrawn"})
    elif how == "narrowed":
        await scene.post(known.worker, "intake", f"/v1/grants/{grant}/narrow", {"keep": ["profile"]})
