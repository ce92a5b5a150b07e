"""`python -m stress.fuzz [KIND …] [--count N] [--start I] [--seed S] [--index I]`: hostile input, by the thousand.

Each case must give a result or a `HarError`, stay within its limits and leave nothing behind. For one that does not,
the command that reproduces it is printed, and the exit status is 1.
"""

import argparse
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from stress.fuzz.case import CaseSource, Outcome, apply_limits, faults_as_json, run_case

FULL = {"video": 10_000, "archive": 2_000, "classifier": 2_000, "url": 4_000, "query": 1_000}
_REPORT_EVERY = 500


def case_sources() -> dict[str, Callable[[Path, int], CaseSource]]:
    """What makes cases of each kind. Imported late: limits have to be set before."""
    from stress.fuzz.archives import Archives
    from stress.fuzz.classifiers import Classifiers
    from stress.fuzz.queries import Queries
    from stress.fuzz.urls import Urls
    from stress.fuzz.videos import Videos

    return {"video": Videos, "archive": Archives, "classifier": Classifiers, "url": Urls, "query": Queries}


def main() -> None:
    """Run the requested kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(FULL)}; all by default")
    parser.add_argument("--kind", action="append", default=[], help="the same")
    parser.add_argument("--count", type=int, help="cases of each kind; by default as in docs/hostile-input.md")
    parser.add_argument("--start", type=int, default=0, help="number of the first case, to resume a run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--index", type=int, help="only this case")
    options = parser.parse_args()
    names = [*options.kinds, *options.kind] or list(FULL)
    if unknown := set(names) - set(FULL):
        parser.error(f"no such kind: {', '.join(unknown)}")
    fault_count = 0
    for name in names:
        first, count = options.start, options.count or FULL[name] - options.start
        if options.index is not None:
            first, count = options.index, 1
        fault_count += run(name, options.seed, first, count, verbose=options.index is not None)
    sys.exit(1 if fault_count else 0)


def run(name: str, seed: int, first: int, count: int, *, verbose: bool = False) -> int:
    """Run cases of a kind, until Ctrl-C, and print the outcomes; return how many had faults."""
    counts: Counter[str] = Counter()
    slowest, faulty, total_sec = (0.0, -1), 0, 0.0
    with tempfile.TemporaryDirectory(prefix="har-fuzz-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        apply_limits(home)
        source = case_sources()[name](Path(folder), seed)
        with source.tripwire, suppress(KeyboardInterrupt):
            for index in range(first, first + count):
                outcome = run_case(source, index, home)
                counts["fault" if outcome.faults else outcome.name] += 1
                faulty += bool(outcome.faults)
                slowest, total_sec = max(slowest, (outcome.sec, index)), total_sec + outcome.sec
                _print_outcome(name, seed, index, outcome, verbose)
                if (index - first + 1) % _REPORT_EVERY == 0:
                    print(f"… {name} {index + 1}: {faulty} faults, {total_sec:.0f} s", flush=True)
    print(f"{name}: {counts.total()} cases from {first} on, seed {seed}, {total_sec:.0f} s", flush=True)
    print("  " + ", ".join(f"{outcome} {number}" for outcome, number in counts.most_common()), flush=True)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"  slowest: {slowest[1]} with {slowest[0]:.1f} s; largest child process: {largest} MiB")
    print(f"  faults: {faulty}", flush=True)
    return faulty


def _print_outcome(name: str, seed: int, index: int, outcome: Outcome, verbose: bool) -> None:
    if outcome.faults:
        print(
            f"FAULT python -m stress.fuzz {name} --seed {seed} --index {index}  {faults_as_json(outcome)}", flush=True
        )
    elif verbose:
        print(f"{outcome.name}: {outcome.description}, {outcome.sec:.2f} s", flush=True)


if __name__ == "__main__":
    main()
