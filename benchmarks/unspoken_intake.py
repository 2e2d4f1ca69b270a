"""Intake's API without outbox and audit rows: the other side of G5. For the benchmark only."""

from collections.abc import Sequence
from typing import Any

from infra.chassis import audit, outbox, process
from infra.chassis import service as chassis_service
from infra.chassis.api import serve
from services.intake.service import SERVICE


async def _nothing(*_: Any) -> None:
    return None


class Silent(outbox.Outbox):
    """Says nothing."""

    async def append(self, tx: Any, facts: Sequence[Any]) -> None:
        return None


if __name__ == "__main__":
    audit.note = _nothing  # type: ignore[assignment]
    chassis_service.Outbox = Silent  # type: ignore[attr-defined]
    process.run(serve(SERVICE))
