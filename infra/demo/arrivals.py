"""How the people come in: two files of two agencies through the import, and what is then asked and confirmed."""

from pathlib import Path
from typing import Any

from infra.demo.people import Invented, file_of_job_centre, file_of_migration_advice, invent
from infra.demo.scene import STEP, Known, NotMade, Scene
from infra.importing import participants as importing
from infra.importing.reading import read_file
from infra.importing.report import write_to_mend


async def people_come_in(scene: Scene, folder: Path) -> None:
    """Both files are read, sent, and what is wrong in them reported, as `lotse import participants` does."""
    size = scene.size
    dice = scene.dice("people")
    invented = invent(dice, size.people - size.twice)
    ours = invented[: size.at_job_centre]
    scripts = [one for one in ours if one.own_script][: size.twice]
    theirs = [*scripts, *invented[size.at_job_centre :]]
    if len(scripts) < size.twice:
        raise NotMade("too few people with a name in two scripts: choose another seed")
    for who, name, data, people in (
        ("jonas", "job-centre.csv", file_of_job_centre(dice, ours), ours),
        ("mira", "migration-advice.csv", file_of_migration_advice(dice, theirs), theirs),
    ):
        file = folder / name
        file.write_bytes(data)
        scene.known += await _imported(scene, who, file, people)


async def _imported(scene: Scene, who: str, file: Path, people: list[Invented]) -> list[Known]:
    async def call(batch: dict[str, Any]) -> Any:
        return await scene.post(who, "intake", importing.PATH, batch)

    table = read_file(file)
    columns = importing.complete(importing.proposal(table), table)
    by_phone = {person.phone: person for person in people}
    [phone] = [heading for heading, name in columns.items() if name == "phone"]
    came = [
        one async for batch in importing.send(table, columns, call, dates=None, trial=False, mine=True) for one in batch
    ]
    write_to_mend(file, table.headings, came)
    return [
        Known(by_phone[one.line.cells[phone]], one.record, who, one.reference or "", one.possible_match)
        for one in came
        if one.record is not None and one.outcome == "registered"
    ]


async def asked_about(scene: Scene, known: Known, answer: str) -> None:
    """A possible match: both sides confirm, one declines, a link turns out a mistake, or nobody has looked yet."""
    await scene.diary.until(STEP)
    path = f"/v1/participants/{known.id}/possible-matches"
    found = [one for one in await scene.get(known.worker, "intake", path) if one["other_agency"] == "job-centre"]
    if not found or answer == "open":
        return
    match = f"/v1/possible-matches/{found[0]['candidate']}"
    if answer == "declined":
        await scene.post(known.worker, "intake", f"{match}/decline")
        return
    for who in ("mira", "jonas"):
        await scene.post(who, "intake", f"{match}/confirm")
    if answer == "mistaken":
        await scene.diary.until(60)
        linked = [one for one in await scene.get(known.worker, "intake", path) if one["link"]]
        await scene.post(known.worker, "intake", f"/v1/links/{linked[0]['link']}/remove")
