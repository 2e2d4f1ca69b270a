"""No file of the project names a package registry, a path of somebody's machine or a secret."""

import re
import subprocess
from collections.abc import Mapping

from tests.support.source import ROOT

REGISTRIES = re.compile(
    r"https?://[^\s\"'`<>]*?(py[p]i[.]org|python[h]osted|registry[.]npm[j]s|repo1?[.]m[a]ven|/simple\b|artifactory|nexus)"
    r"|--(extra-)?index-url[ =]http|^\s*index-url\s*=",
    re.IGNORECASE | re.MULTILINE,
)
PATHS = re.compile(r"(?<![\w.$}/~-])/(root|work|home/\w+|Users/\w+|tmp/[\w.-]+/)[\w./-]*")
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{10,}"
    r"|\b(ghp|gho|glpat|xox[abp]|sk|AKIA)[-_]?[A-Za-z0-9]{20,}"
    r"|(?i:(?:password|passwd|secret|api_?key|token)\s*[:=]\s*[\"']?)(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{20,}={0,2}"
)
DEMO = "demo"
"""A file that says so in its first lines may hold log-ins: they open made-up people on one machine."""
OURSELVES = "tests/house_rules/test_what_files_hold.py"


def faults_of(files: Mapping[str, str]) -> list[str]:
    """Lines that should not be there."""
    found = []
    for path, content in files.items():
        of_demo = DEMO in "\n".join(content.splitlines()[:5]).lower()
        for number, line in enumerate(content.splitlines(), 1):
            found += [f"{path}:{number} names a registry"] * bool(REGISTRIES.search(line))
            found += [f"{path}:{number} names a path of a machine"] * bool(PATHS.search(line))
            found += [f"{path}:{number} looks like a secret"] * bool(not of_demo and SECRETS.search(line))
    return found


def files_of_the_project() -> dict[str, str]:
    """Every text file that git knows, or would take up."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [path for path in listed.split("\0") if path and path != OURSELVES and (ROOT / path).is_file()]
    contents = {path: (ROOT / path).read_bytes() for path in paths}
    return {path: content.decode() for path, content in contents.items() if b"\0" not in content[:4096]}


def test_no_file_holds_what_belongs_to_one_machine() -> None:
    assert faults_of(files_of_the_project()) == []


def test_the_search_sees_the_files() -> None:
    assert {"pyproject.toml", "contracts/facts.yaml"} <= files_of_the_project().keys()


def test_planted_registries_paths_and_secrets_are_found() -> None:
    planted = {
        "a": "--index-" + "url https://example.org/simple",
        "b": "see https://py" + "pi.org/project/x",
        "c": "open /ro" + "ot/keys or /ho" + "me/ann/x",
        "d": "cd /tmp/build/x",
        "e": "-----BEGIN RSA PRIVATE KEY-----",
        "f": 'client_secret = "f3a9c1b77de04b5fa1c29d8e"',
        "g": "token: eyJhbGciOiJSUzI1NiIsInR5.eyJzdWIiOiIxMjM0NTY3ODkw.c2lnbmF0dXJl",
    }

    assert {found.partition(":")[0] for found in faults_of(planted)} == set(planted)


def test_what_only_looks_like_it_is_let_through() -> None:
    harmless = {
        "a": "route /v1/work/participants and ./work/x and $HOME/work",
        "b": "password = settings.database_url.get_secret_value()",
        "c": 'pattern=r"^P-[A-Z2-9]{4}-[A-Z2-9]{4}$"',
        "d": "# a demo\nclient_secret: f3a9c1b77de04b5fa1c29d8e",
    }

    assert faults_of(harmless) == []
