"""A process that is to end does end, also when a library's thread hangs."""

import subprocess
import sys
from time import monotonic

from infra.chassis.process import HUNG

HANGS = """
import threading
from infra.chassis.process import end_within
threading.Thread(target=threading.Event().wait).start()
end_within(0.5)
"""


def test_a_process_that_hangs_is_ended() -> None:
    begun = monotonic()
    ran = subprocess.run([sys.executable, "-c", HANGS], timeout=20, check=False)
    assert ran.returncode == HUNG
    assert monotonic() - begun < 10


def test_a_process_that_ends_by_itself_is_left_alone() -> None:
    done = "from infra.chassis.process import end_within; end_within(30)"
    begun = monotonic()
    assert subprocess.run([sys.executable, "-c", done], timeout=20, check=True).returncode == 0
    assert monotonic() - begun < 10
