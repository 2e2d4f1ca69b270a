"""Who may enter which room: import rules between services, layers and capabilities, and what each room may say."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.support.source import ROOT, Sources, calls, dotted, imports, parsed, sources

CLOCKS = ("time.time", "time.monotonic", "time.perf_counter", "datetime.now", "datetime.utcnow", "datetime.today")
IDS = ("uuid1", "uuid4", "uuid6", "uuid7")
CHANCE = ("random.", "secrets.")
LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical"})

MAY_DRAW_LOTS = frozenset(
    {
        "services/desk/session/secrecy.py",  # sessions and log-ins must not be guessed, and each is sealed afresh
        "services/notifications/webhook/signing.py",  # who guesses the secret of a webhook could speak in our name
        "services/intake/participant/use_cases.py",  # reference codes and log-in codes must not be guessed
    }
)
"""Where chance itself is the point: a secret that comes from anywhere but the system's own source could be guessed."""


def strangers_in_a_store(files: Sources) -> list[str]:
    """Imports of a capability's store from outside that capability: each owns its tables."""
    return [
        f"{path}:{line} imports {name}"
        for path, tree in files.items()
        for line, name in imports(tree)
        if (owner := store_owner(name))
        and not path.startswith(f"{owner}/")
        and path != f"{service_of(owner)}/incoming.py"
    ]


def service_of(owner: str) -> str:
    """The service's folder: its incoming.py names the functions of a projection, wherever they are, and calls none."""
    return owner.rpartition("/")[0]


def store_owner(name: str) -> str | None:
    """The capability's folder, if an import reaches into its store."""
    parts = name.split(".")
    return "/".join(parts[:3]) if parts[0] == "services" and parts[3:4] == ["store"] else None


def impure(files: Sources) -> list[str]:
    """Imports of a domain.py that are neither the standard library nor contracts, nor as pure themselves."""
    return [
        f"{path}:{line} imports {name}"
        for path, tree in files.items()
        if path.endswith("/domain.py")
        for line, name in imports(tree)
        if not pure(name, files, path.rpartition("/")[0])
    ]


def pure(name: str, files: Sources, capability: str) -> bool:
    """A domain of the same service, or a module of the same capability, is fine if it is pure all the way down."""
    if name.split(".")[0] in sys.stdlib_module_names | {"contracts"}:
        return True
    candidates = [end.replace(".", "/") + ".py" for end in (name, name.rpartition(".")[0])]
    path = next((candidate for candidate in candidates if candidate in files), "")
    service = capability.rpartition("/")[0]
    kin = path.startswith(f"{capability}/") or (path.startswith(f"{service}/") and path.endswith("/domain.py"))
    return kin and all(pure(below, files, capability) for _, below in imports(files[path]))


def without_init(services: Path) -> list[str]:
    """Folders with code that import-linter and mypy would not see."""
    folders = {file.parent for file in services.rglob("*.py")}
    missing = [folder for folder in folders if folder.name != "versions" and not (folder / "__init__.py").exists()]
    return sorted(folder.relative_to(services).as_posix() for folder in missing)


def own_clocks_and_ids(files: Sources) -> list[str]:
    """Calls that ask the machine for time, ids or chance instead of the transaction (`tx.now`, `tx.ids`)."""
    return [
        f"{path}:{call.lineno} calls {name}"
        for path, tree in files.items()
        for call, name in calls(tree)
        if name.endswith(CLOCKS) or name.rpartition(".")[2] in IDS or (in_chance(name) and path not in MAY_DRAW_LOTS)
    ]


def in_chance(name: str) -> bool:
    return name.startswith(CHANCE) or name in ("os.urandom", "urandom")


def committing(files: Sources) -> list[str]:
    """Commits and roll-backs outside of the edge."""
    return [
        f"{path}:{call.lineno} calls {name}"
        for path, tree in files.items()
        for call, name in calls(tree)
        if name.rpartition(".")[2] in ("commit", "rollback", "begin_nested")
    ]


def composed_log_events(files: Sources) -> list[str]:
    """Log events that are put together: they could carry data, and nobody could search for them."""
    return [
        f"{path}:{node.lineno} logs a composed event"
        for path, tree in files.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LOGGING
        and dotted(node.func.value).rpartition(".")[2] in ("log", "logger", "_log")
        and not (node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str))
    ]


def test_the_import_rules_hold() -> None:
    """Services apart, contracts alone, chassis below, domain pure: rules as data in pyproject.toml."""
    ran = linted(ROOT)

    assert ran.returncode == 0, ran.stdout


def test_a_broken_import_rule_is_found(tmp_path: Path) -> None:
    for package in ("services", "services/matching", "services/referrals"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "services/matching/peek.py").write_text("import services.referrals\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_packages = ["services"]\n\n[[tool.importlinter.contracts]]\nname = "apart"\n'
        'type = "independence"\nmodules = ["services.matching", "services.referrals"]\n'
    )

    ran = linted(tmp_path)

    assert ran.returncode == 1
    assert "services.matching.peek -> services.referrals" in ran.stdout


def test_a_store_belongs_to_its_capability() -> None:
    assert strangers_in_a_store(sources("services", "infra")) == []


def test_a_stranger_in_a_store_is_found() -> None:
    planted = parsed(
        services__intake__grant__api="from services.intake.participant.store import ParticipantRow",
        services__intake__grant__use_cases="from services.intake.participant import domain, store",
        services__intake__participant__api="from services.intake.participant import store",
    )

    assert strangers_in_a_store(planted) == [
        "services/intake/grant/api.py:1 imports services.intake.participant.store.ParticipantRow",
        "services/intake/grant/use_cases.py:1 imports services.intake.participant.store",
    ]


def test_a_domain_knows_the_standard_library_and_the_contracts_only() -> None:
    assert impure(sources("services")) == []


def test_an_impure_domain_is_found() -> None:
    planted = parsed(
        services__intake__grant__domain="import datetime\nimport pydantic\nfrom infra.chassis.db import Tx",
        services__intake__grant__store="import sqlalchemy",
        services__intake__visit__domain="import services.intake.grant.store\nimport services.intake.visit.sums",
        services__intake__visit__sums="import sqlalchemy",
        services__intake__way__domain="from services.intake.way.names import short",
        services__intake__way__names="import contracts.vocabulary",
    )

    assert impure(planted) == [
        "services/intake/grant/domain.py:2 imports pydantic",
        "services/intake/grant/domain.py:3 imports infra.chassis.db.Tx",
        "services/intake/visit/domain.py:1 imports services.intake.grant.store",
        "services/intake/visit/domain.py:2 imports services.intake.visit.sums",
    ]


def test_every_folder_of_a_service_is_a_package() -> None:
    assert without_init(ROOT / "services") == []


def test_a_folder_that_is_no_package_is_found(tmp_path: Path) -> None:
    (tmp_path / "grant").mkdir()
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "grant/api.py").write_text("")

    assert without_init(tmp_path) == ["grant"]


def test_time_and_ids_come_from_the_transaction() -> None:
    assert own_clocks_and_ids(sources("services")) == []


def test_an_own_clock_and_an_own_id_are_found() -> None:
    planted = parsed(
        a="from datetime import datetime\nnow = datetime.now()\n",
        b="import uuid\nnew = uuid.uuid4()\n",
        c="import time, random\nt = time.time()\nr = random.random()\n",
        d="import datetime as dt\nx = dt.datetime.utcnow()\n",
    )

    assert own_clocks_and_ids(planted) == [
        "a.py:2 calls datetime.now",
        "b.py:2 calls uuid.uuid4",
        "c.py:2 calls time.time",
        "c.py:3 calls random.random",
        "d.py:2 calls dt.datetime.utcnow",
    ]


def test_nobody_but_the_edge_commits() -> None:
    assert committing(sources("services")) == []


def test_a_commit_is_found() -> None:
    planted = parsed(a="async def save(tx):\n    await tx.conn.commit()\n")

    assert committing(planted) == ["a.py:2 calls tx.conn.commit"]


def test_log_events_are_plain_words() -> None:
    assert composed_log_events(sources("services", "infra")) == []


def test_a_composed_log_event_is_found() -> None:
    planted = parsed(
        a='log.info(f"registered {name}")',
        b='log.warning("registered " + name)',
        c="log.error(message)",
        d='log.info("registered", reference=code)',
    )

    assert [found.partition(":")[0] for found in composed_log_events(planted)] == ["a.py", "b.py", "c.py"]


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
