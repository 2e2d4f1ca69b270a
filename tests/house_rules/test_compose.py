"""`docker-compose.yml` is valid, guards every container, and gives every process of ours exactly what it needs."""

import json
from collections.abc import Mapping
from copy import deepcopy
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra import secret_files
from infra.chassis.service import Service
from infra.chassis.settings import OwnerSettings
from infra.onebox.services import all_services
from infra.realstack import compose
from infra.realstack.stack import LEFT_OUT, STOOD_IN_FOR
from services.desk.session.cookies import Cookies
from services.desk.settings import DeskOwnerSettings, DeskSettings
from tests.support.source import ROOT

Document = dict[str, Any]

WITHOUT_PREFIX = frozenset({"LOTSE_SECRETS_DIR"})
SECRET_WORDS = ("PASSWORD", "SECRET", "_KEY", "TOKEN")
SCHEMA = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
TO_THE_HOST = ("privileged", "network_mode", "pid", "ipc", "devices", "cap_add")


@pytest.fixture(scope="module")
def document() -> Document:
    return compose.read()


def test_the_file_follows_the_compose_specification(document: Document) -> None:
    assert invalid(document) == []


def invalid(document: Document) -> list[str]:
    """Against the specification's own schema, which the package check-jsonschema carries."""
    package = distribution("check-jsonschema")
    schema = json.loads(Path(str(package.locate_file(SCHEMA))).read_text(encoding="utf-8"))
    faults = Draft202012Validator(schema).iter_errors(document)
    return [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in faults]


def unguarded(document: Document) -> list[str]:
    """What a container lacks that every container here must have."""
    found = []
    for name, service in document["services"].items():
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        user = str(service.get("user", "root")).partition(":")[0]
        lacks = {
            "a read-only disk": service.get("read_only") is not True,
            "a user that is not root": user in ("root", "0", ""),
            "no new privileges": "no-new-privileges:true" not in service.get("security_opt", []),
            "dropped capabilities": service.get("cap_drop") != ["ALL"],
            "limits of CPU, memory and processes": not limits.keys() >= {"cpus", "memory", "pids"},
            "a log that is rotated": "max-size" not in service.get("logging", {}).get("options", {}),
            "a health check, as it lasts": runs_on(service) and not service.get("healthcheck", {}).get("test"),
            "a restart policy": "restart" not in service,
            "a pinned image": ":" not in service.get("image", "") and not built(service, document),
            "a network of its own choice": not service.get("networks"),
            "distance from the host": any(key in service for key in TO_THE_HOST),
        }
        found += [f"{name} lacks {what}" for what, missing in lacks.items() if missing]
    return found


def runs_on(service: Mapping[str, Any]) -> bool:
    return not str(service.get("restart", "")).startswith("on-failure")


def built(service: Mapping[str, Any], document: Document) -> bool:
    """Whether the file builds the image itself."""
    return any("build" in other and other.get("image") == service["image"] for other in document["services"].values())


def test_every_container_is_guarded(document: Document) -> None:
    assert unguarded(document) == []


def published(document: Document) -> dict[str, list[str]]:
    return {name: service["ports"] for name, service in document["services"].items() if "ports" in service}


def test_only_the_proxy_can_be_reached_and_only_from_this_machine_unless_told_otherwise(document: Document) -> None:
    assert published(document).keys() == {"proxy"}
    assert [port.partition(":")[0] for port in published(document)["proxy"]] == ["127.0.0.1", "127.0.0.1"]
    elsewhere = published(compose.read({"LOTSE_BIND": "0.0.0.0", "LOTSE_PORT": "443"}))  # noqa: S104 - asked for
    assert elsewhere["proxy"] == ["0.0.0.0:443:443", "127.0.0.1:8081:8081"], "the operators' port never goes outside"


def test_database_and_bus_have_no_way_out(document: Document) -> None:
    assert document["networks"]["back"]["internal"] is True
    assert document["services"]["postgres"]["networks"] == document["services"]["kafka"]["networks"] == ["back"]


def plain_secrets(document: Document) -> list[str]:
    """Settings that say a secret in the file itself, where everybody reads it."""
    return [
        f"{name}: {setting}"
        for name, service in document["services"].items()
        for setting, value in service.get("environment", {}).items()
        if setting.endswith(SECRET_WORDS) or ("://" in str(value) and "@" in str(value))
    ]


def test_no_secret_stands_in_the_file(document: Document) -> None:
    assert plain_secrets(document) == []


def test_every_secret_is_a_file_that_somebody_gets(document: Document) -> None:
    given = {secret for service in document["services"].values() for secret in service.get("secrets", ())}

    assert given == document["secrets"].keys()
    for name, secret in document["secrets"].items():
        assert secret == {"file": f"{secret_files.FOLDER}/{name}"}


def owners_addresses(document: Document) -> list[str]:
    """Long-running containers that could act as the owner of a database."""
    return [
        f"{name} gets {secret}"
        for name, service in document["services"].items()
        if runs_on(service)
        for secret in service.get("secrets", ())
        if "owner" in secret or "admin_url" in secret
    ]


def test_only_what_ends_at_once_knows_an_owner_of_a_database(document: Document) -> None:
    assert owners_addresses(document) == []


def strange_settings(document: Document, services: tuple[Service, ...]) -> list[str]:
    """Settings and secrets given to a service's process that its settings class does not have."""
    found = []
    for name, part in compose.ours(document).items():
        service = next((each for each in services if each.name == name.partition("-")[0]), None)
        if service is None:
            continue
        known = {*service.settings.model_fields, *OwnerSettings.model_fields}
        prefix = f"{service.name}_"
        for given in (*part.environment, *part.secrets):
            if given not in WITHOUT_PREFIX and given.lower().removeprefix(prefix) not in known:
                found.append(f"{name}: {given}")
    return found


def test_every_setting_in_the_file_is_one_of_the_service(document: Document) -> None:
    assert strange_settings(document, all_services()) == []


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_api_and_worker_get_every_setting_that_they_need(service: Service, document: Document) -> None:
    parts = compose.ours(document)

    for name in (service.name, f"{service.name}-worker"):
        assert missing(service, parts[name]) == []
    assert set(parts[f"{service.name}-migrate"].secrets) == {
        f"{service.name}_{field}" for field in OwnerSettings.model_fields
    }


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_an_operator_s_commands_get_what_each_service_has_and_its_owners(service: Service, document: Document) -> None:
    by_hand = compose.ours(document)["lotse"]

    assert missing(service, by_hand) == []
    assert set(by_hand.secrets) >= {f"{service.name}_{field}" for field in OwnerSettings.model_fields}


def test_nobody_but_an_operator_starts_the_operators_container(document: Document) -> None:
    assert document["services"]["lotse"]["profiles"]
    assert not any("lotse" in service.get("depends_on", {}) for service in document["services"].values())


def missing(service: Service, part: compose.Part) -> list[str]:
    """Settings without a default that the container is not given."""
    given = {name.lower() for name in (*part.environment, *part.secrets)}
    required = [name for name, field in service.settings.model_fields.items() if field.is_required()]
    return [name for name in required if f"{service.name}_{name}" not in given]


def test_every_service_migrates_before_it_starts_and_runs_its_own_image(document: Document) -> None:
    parts = compose.ours(document)
    for service in all_services():
        for name in (service.name, f"{service.name}-worker"):
            assert parts[name].after[f"{service.name}-migrate"] == compose.COMPLETED
        images = {document["services"][name]["image"] for name in parts if name.partition("-")[0] == service.name}
        assert images == {f"lotse/{service.name}"}
        assert document["services"][service.name]["build"]["args"] == {"SERVICE": service.name}


def test_the_desk_gets_what_it_needs_and_nothing_else(document: Document) -> None:
    parts = compose.ours(document)
    given = {name.lower().removeprefix("desk_") for name in (*parts["desk"].environment, *parts["desk"].secrets)}
    given -= {name.lower() for name in WITHOUT_PREFIX}

    assert given <= DeskSettings.model_fields.keys()
    assert given >= {name for name, field in DeskSettings.model_fields.items() if field.is_required()}
    assert {f"desk_{name}" for name in DeskOwnerSettings.model_fields} == set(parts["desk-migrate"].secrets)
    assert parts["desk"].after["desk-migrate"] == compose.COMPLETED
    assert {document["services"][name]["image"] for name in ("desk", "desk-migrate")} == {"lotse/desk"}
    assert document["services"]["desk"]["build"]["args"] == {"SERVICE": "desk"}


@pytest.mark.parametrize(
    ("variables", "cookie"),
    [
        ({}, "__Host-lotse-session"),
        ({"LOTSE_ORIGIN": "https://lotse.example", "LOTSE_PORT": "443"}, "__Host-lotse-session"),
        ({"LOTSE_ENVIRONMENT": "demo", "LOTSE_ORIGIN": "http://lotse.localhost:8443"}, "lotse-session"),
    ],
)
def test_the_desk_takes_the_origin_of_the_file(variables: dict[str, str], cookie: str) -> None:
    """Whatever the file gives, the desk checks by itself whether cookies would be safe there."""
    assert Cookies(desk_of(compose.read(variables)).tls).session == cookie


@pytest.mark.parametrize(
    "variables",
    [
        {"LOTSE_ORIGIN": "http://lotse.localhost:8443"},
        {"LOTSE_ENVIRONMENT": "demo", "LOTSE_ORIGIN": "http://lotse.example"},
    ],
)
def test_the_desk_does_not_start_where_a_cookie_could_be_stolen(variables: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="without TLS a cookie can be stolen"):
        desk_of(compose.read(variables))


def desk_of(document: Document) -> DeskSettings:
    """The desk's settings as its container has them, with other secrets."""
    part = compose.ours(document)["desk"]
    values = {name.lower().removeprefix("desk_"): value for name, value in part.environment.items()}
    secrets = dict.fromkeys((name.removeprefix("desk_") for name in part.secrets), "a secret")
    return DeskSettings.model_validate(values | secrets)


def test_whoever_is_waited_for_can_reach_that(document: Document) -> None:
    """A container that lasts gets healthy, one that ends completes; compose would wait for the other for ever."""
    for name, service in document["services"].items():
        for other, wanted in service.get("depends_on", {}).items():
            lasting = runs_on(document["services"][other])
            assert wanted["condition"] == (compose.HEALTHY if lasting else compose.COMPLETED), (
                f"{name} waits for {other}"
            )


def test_every_container_runs_on_the_real_stack_or_is_left_out_with_a_reason(document: Document) -> None:
    ours = compose.ours(document).keys() - LEFT_OUT.keys()

    assert ours | STOOD_IN_FOR.keys() | LEFT_OUT.keys() == document["services"].keys()
    assert not ours & STOOD_IN_FOR.keys()
    assert all(reason.strip() for reason in (*STOOD_IN_FOR.values(), *LEFT_OUT.values()))


def test_what_is_mounted_from_the_tree_is_there(document: Document) -> None:
    for service in document["services"].values():
        for volume in service.get("volumes", ()):
            source, target, *mode = volume.split(":")
            assert source in document["volumes"] or (ROOT / source).exists(), source
            assert not source.startswith("./") or mode == ["ro"], f"{target} is writable"


# --- positive controls ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "finds"),
    [
        ("read_only", "a read-only disk"),
        ("user", "a user that is not root"),
        ("security_opt", "no new privileges"),
        ("cap_drop", "dropped capabilities"),
        ("deploy", "limits of CPU, memory and processes"),
        ("logging", "a log that is rotated"),
        ("healthcheck", "a health check, as it lasts"),
        ("restart", "a restart policy"),
        ("networks", "a network of its own choice"),
    ],
)
def test_a_container_without_a_guard_is_found(document: Document, change: str, finds: str) -> None:
    changed = deepcopy(document)
    del changed["services"]["intake"][change]

    assert f"intake lacks {finds}" in unguarded(changed)


def test_a_plain_secret_a_strange_and_a_forgotten_setting_are_found(document: Document) -> None:
    changed = deepcopy(document)
    intake = changed["services"]["intake"]
    intake["environment"] = intake["environment"] | {"INTAKE_MASTER_KEY": "c2VjcmV0", "INTAKE_COLOUR": "blue"}
    intake["secrets"] = [name for name in intake["secrets"] if name != "intake_database_url"]

    assert plain_secrets(changed) == ["intake: INTAKE_MASTER_KEY"]
    assert "intake: INTAKE_COLOUR" in strange_settings(changed, all_services())
    assert missing(all_services()[0], compose.ours(changed)["intake"]) == ["database_url"]


def test_what_compose_does_not_know_is_found(document: Document) -> None:
    changed = deepcopy(document)
    changed["services"]["intake"]["comand"] = "misspelt"

    assert any("comand" in fault for fault in invalid(changed))


def test_an_owner_s_address_in_a_running_service_is_found(document: Document) -> None:
    changed = deepcopy(document)
    changed["services"]["intake"]["secrets"] = ["intake_owner_database_url"]

    assert owners_addresses(changed) == ["intake gets intake_owner_database_url"]


def test_variables_are_filled_in_like_compose_does(tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text('a: "${ONE:-first}"\nb: "$$(<file)"\nc: "${TWO}"\n')

    assert compose.read({"TWO": "2"}, file) == {"a": "first", "b": "$(<file)", "c": "2"}
    assert compose.read({"TWO": "2", "ONE": "1"}, file)["a"] == "1"
    with pytest.raises(LookupError, match="TWO"):
        compose.read({}, file)
