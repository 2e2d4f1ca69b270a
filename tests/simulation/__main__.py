"""`make simulate SEEDS=1-300`: plays seeds on all cores, says how fast, and shows what a failing one did."""

import sys
import time

from tests.simulation.pool import Game, play_all
from tests.simulation.run import Result


def main(words: list[str]) -> int:
    """The exit code: 1 if any seed showed a violation."""
    first, _, last = (words[0] if words else "1-100").partition("-")
    seeds = range(int(first), int(last or first) + 1)
    started, failed, done = time.perf_counter(), [], 0
    for _, result in play_all(Game((seed,)) for seed in seeds):
        done += 1
        print(line(result), flush=True)
        if result.violations:
            failed.append(result.seed)
            print(told(result), flush=True)
    minutes = (time.perf_counter() - started) / 60
    print(
        f"{done} seeds, {len(failed)} failed{f': {sorted(failed)}' if failed else ''}; {done / minutes:.0f} seeds/min"
    )
    return 1 if failed else 0


def line(result: Result) -> str:
    """One seed on one line."""
    verdict = f"{len(result.violations)} VIOLATIONS" if result.violations else "sound"
    return f"seed {result.seed:6}  {verdict:14} {result.steps:5} steps  {result.seconds:5.1f} s  {result.hash}"


def told(result: Result) -> str:
    """What a failing seed did last, what is wrong, and how to see it again."""
    wrong = "\n".join(f"  - {violation}" for violation in result.violations[:20])
    last = "\n".join(result.trail)
    return f"last steps:\n{last}\nwrong:\n{wrong}\nagain: make simulate SEEDS={result.seed}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
