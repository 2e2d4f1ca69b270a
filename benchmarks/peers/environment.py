"""An environment for peers: `requirements/bench.txt` in `.bench/`, made when a benchmark first needs it.

Nothing of it enters `.venv`: the peers' side is a process of that interpreter.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".bench"
PINS: Final = ROOT / "requirements" / "bench.txt"


class NoPeers(Exception):
    """They could not be installed, so nothing can be said beside them."""


def _made() -> Path:
    python, mark = FOLDER / "bin" / "python", FOLDER / "pins.txt"
    if not mark.exists() or mark.read_text() != PINS.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([str(python), *install, "--requirement", str(PINS)], check=True)
        mark.write_text(PINS.read_text())
    return python


async def interpreter() -> Path:
    """The peers' Python; installs what is missing, which takes a minute or two the first time. Raises `NoPeers`."""
    try:
        return await asyncio.to_thread(_made)
    except subprocess.CalledProcessError as failed:
        raise NoPeers("The peers could not be installed into .bench/ (pip's reason is above).") from failed
