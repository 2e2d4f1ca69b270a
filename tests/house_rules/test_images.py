"""The recipes of our images: pinned, hashed, not root, and with nothing in them that nobody copied on purpose."""

import re
from pathlib import Path

import pytest

from contracts.topics import SERVICES
from tests.support.source import ROOT

OURS = ROOT / "infra/images/Dockerfile"
RECIPES = sorted(ROOT.glob("infra/**/Dockerfile"))

each = pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.relative_to(ROOT).as_posix())


def unpinned(text: str) -> list[str]:
    """Bases without a version, or with one that moves."""
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, flags=re.MULTILINE))
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", text, flags=re.MULTILINE))
    bases = [
        re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], base)
        for base in re.findall(r"^FROM (\S+)", text, flags=re.MULTILINE)
    ]
    return [base for base in bases if base not in stages and not re.search(r":v?\d", base)]


def copied(text: str) -> list[str]:
    """What is taken from the tree, with the name of every service in turn."""
    found = re.findall(r"^COPY (?!--from)(\S+) \S+$", text, flags=re.MULTILINE)
    return sorted({source.replace("${SERVICE}", service) for source in found for service in SERVICES})


def last_user(stage: str) -> str:
    return next(iter(re.findall(r"^USER (\S+)$", stage, flags=re.MULTILINE)[-1:]), "root")


@each
def test_every_base_has_a_version(recipe: Path) -> None:
    assert unpinned(recipe.read_text()) == []


@each
def test_what_is_copied_is_there(recipe: Path) -> None:
    assert [source for source in copied(recipe.read_text()) if not (ROOT / source).exists()] == []


@pytest.mark.parametrize("stage", ["operations", "service"])
def test_our_processes_are_not_root_and_cannot_change_their_code(stage: str) -> None:
    text = OURS.read_text().partition(f" AS {stage}\n")[2].partition("\nFROM ")[0]

    assert last_user(text) == "10001:10001"
    assert text.rindex("COPY") < text.rindex("USER"), "what is copied belongs to root"


def test_packages_are_taken_by_their_hashes_only() -> None:
    [install] = re.findall(r"pip install [^\\\n]*", OURS.read_text())

    assert "--require-hashes" in install


def test_nothing_reaches_the_builder_that_is_not_named() -> None:
    first, *rest = (ROOT / "infra/images/Dockerfile.dockerignore").read_text().split()
    let_in = [line.removeprefix("!").removesuffix("/*.txt") for line in rest if line.startswith("!")]

    assert first == "*"
    assert [one for one in copied(OURS.read_text()) if not any(one.startswith(allowed) for allowed in let_in)] == []


def test_a_moving_base_and_a_root_are_found() -> None:
    assert unpinned("FROM python\nFROM caddy:latest AS a\nFROM a\nFROM caddy:2.10") == ["python", "caddy:latest"]
    assert last_user("COPY a a\n") == "root"
