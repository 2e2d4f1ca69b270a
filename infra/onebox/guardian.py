"""The program behind `children.py`: waits until its standard input closes, then ends whom it was told of.

Each line is a process id and the signal that ends it. Runs without any package, so that it costs next to nothing.
"""

import os
import select
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress


def guard(lines: Iterable[str]) -> None:
    """Whoever is told of and still runs when the lines end gets its signal."""
    charges: list[tuple[int, int]] = []
    for line in lines:
        pid, by = (int(word) for word in line.split())
        gone = {charge for charge, _ in charges if select.select([charge], [], [], 0)[0]}
        for charge in gone:
            os.close(charge)
        charges = [(charge, by) for charge, by in charges if charge not in gone]
        with suppress(ProcessLookupError):
            charges.append((os.pidfd_open(pid), by))  # of this process, whoever gets its number after it
    for charge, by in charges:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(charge, by)


if __name__ == "__main__":
    guard(sys.stdin)
