"""The people file: what is in the demo's, and how a wrong one is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.vocabulary import Role
from infra.chassis.identity.embedded.app import NotForProduction, assert_loopback
from infra.chassis.identity.embedded.people import Client, PeopleFileError, load_people

DEMO = Path("infra/onebox/people.yaml")


def test_the_demos_people_are_those_of_the_story() -> None:
    people = load_people(DEMO)
    jonas = people.by_username("jonas")
    assert jonas is not None
    assert (jonas.agency, jonas.roles, jonas.email) == (
        "job-centre",
        frozenset({Role.CASEWORKER}),
        "jonas@job-centre.example",
    )
    assert {p.username for p in people.people} >= {"jonas", "mira", "ken", "vera", "hanna", "aud", "opal"}
    assert "DEMO ONLY" in DEMO.read_text()
    assert people.password not in repr(people)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("people", 0, "roles"), ["boss"], "people.0.roles"),
        (("people", 0, "roles"), ["participant"], "people.jonas.roles"),
        (("people", 0, "id"), "one", "people.0.id"),
        (("people", 0, "agency"), "nowhere", "'nowhere' is not among the agencies"),
        (("people", 0, "username"), "mira", "'mira' is there twice"),
        (("people", 0, "colour"), "red", "people.0.colour"),
        (("password",), "short", "password"),
        (("clients", 0, "redirect_uris"), ["https://example.org/callback"], "no plain loopback address"),
        (("clients", 0, "redirect_uris"), [], "needs a secret, redirect_uris or both"),
        (("clients", 1, "roles"), ["caseworker"], "clients that act for themselves"),
        (("clients", 2, "rights"), ["everything"], "everything is no right"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_file_is_refused_with_the_place(
    tmp_path: Path, place: tuple[Any, ...], value: object, said: str
) -> None:
    content: Any = yaml.safe_load(DEMO.read_text())
    inside = content
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    file = tmp_path / "people.yaml"
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(PeopleFileError, match=said.replace(".", r"\.")) as refused:
        load_people(file)
    assert "harbour-lights-demo" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "people: [", "just words"])
def test_no_people_file_at_all(tmp_path: Path, text: str) -> None:
    file = tmp_path / "people.yaml"
    with pytest.raises(PeopleFileError, match=r"people\.yaml"):
        load_people(file)
    file.write_text(text)
    with pytest.raises(PeopleFileError, match=r"people\.yaml"):
        load_people(file)


def test_a_redirect_goes_to_the_registered_address_and_nowhere_else() -> None:
    cli = Client(client_id="cli", redirect_uris=("http://127.0.0.1:*/callback",))
    assert cli.may_redirect_to("http://127.0.0.1:51234/callback")
    for elsewhere in (
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1:80.evil.example/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:80/callback/../other",
        "http://127.0.0.1:80/callback?next=//evil.example",
        "http://127.0.0.1:80/callback\n",
        "http://127.0.0.1:٨٠/callback",
        "https://127.0.0.1:80/callback",
        "http://127a0b0c1:80/callback",
        "//evil.example/callback",
        "",
    ):
        assert not cli.may_redirect_to(elsewhere), elsewhere


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_this_machine_may_be_bound(host: str) -> None:
    assert_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.7", "localhost.evil.example", "lotse.example"])  # noqa: S104
def test_nothing_else_may_be_bound(host: str) -> None:
    with pytest.raises(NotForProduction, match=r"127\.0\.0\.1 only"):
        assert_loopback(host)
