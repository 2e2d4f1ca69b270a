"""The `lotse` command in tests, beside a region that runs in the same process."""

import asyncio
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from infra.cli.__main__ import main


@dataclass(frozen=True)
class CommandLine:
    """`lotse`, as an operator types it: in a thread, because it has an event loop of its own."""

    folder: Path
    """Of the running region."""
    patch: pytest.MonkeyPatch

    async def __call__(self, *command: str, **settings: str) -> tuple[int, str]:
        """(exit code, what it said, in one line)"""
        for name, value in settings.items():
            self.patch.setenv(name, value)
        self.patch.setattr("infra.cli.region.FOLDER", self.folder)
        self.patch.setattr("sys.argv", ["lotse", *command])
        return await asyncio.to_thread(self._run)

    def _run(self) -> tuple[int, str]:
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            try:
                main()
                code = 0
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
        return code, " ".join(said.getvalue().split())
