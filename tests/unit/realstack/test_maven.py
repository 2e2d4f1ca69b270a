"""What the real servers are made of is fetched once, and a missing program is named in one line."""

from pathlib import Path

import pytest

from infra.realstack import maven
from infra.realstack.keycloak import keycloak

ARTIFACT = "org.example:a-thing:1.2:zip"


def test_what_is_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (tmp_path / "a-thing-1.2.zip").write_text("it")
    assert maven.fetch(ARTIFACT, tmp_path) == tmp_path / "a-thing-1.2.zip"


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "java").write_text("#!/bin/sh\n")
    (tmp_path / "java").chmod(0o755)
    with pytest.raises(maven.NotInstalled, match="need mvn on the PATH"):
        maven.fetch(ARTIFACT, tmp_path)


async def test_keycloak_without_java_says_so_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(maven.NotInstalled, match="java and mvn"):
        async with keycloak():
            raise AssertionError("it can't have started")


def test_the_words_of_a_failed_maven_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("java", "exit 0"), ("mvn", "echo no such artifact; exit 1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(RuntimeError, match="no such artifact"):
        maven.fetch(ARTIFACT, tmp_path)


def test_the_cache_is_where_lotse_cache_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_CACHE", str(tmp_path / "kept"))
    assert maven.cache() == tmp_path / "kept"
    with maven.alone("a-thing"):
        assert (tmp_path / "kept" / "a-thing.lock").exists()
