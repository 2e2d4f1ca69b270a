"""The one-shot that fills in the realm file: the demo's people only in a demo, secrets from files."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.keycloak.__main__ import fill_in
from infra.realstack import compose

SECRETS = ("intake_client_secret", "notifications_client_secret", "desk_client_secret", "admin_client_secret")


def realm(environment: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name in SECRETS:
        monkeypatch.setenv(name.upper(), f"drawn for {name}")
    monkeypatch.setenv("LOTSE_ENVIRONMENT", environment)
    monkeypatch.setenv("LOTSE_DESK_URL", "https://lotse.example")
    document: dict[str, Any] = json.loads(fill_in(folder).read_text())
    return document


def usernames(document: dict[str, Any]) -> set[str]:
    return {user["username"] for user in document["users"]}


def test_production_begins_with_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = {name for name in usernames(realm("production", tmp_path, monkeypatch)) if not name.startswith("service-")}

    assert people == set()


def test_a_demo_begins_with_its_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"jonas", "mira", "opal"} <= usernames(realm("demo", tmp_path, monkeypatch))


def test_each_client_has_the_secret_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = realm("production", tmp_path, monkeypatch)
    held = {client["clientId"]: client["secret"] for client in document["clients"] if "secret" in client}

    assert held == {
        "intake-service": "drawn for intake_client_secret",
        "notifications-service": "drawn for notifications_client_secret",
        "lotse-desk": "drawn for desk_client_secret",
        "lotse-admin": "drawn for admin_client_secret",
    }
    assert "${LOTSE" not in json.dumps(document), "nothing was left open"


def test_compose_gives_it_what_it_reads() -> None:
    part = compose.ours(compose.read())["realm"]

    assert set(part.secrets) == set(SECRETS)
    assert part.environment.keys() == {"LOTSE_SECRETS_DIR", "LOTSE_ENVIRONMENT", "LOTSE_DESK_URL"}
