"""Proposals at the desk: blind for the company until both have accepted, and answered once."""

from tests.support.desk import at_the_desk
from tests.support.matching import Matching
from tests.support.region import Region


async def test_a_company_answers_blind_and_sees_the_name_once_both_have_accepted(region: Region) -> None:
    matching = Matching(region)
    proposal = await matching.proposal(await matching.participant(), await matching.opportunity())
    await region.settled()
    placement = str(proposal["id"])
    hanna, jonas = await at_the_desk(region, "hanna"), await at_the_desk(region, "jonas")
    seen = await jonas.open(f"/placements/{placement}")
    name = seen.text.partition("Participant ")[2].partition(" Company")[0]
    path = f"/placements/{placement}"

    blind = await hanna.open(path)
    assert "You see name and contact once both sides have accepted." in blind.text
    assert name
    assert name not in blind.html
    answered = await hanna.send(blind, f"{path}/accept")
    assert "Your yes is recorded." in answered.text
    assert not answered.has_form(f"{path}/accept")

    late = await jonas.send(seen, f"{path}/accept", given_how="spoken")
    assert late.status == 412
    assert "Somebody answered while you were reading" in late.text
    assert "Your yes is recorded." in (await jonas.send(late, f"{path}/accept", given_how="spoken")).text
    await region.settled()
    assert name in (await hanna.open(path)).text


async def test_strangers_find_no_proposal(region: Region) -> None:
    matching = Matching(region)
    proposal = await matching.proposal(await matching.participant(), await matching.opportunity())
    await region.settled()
    for who in ("mira", "vera", "opal"):
        assert (await (await at_the_desk(region, who)).open(f"/placements/{proposal['id']}")).status == 404
