"""What a process of ours has started ends with it, even when it is killed and nobody is left to stop anything.

Kafka and Keycloak are started in the same way (ruff refuses another one) and are not tried here: they take their time.
"""

import json
import sys
from pathlib import Path

from infra.onebox import children
from tests.support.source import ROOT
from tests.support.waiting import until

PARENT = """
import asyncio, json, sys
from pathlib import Path
from infra.onebox import children, postgres
from infra.realstack import postgres as deployed

async def main(folder):
    onebox = postgres.start(folder, keep=False).get_pid()
    async with deployed.postgres() as server:
        brief = await children.start(sys.executable, "-c", "")
        await brief.wait()
        long = await children.start(sys.executable, "-c", "import time; time.sleep(600)", start_new_session=True)
        told = folder.with_name("told")
        told.write_text(json.dumps([onebox, server.pid, long.pid]))
        told.rename(folder.with_name("started"))
        await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1])))
"""


def runs(pid: int) -> bool:
    """It is there, and is more than a name that nobody has asked after."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_whatever_was_started_ends_with_a_killed_process(tmp_path: Path) -> None:
    """Both PostgreSQL servers (as root they run as somebody else) and a process in a session of its own."""
    file = tmp_path / "started"
    parent = await children.start(sys.executable, "-c", PARENT, str(tmp_path / "data"), cwd=ROOT)

    async def told() -> bool:
        return file.exists()

    try:
        await until(told, "everything is started", within=60)
        started = json.loads(file.read_text())
        assert all(runs(pid) for pid in started)
    finally:
        parent.kill()
        await parent.wait()

    async def all_gone() -> bool:
        return not any(runs(pid) for pid in started)

    await until(all_gone, "what it had started is gone", within=5)
