"""Finding somebody at a desk: as the name was heard, by what is known of the birth date, by a number on a slip."""

from uuid import UUID, uuid4

from sqlalchemy import text

from infra.chassis import deadlines
from infra.chassis.deadlines import call_next
from services.intake.participant.use_cases import INDEX, index_again
from tests.support.arrivals import name
from tests.support.matching import good
from tests.support.region import Person, Region


async def register(by: Person, given_name: str, family_name: str, **contact: str) -> str:
    body = {
        "identity": {
            "given_name": given_name,
            "family_name": family_name,
            "birth": {"year": 1994, "month": 5, "day": 17},
        },
        "contact": contact,
    }
    return str(good(await by.post("intake", "/v1/participants", body), 201)["id"])


async def found(who: Person, query: str, **more: str | int) -> list[str]:
    page = good(await who.get("intake", "/v1/participants", params={"q": query, **more}))
    return [one["id"] for one in page["items"]]


async def test_a_name_is_found_as_it_was_heard_and_the_spelling_typed_comes_first(region: Region) -> None:
    jonas = await region.as_("jonas")
    family = name()
    written = [await register(jonas, given, family) for given in ("Mohammed", "محمد", "Muhamad", "Мохаммед")]
    assert sorted(await found(jonas, f"muhammad {family}")) == sorted(written)
    first, *_ = await found(jonas, f"Mohammed {family}")
    assert first == written[0], "though it is the oldest"
    assert await found(jonas, f"{family} moham") == [written[0]], "a beginning is as it is written"


async def test_pages_go_on_behind_those_that_fit_to_the_letter(region: Region) -> None:
    jonas = await region.as_("jonas")
    family = name()
    written = [await register(jonas, given, family) for given in ("Yusuf", "Jussuf", "Youssef", "Yusuf", "Yousuf")]
    seen = list[str]()
    more: dict[str, str] = {}
    for _ in range(len(written)):
        page = good(await jonas.get("intake", "/v1/participants", params={"q": f"yusuf {family}", "limit": 2, **more}))
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        more = {"after": page["next"]}
    assert seen == [written[number] for number in (3, 0, 4, 2, 1)]


async def test_parts_of_the_birth_date_narrow_a_name_down(region: Region) -> None:
    jonas = await region.as_("jonas")
    family = name()
    amal = await register(jonas, "Amal", family)
    for asked in ("1994", "17.5.", "17.05.1994", "1994-05"):
        assert await found(jonas, f"{family} {asked}") == [amal]
    assert await found(jonas, f"{family} 1993") == []


async def test_a_number_is_found_in_any_writing(region: Region) -> None:
    jonas = await region.as_("jonas")
    digits = f"{uuid4().int % 10**8:08}"
    amal = await register(jonas, name(), name(), phone=f"+49 (0)30 {digits[:4]} {digits[4:]}")
    for asked in (f"0049 30{digits}", f"030/{digits[:3]}-{digits[3:]}", digits):
        assert await found(jonas, asked) == [amal]


async def test_a_changed_name_is_no_longer_found_by_the_old_one(region: Region) -> None:
    jonas = await region.as_("jonas")
    old, new = name(), name()
    amal = await register(jonas, "Amal", old)
    change = {"identity": {"given_name": "Amal", "family_name": new}}
    good(await jonas.patch("intake", f"/v1/participants/{amal}", change, headers={"If-Match": '"1"'}))
    assert await found(jonas, old[:5]) == []
    assert await found(jonas, new[:5]) == [amal]


async def test_records_of_a_release_before_are_found_by_all_that_this_one_knows(region: Region) -> None:
    jonas = await region.as_("jonas")
    family = name()
    amal = await register(jonas, "Amal", family)
    db = region.box.runtimes["intake"].db
    async with db.transaction() as tx:
        await tx.execute(text("delete from participant.token where participant = :amal"), {"amal": amal})
    assert await found(jonas, family) == []
    async with db.transaction() as tx:
        await deadlines.put(tx, INDEX, uuid4(), tx.now, after=str(UUID(int=UUID(amal).int - 1)))
    await call_next(db, {INDEX: index_again})
    await region.settled()
    assert await found(jonas, f"{family[:5]} 17.5.") == [amal]
