"""The prepared records of intake: one per kind of right, each made over HTTP as an agency would make it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from contracts.vocabulary import Category, NeedDomain
from tests.matrix.asking import HOME, LINKED, OTHER, Kept, Matrix
from tests.matrix.table import EVERYTHING, GRANTED, MAIN, OVER
from tests.support.arrivals import name

FAR: Final = timedelta(days=300)
SOON: Final = timedelta(seconds=3)
"""So long the grant lives that shall have expired."""
LEVELS: Final = ("own", "team", "agency", "shared")
THIRD = "matrix-third"


async def prepare(matrix: Matrix) -> None:
    """Every record that a situation names."""
    matrix.records[MAIN] = await record(matrix, EVERYTHING, barriers=tuple(NeedDomain), notes=LEVELS)
    for situation, opened in GRANTED.items():
        domains = tuple(NeedDomain) if "barriers" in situation else (NeedDomain.HEALTH,)
        levels = LEVELS if "notes" in situation else ()
        matrix.records[situation] = await record(matrix, opened, barriers=domains, notes=levels)
    matrix.records["granted to others"] = await record(matrix, EVERYTHING, recipient=THIRD)
    for over in OVER:
        matrix.records[over] = await ended(matrix, over)
    await linked(matrix)
    main = matrix.records[MAIN].ids
    main |= {"soon": (datetime.now(UTC) + FAR).isoformat(), "nobody": str(uuid4()), "account": str(uuid4())}
    await has_expired(matrix)


def caseworker(matrix: Matrix, agency: str = HOME) -> str:
    return matrix.tokens.token("caseworker", agency, use="prepares")


async def good(matrix: Matrix, method: str, path: str, body: Any = None, agency: str = HOME, **more: Any) -> Any:
    answer = await matrix.send(method, path, caseworker(matrix, agency), "intake", json=body, **more)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()


async def record(
    matrix: Matrix,
    opened: frozenset[Category],
    *,
    recipient: str = OTHER,
    barriers: tuple[NeedDomain, ...] = (NeedDomain.HEALTH,),
    notes: tuple[str, ...] = (),
    **grant: Any,
) -> Kept:
    """Somebody with all that intake can know, of whom `recipient` may see what is `opened`."""
    given, family, phone = name(), name(), f"040{uuid4().int % 10**9:09}"
    body = {
        "identity": {"given_name": given, "family_name": family, "birth": {"year": 1990}},
        "contact": {"phone": phone, "address": "12 Harbour Lane"},
    }
    made = await good(matrix, "POST", "/v1/participants", body)
    participant = made["id"]
    ids = {"participant": participant, "reference": made["reference"], "phone": phone}
    for domain in barriers:
        body = {"domain": domain, "severity": "low", "note": "no place yet"}
        ids["barrier"] = (await good(matrix, "POST", f"/v1/participants/{participant}/barriers", body))["id"]
    for level in notes:
        body = {"text": "wants to work in the mornings", "level": level}
        ids["note"] = (await good(matrix, "POST", f"/v1/participants/{participant}/notes", body))["id"]
    given_grant = await good(
        matrix,
        "POST",
        f"/v1/participants/{participant}/grants",
        {
            "recipient": recipient,
            "categories": sorted(opened),
            "purpose": "the matrix",
            "valid_until": (datetime.now(UTC) + FAR).isoformat(),
            "language": "ar",
            **grant,
        },
    )
    ids["grant"] = given_grant["id"]
    return Kept(ids, (given, family), phone)


async def ended(matrix: Matrix, how: str) -> Kept:
    """A record whose grant of everything is over."""
    if how == "expired":
        return await record(matrix, EVERYTHING, valid_until=(datetime.now(UTC) + SOON).isoformat())
    by_law: dict[str, Any] = {"basis": "statutory-task", "norm": "SGB II § 16a"} if how == "objected" else {}
    kept = await record(matrix, EVERYTHING, **by_law)
    await good(matrix, "POST", f"/v1/grants/{kept.ids['grant']}/end", {"why": how})
    return kept


async def has_expired(matrix: Matrix) -> None:
    """Wait for the grant that was given for seconds only."""
    for _ in range(200):
        path = f"/v1/participants/{matrix.records['expired'].ids['participant']}/profile"
        if (await matrix.send("GET", path, caseworker(matrix, OTHER), "intake")).status_code == 404:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the grant of a few seconds still lives")


async def linked(matrix: Matrix) -> None:
    """The main record once had a link to a record of another agency, which was taken back, and has one to another."""
    main = matrix.records[MAIN]
    first = await joined(matrix, main)
    main.ids["link"] = first["link"]
    await good(matrix, "POST", f"/v1/links/{first['link']}/remove", agency=LINKED)
    main.ids["candidate"] = (await joined(matrix, main))["candidate"]


async def joined(matrix: Matrix, main: Kept) -> Any:
    """A record of another agency is linked to the main one, as both agencies say; what that agency sees of it."""
    given, family = main.names
    body = {"identity": {"given_name": given, "family_name": family, "birth": {"year": 1990}}}
    other = (await good(matrix, "POST", "/v1/participants", body, LINKED))["id"]
    matches = await good(matrix, "GET", f"/v1/participants/{other}/possible-matches", agency=LINKED)
    [match] = [one for one in matches if one["other_agency"] == HOME]
    path = f"/v1/possible-matches/{match['candidate']}/confirm"
    await good(matrix, "POST", path)
    return await good(matrix, "POST", path, agency=LINKED)
