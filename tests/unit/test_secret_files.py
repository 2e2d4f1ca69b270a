"""The secrets of a deployment, as `lotse secrets` draws them."""

import base64
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from infra import secret_files
from infra.realstack import compose


def drawn(folder: Path) -> dict[str, str]:
    secret_files.draw(compose.read()["secrets"], folder)
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_every_secret_of_the_compose_file_is_drawn_and_no_two_are_alike(tmp_path: Path) -> None:
    found = drawn(tmp_path / "secrets")

    assert found.keys() == compose.read()["secrets"].keys()
    assert len(set(found.values())) == len(found)
    assert all(len(text) >= 16 for text in found.values())


def test_what_is_there_stays(tmp_path: Path) -> None:
    first = drawn(tmp_path / "secrets")
    (tmp_path / "secrets/notifications_smtp_url").write_text("smtps://me:word@mail.example:465")
    (tmp_path / "secrets/intake_master_key").unlink()

    second = drawn(tmp_path / "secrets")

    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"notifications_smtp_url", "intake_master_key"}, "one was put in, one was missing"
    assert second["notifications_smtp_url"] == "smtps://me:word@mail.example:465"


def test_an_address_is_for_one_role_and_both_databases_share_its_password(tmp_path: Path) -> None:
    found = drawn(tmp_path / "secrets")
    rows, keys = (conninfo_to_dict(found[f"intake_{kind}database_url"]) for kind in ("", "keys_"))
    owner, keys_owner = (conninfo_to_dict(found[f"intake_{kind}database_url"]) for kind in ("owner_", "keys_owner_"))

    assert (rows["user"], rows["dbname"]) == ("intake", "lotse_intake")
    assert (keys["user"], keys["dbname"]) == ("intake", "lotse_intake_keys")
    assert (keys_owner["user"], keys_owner["dbname"]) == ("intake_owner", "lotse_intake_keys")
    assert rows["password"] == keys["password"]
    assert owner["password"] == keys_owner["password"] != rows["password"]
    assert conninfo_to_dict(found["postgres_admin_url"])["password"] == found["postgres_password"]
    assert len(base64.b64decode(found["intake_master_key"], validate=True)) == 32


def test_the_folder_is_closed_and_its_files_can_be_read_by_a_containers_user(tmp_path: Path) -> None:
    drawn(tmp_path / "secrets")

    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()} == {0o644}
