"""`python -m stress.fuzz [KIND …] [--count N] [--start I] [--seed S] [--index I]`: hostile input, by the thousand.

Each case gives a result or a `HarError`, within its limits, and leaves nothing behind. Whichever does not is named with
the command that makes it again, and the exit status is 1.
"""

import argparse
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from stress.fuzz.case import Kind, Outcome, bound, examine, plainly

FULL = {"video": 10_000, "archive": 2_000, "classifier": 2_000, "url": 4_000, "query": 1_000}
_TELL_EVERY = 500


def kinds() -> dict[str, Callable[[Path, int], Kind]]:
    """Who makes cases of each kind. Imported here: settings are to be set before."""
    from stress.fuzz.addresses import Addresses
    from stress.fuzz.archives import Archives
    from stress.fuzz.classifiers import Classifiers
    from stress.fuzz.queries import Queries
    from stress.fuzz.videos import Videos

    return {"video": Videos, "archive": Archives, "classifier": Classifiers, "url": Addresses, "query": Queries}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(FULL)}; all by default")
    parser.add_argument("--kind", action="append", default=[], help="the same")
    parser.add_argument(
        "--count", type=int, help="cases of each; as many as docs/hostile-input.md speaks of by default"
    )
    parser.add_argument("--start", type=int, default=0, help="the number of the first, to go on where a run was ended")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--index", type=int, help="this one alone")
    chosen = parser.parse_args()
    wanted = [*chosen.kinds, *chosen.kind] or list(FULL)
    if unknown := set(wanted) - set(FULL):
        parser.error(f"no such kind: {', '.join(unknown)}")
    fault_count = 0
    for name in wanted:
        first, count = chosen.start, chosen.count or FULL[name] - chosen.start
        if chosen.index is not None:
            first, count = chosen.index, 1
        fault_count += run(name, chosen.seed, first, count, told=chosen.index is not None)
    sys.exit(1 if fault_count else 0)


def run(name: str, seed: int, first: int, count: int, *, told: bool = False) -> int:
    """Examine cases of a kind and print what came of them, also of those before Ctrl-C; how many had faults."""
    counts: Counter[str] = Counter()
    slowest, faulty, total_sec = (0.0, -1), 0, 0.0
    with tempfile.TemporaryDirectory(prefix="har-fuzz-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        bound(home)
        kind = kinds()[name](Path(folder), seed)
        with kind.canary, suppress(KeyboardInterrupt):
            for index in range(first, first + count):
                outcome = examine(kind, index, home)
                counts["fault" if outcome.faults else outcome.name] += 1
                faulty += bool(outcome.faults)
                slowest, total_sec = max(slowest, (outcome.sec, index)), total_sec + outcome.sec
                _tell(name, seed, index, outcome, told)
                if (index - first + 1) % _TELL_EVERY == 0:
                    print(f"… {name} {index + 1}: {faulty} faults, {total_sec:.0f} s", flush=True)
    print(f"{name}: {counts.total()} cases from {first} on, seed {seed}, {total_sec:.0f} s", flush=True)
    print("  " + ", ".join(f"{outcome} {number}" for outcome, number in counts.most_common()), flush=True)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"  slowest: {slowest[1]} with {slowest[0]:.1f} s; largest child, makers of seeds among them, {largest} MiB")
    print(f"  faults: {faulty}", flush=True)
    return faulty


def _tell(name: str, seed: int, index: int, outcome: Outcome, told: bool) -> None:
    if outcome.faults:
        print(f"FAULT python -m stress.fuzz {name} --seed {seed} --index {index}  {plainly(outcome)}", flush=True)
    elif told:
        print(f"{outcome.name}: {outcome.told}, {outcome.sec:.2f} s", flush=True)


if __name__ == "__main__":
    main()
